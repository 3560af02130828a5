//! What each route asks for, and what of it the audit keeps: one line for each.

use crate::access::Role;
use crate::control::Scope;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: whoever asks is told.
    Public,
    /// A key or token that the route looks at itself: what is shared of people.
    Shared,
    /// A key that reads what is shared; no member.
    LookupKey,
    /// To report facts and ask for messages.
    Report,
    /// To bring lists of people from outside.
    Lists,
    /// To read.
    Read,
    /// To change what is said to whom.
    Edit,
    /// To change how the installation works.
    Own,
    /// To be signed in; no key.
    SignedIn,
}

/// What the audit keeps of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nothing: it changes nothing.
    Nothing,
    /// Nothing: what it brings is kept as the facts that it is, in the log.
    Facts,
    /// The route writes its row itself, since nobody is signed in before it.
    ByItself,
    /// A row.
    Row(&'static str),
    /// A row if a member asks; of what programs ask for the ledger of messages is the record.
    OfMembers(&'static str),
    /// A row when a past begins to be imported: one in an hour and key.
    Import,
}

/// One route.
#[derive(Debug)]
pub struct Rule {
    /// The method.
    pub method: &'static str,
    /// The path, as the router has it.
    pub path: &'static str,
    /// What it asks for.
    pub need: Need,
    /// What the audit keeps.
    pub kept: Kept,
}

const fn rule(method: &'static str, path: &'static str, need: Need, kept: Kept) -> Rule {
    Rule { method, path, need, kept }
}

const fn read(path: &'static str) -> Rule {
    rule("GET", path, Need::Read, Kept::Nothing)
}

const fn row(method: &'static str, path: &'static str, need: Need, what: &'static str) -> Rule {
    rule(method, path, need, Kept::Row(what))
}

/// Every route of the API. A route that is not here is not served to anybody (a test walks the
/// API's description).
pub const RULES: &[Rule] = &[
    // Facts, and messages that programs ask for.
    rule("POST", "/v1/events", Need::Report, Kept::Import),
    rule("POST", "/v1/batch", Need::Report, Kept::Facts),
    // By the key in its address, which a page does not keep to itself.
    rule("GET", "/v1/projects/{key}/settings", Need::Public, Kept::Nothing),
    rule("POST", "/v1/import", Need::Report, Kept::Import),
    rule("POST", "/v1/{call}", Need::Report, Kept::Facts),
    rule("POST", "/v1/messages", Need::Edit, Kept::OfMembers("message.send")),
    // What is shared.
    rule("GET", "/v1/lookup", Need::Shared, Kept::Nothing),
    rule("GET", "/v1/offers/{placement}", Need::Shared, Kept::Nothing),
    // By the browser token in its address, which it asks for itself: `EventSource` has no headers.
    rule("GET", "/v1/lookup/live", Need::Public, Kept::Nothing),
    rule("POST", "/ofrep/v1/evaluate/flags", Need::Shared, Kept::Nothing),
    rule("POST", "/ofrep/v1/evaluate/flags/{key}", Need::Shared, Kept::Nothing),
    rule("POST", "/v1/browser-tokens", Need::LookupKey, Kept::Nothing),
    rule("GET", "/v1/membership-changes", Need::Shared, Kept::Nothing),
    rule("GET", "/v1/membership-changes/position", Need::Shared, Kept::Nothing),
    read("/v1/destinations"),
    row("POST", "/v1/destinations/{name}/resume", Need::Edit, "destination.resume"),
    row("POST", "/v1/destinations/{name}/snapshots", Need::Edit, "destination.snapshot"),
    // What comes by itself.
    read("/v1/sources"),
    read("/v1/sources/{name}"),
    read("/v1/sources/{name}/files"),
    row("POST", "/v1/sources/{name}/run", Need::Edit, "source.run"),
    // What the console shows.
    read("/v1/overview"),
    read("/v1/overview/live"),
    read("/v1/events"),
    read("/v1/events/live"),
    read("/v1/events/{id}"),
    read("/v1/inbox"),
    read("/v1/inbox/{id}"),
    read("/v1/messages/{id}/content"),
    read("/v1/templates"),
    read("/v1/templates/{name}"),
    rule("POST", "/v1/templates/preview", Need::Read, Kept::Nothing),
    read("/v1/profiles"),
    read("/v1/profiles/{namespace}/{value}/timeline"),
    row("POST", "/v1/providers/{name}/test", Need::Own, "provider.test"),
    read("/v1/senders/{name}/check"),
    read("/v1/deliverability"),
    row(
        "POST",
        "/v1/deliverability/{domain}/{mailbox}/resume",
        Need::Edit,
        "deliverability.resume",
    ),
    row("POST", "/v1/providers/{name}/try", Need::Own, "provider.try"),
    read("/v1/settings"),
    read("/v1/journeys"),
    read("/v1/journeys/{name}"),
    read("/v1/segments/{name}/trend"),
    // Definitions and campaigns.
    read("/v1/definitions"),
    read("/v1/definitions/{kind}/{name}/revisions"),
    rule("POST", "/v1/definitions/check", Need::Read, Kept::Nothing),
    rule("POST", "/v1/definitions/plan", Need::Read, Kept::Nothing),
    // What an editor may change of them is asked there: settings are for owners.
    row("POST", "/v1/definitions/apply", Need::Edit, "definitions.apply"),
    read("/v1/templates/{name}/variables"),
    read("/v1/segments"),
    read("/v1/segments/{name}"),
    // What is not shared of it is asked for there.
    rule("GET", "/v1/segments/{name}/members", Need::Shared, Kept::Nothing),
    read("/v1/segments/{name}/dependents"),
    rule("POST", "/v1/segments/estimate", Need::Read, Kept::Nothing),
    // People from outside; of what programs bring, the log is the record.
    read("/v1/lists"),
    read("/v1/lists/{name}"),
    read("/v1/lists/{name}/members"),
    read("/v1/lists/{name}/dependents"),
    rule("POST", "/v1/lists/{name}", Need::Lists, Kept::OfMembers("list.add")),
    rule("PUT", "/v1/lists/{name}", Need::Lists, Kept::OfMembers("list.replace")),
    rule("POST", "/v1/lists/{name}/seal", Need::Lists, Kept::OfMembers("list.seal")),
    read("/v1/campaigns"),
    rule("POST", "/v1/campaigns/audience", Need::Read, Kept::Nothing),
    read("/v1/campaigns/{name}/audience"),
    read("/v1/campaigns/{name}/cost"),
    read("/v1/campaigns/{name}/start"),
    row("POST", "/v1/campaigns/{name}/start", Need::Edit, "campaign.start"),
    read("/v1/campaigns/runs/{id}"),
    row("POST", "/v1/campaigns/runs/{id}/{to}", Need::Edit, "campaign.steer"),
    // Messages, and why.
    read("/v1/messages"),
    read("/v1/messages/export"),
    read("/v1/messages/{id}"),
    read("/v1/explain/{id}"),
    // People.
    read("/v1/profiles/{namespace}/{value}"),
    row("PATCH", "/v1/profiles/{namespace}/{value}", Need::Edit, "profile.rectify"),
    row("DELETE", "/v1/profiles/{namespace}/{value}", Need::Edit, "profile.erase"),
    read("/v1/profiles/{namespace}/{value}/export"),
    read("/v1/profiles/{namespace}/{value}/segments/{segment}"),
    read("/v1/profiles/{namespace}/{value}/campaigns/{run}"),
    read("/v1/profiles/{namespace}/{value}/journeys/{journey}"),
    read("/v1/profiles/{namespace}/{value}/templates/{template}"),
    read("/v1/profiles/{namespace}/{value}/identity"),
    read("/v1/profiles/{namespace}/{value}/consents"),
    read("/v1/profiles/{namespace}/{value}/devices"),
    rule(
        "PUT",
        "/v1/profiles/{namespace}/{value}/devices",
        Need::Edit,
        Kept::OfMembers("device.register"),
    ),
    rule(
        "DELETE",
        "/v1/profiles/{namespace}/{value}/devices",
        Need::Edit,
        Kept::OfMembers("device.remove"),
    ),
    // Signed, or public.
    rule("POST", "/v1/push/opened", Need::Public, Kept::Nothing),
    rule("GET", "/v1/push/key", Need::Public, Kept::Nothing),
    row("POST", "/v1/suppressions", Need::Edit, "suppression.set"),
    row("DELETE", "/v1/suppressions", Need::Edit, "suppression.lift"),
    read("/v1/suppressions"),
    row("POST", "/v1/suppressions/import", Need::Edit, "suppression.import"),
    read("/v1/suppressions/held"),
    row("POST", "/v1/suppressions/held/{keeper}/{to}", Need::Edit, "suppression.release"),
    read("/v1/devices/refused"),
    row("POST", "/v1/devices/refused/{keeper}/{to}", Need::Edit, "devices.decide"),
    read("/v1/erasures"),
    row("POST", "/v1/erasures/sweep", Need::Edit, "erasure.sweep"),
    // The installation.
    read("/v1/keys"),
    row("POST", "/v1/keys", Need::Own, "key.make"),
    row("DELETE", "/v1/keys/{prefix}", Need::Own, "key.revoke"),
    read("/v1/secrets"),
    row("PUT", "/v1/secrets/{name}", Need::Own, "secret.set"),
    row("DELETE", "/v1/secrets/{name}", Need::Own, "secret.remove"),
    read("/v1/members"),
    row("POST", "/v1/members", Need::Own, "member.add"),
    row("PATCH", "/v1/members/{email}", Need::Own, "member.change"),
    row("DELETE", "/v1/members/{email}", Need::Own, "member.remove"),
    row("POST", "/v1/members/{email}/invitation", Need::Own, "member.reset"),
    read("/v1/audit"),
    read("/v1/sending"),
    row("POST", "/v1/sending", Need::Own, "sending.steer"),
    read("/v1/queues"),
    read("/v1/dead-letters"),
    row("POST", "/v1/dead-letters/replay", Need::Edit, "dead-letters.replay"),
    row("POST", "/v1/dead-letters/drop", Need::Edit, "dead-letters.drop"),
    // What events look like, and those that look otherwise.
    read("/v1/schemas"),
    read("/v1/schemas/events/{name}"),
    read("/v1/schemas/attributes"),
    read("/v1/complete"),
    read("/v1/quarantine"),
    read("/v1/quarantine/{id}"),
    row("POST", "/v1/quarantine/replay", Need::Edit, "quarantine.replay"),
    row("POST", "/v1/quarantine/drop", Need::Edit, "quarantine.drop"),
    rule("GET", "/v1/backups", Need::Own, Kept::Nothing),
    row("POST", "/v1/backups", Need::Own, "backup.make"),
    row("POST", "/v1/retention", Need::Own, "retention.apply"),
    read("/v1/clock"),
    row("POST", "/v1/clock", Need::Own, "clock.set"),
    row("POST", "/v1/clock/confirm", Need::Own, "clock.confirm"),
    // Signing in.
    rule("GET", "/v1/session", Need::Public, Kept::Nothing),
    rule("POST", "/v1/session", Need::Public, Kept::ByItself),
    rule("POST", "/v1/session/join", Need::Public, Kept::ByItself),
    row("DELETE", "/v1/session", Need::SignedIn, "session.end"),
    row("POST", "/v1/session/password", Need::SignedIn, "member.password"),
];

static BY_ROUTE: LazyLock<BTreeMap<(&str, &str), &Rule>> =
    LazyLock::new(|| RULES.iter().map(|rule| ((rule.path, rule.method), rule)).collect());

/// The rule of a route.
pub fn find(method: &str, path: &str) -> Option<&'static Rule> {
    let method = if method == "HEAD" { "GET" } else { method };
    BY_ROUTE.get(&(path, method)).copied()
}

/// What a route that is not in the table asks for: to change is for owners.
pub fn unlisted(method: &str) -> Need {
    if matches!(method, "GET" | "HEAD") { Need::Read } else { Need::Own }
}

/// Whether a member of a role may.
pub fn role_may(role: Role, need: Need) -> bool {
    match need {
        Need::Public | Need::Shared | Need::Read | Need::SignedIn => true,
        Need::LookupKey => false,
        Need::Report | Need::Lists | Need::Edit => role >= Role::Editor,
        Need::Own => role == Role::Owner,
    }
}

/// The scope of the key that a route asks for; `None` where no key will do.
pub fn scope(need: Need) -> Option<Scope> {
    match need {
        Need::Report => Some(Scope::Write),
        Need::Lists => Some(Scope::Lists),
        Need::Shared | Need::LookupKey => Some(Scope::Lookup),
        Need::Public | Need::Read | Need::Edit | Need::Own => Some(Scope::Admin),
        Need::SignedIn => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// Method and path of every route that the API's description has.
    fn described() -> Vec<(String, String)> {
        let document: Value = serde_json::from_str(&crate::http::openapi::document()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let each = |(path, methods): (&String, &Value)| {
            let methods = methods.as_object().unwrap().keys().cloned();
            methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
        };
        paths.iter().flat_map(each).collect()
    }

    #[test]
    fn every_route_states_what_it_asks_for() {
        let missing: Vec<_> =
            described().into_iter().filter(|(method, path)| find(method, path).is_none()).collect();
        assert!(missing.is_empty(), "add a line to RULES for each of {missing:?}");
        assert_eq!(BY_ROUTE.len(), RULES.len(), "a route has one line");
    }

    #[test]
    fn every_line_is_a_route() {
        let described = described();
        // Not described, since it is for tests.
        let known = |rule: &Rule| {
            (rule.method, rule.path) == ("POST", "/v1/clock")
                || described
                    .iter()
                    .any(|(m, p)| (m.as_str(), p.as_str()) == (rule.method, rule.path))
        };
        let stale: Vec<_> = RULES.iter().filter(|rule| !known(rule)).collect();
        assert!(stale.is_empty(), "there is no such route: {stale:?}");
    }

    #[test]
    fn only_these_are_public() {
        let public = RULES.iter().filter(|rule| rule.need == Need::Public);
        let public: Vec<_> = public.map(|rule| (rule.method, rule.path)).collect();
        let expected = [
            ("GET", "/v1/projects/{key}/settings"),
            ("GET", "/v1/lookup/live"),
            ("POST", "/v1/push/opened"),
            ("GET", "/v1/push/key"),
            ("GET", "/v1/session"),
            ("POST", "/v1/session"),
            ("POST", "/v1/session/join"),
        ];
        assert_eq!(public, expected);
    }

    /// Routes that are asked by POST since a question does not fit into an address.
    const QUESTIONS: [&str; 8] = [
        "/v1/campaigns/audience",
        "/v1/templates/preview",
        "/v1/segments/estimate",
        "/v1/definitions/check",
        "/v1/definitions/plan",
        "/ofrep/v1/evaluate/flags",
        "/ofrep/v1/evaluate/flags/{key}",
        "/v1/browser-tokens",
    ];

    #[test]
    fn what_changes_something_leaves_a_row() {
        for rule in RULES {
            // That a push was opened is a fact, shown by the token that came with it.
            let fact = rule.path == "/v1/push/opened";
            let changes = rule.method != "GET" && !fact && !QUESTIONS.contains(&rule.path);
            let kept = rule.kept != Kept::Nothing;
            assert_eq!(changes, kept, "{rule:?}");
        }
    }

    #[test]
    fn a_viewer_changes_nothing_and_an_editor_no_setting() {
        let settings =
            ["providers", "keys", "secrets", "members", "backups", "sending", "retention", "clock"];
        for rule in RULES {
            let (viewer, editor) =
                (role_may(Role::Viewer, rule.need), role_may(Role::Editor, rule.need));
            let own = matches!(rule.need, Need::Public | Need::SignedIn);
            if rule.kept != Kept::Nothing && !own {
                assert!(!viewer, "{rule:?}");
                let noun = rule.path.split('/').nth(2).unwrap_or_default();
                assert_eq!(editor, !settings.contains(&noun), "{rule:?}");
            }
            assert!(!viewer || editor, "an editor may what a viewer may: {rule:?}");
            if rule.need != Need::LookupKey {
                assert!(role_may(Role::Owner, rule.need), "{rule:?}");
            }
        }
        assert!(
            !role_may(Role::Editor, unlisted("POST")) && role_may(Role::Viewer, unlisted("GET"))
        );
    }
}
