//! What each role and each key may: every route of the API, asked as everybody.

use super::*;
use cauce_server::access::Role;
use cauce_server::control::Scope;
use cauce_server::http::access::table::{self, Need, RULES, Rule};

/// An address of a route: what it names does not exist.
fn address(path: &str) -> String {
    let filled = |part: &str| match part {
        "{call}" => "track".to_owned(),
        "{namespace}" => "user_id".to_owned(),
        "{id}" | "{run}" => "4711".to_owned(),
        _ if part.starts_with('{') => "nothing-of-this-name".to_owned(),
        _ => part.to_owned(),
    };
    path.split('/').map(filled).collect::<Vec<_>>().join("/")
}

/// Routes whose answer never ends, or that end the session by which they are asked: whoever may is
/// tested elsewhere.
fn is_left_out(rule: &Rule) -> bool {
    ["/v1/membership-changes", "/v1/events/live", "/v1/overview/live"].contains(&rule.path)
        || (rule.method, rule.path) == ("DELETE", "/v1/session")
}

fn described(cauce: &Cauce) -> usize {
    let document = cauce.open("GET", "/openapi.json", "", b"").json();
    let paths = document["paths"].as_object().unwrap().values();
    paths.map(|methods| methods.as_object().unwrap().len()).sum()
}

#[test]
fn every_route_asks_for_what_the_table_says() {
    let cauce = Cauce::start("development = true");
    // All but the clock of tests are in the description.
    assert_eq!(described(&cauce) + 1, RULES.len());
    let roles = [(Role::Viewer, "viewer"), (Role::Editor, "editor"), (Role::Owner, "owner")];
    let members: Vec<_> = roles
        .map(|(role, word)| (role, member(&cauce, &format!("{word}@example.com"), word)))
        .into();
    let scopes = [
        (Scope::Write, "write"),
        (Scope::Lookup, "lookup"),
        (Scope::Lists, "lists"),
        (Scope::Admin, "admin"),
    ];
    let keys = scopes.map(|(scope, word)| {
        let made = cauce.post("/v1/keys", &json!({ "name": word, "scope": word }));
        (scope, format!("Bearer {}", made.json()["key"].as_str().unwrap()))
    });
    for rule in RULES {
        let mut path = address(rule.path);
        if rule.path == "/v1/segments/{name}/members" {
            // Without, it asks for more than the table says: `sharing::changes` holds that.
            path += "?shared=true";
        }
        let body = json!({ "nonsense": 1 });
        let nobody = Browser::of(&cauce).ask(rule.method, &path, &body);
        let open = rule.need == Need::Public;
        let expected = if open { [400, 401, 404, 422] } else { [401; 4] };
        assert!(expected.contains(&nobody.status), "nobody: {rule:?} {nobody:?}");
        for (role, browser) in &members {
            let may = table::role_may(*role, rule.need);
            if may && is_left_out(rule) {
                continue;
            }
            let answer = browser.ask(rule.method, &path, &body);
            check(rule, &format!("{role:?}"), may, &answer);
        }
        for (scope, bearer) in &keys {
            let wanted = table::scope(rule.need);
            let may = wanted.is_some_and(|wanted| scope.allows(wanted));
            if rule.need == Need::Public || (may && is_left_out(rule)) {
                continue;
            }
            let headers = [("authorization", bearer.as_str())];
            let answer = Browser::of(&cauce).ask_with(rule.method, &path, &headers, &body);
            check(rule, &format!("{scope:?}"), may, &answer);
        }
    }
    assert!(members.iter().all(|(_, browser)| browser.is_signed_in()), "nothing ended a session");
}

fn check(rule: &Rule, who: &str, may: bool, answer: &Answer) {
    let is_no = [401, 403].contains(&answer.status);
    // To sign in as nobody is refused with 401 to whoever asks.
    if rule.need != Need::Public {
        assert_eq!(is_no, !may, "{who}: {rule:?} {answer:?}");
        assert!(answer.status != 401, "{who} is somebody: {rule:?} {answer:?}");
    }
    assert!(answer.status < 500, "{who}: {rule:?} {answer:?}");
}

#[test]
fn an_editor_says_what_is_said_and_an_owner_how() {
    let cauce = Cauce::start("");
    cauce.apply(&shop(json!({ "channel": "email", "catch-all": {} })));
    let editor = member(&cauce, "ed@example.com", "editor");
    let viewer = member(&cauce, "vi@example.com", "viewer");
    let owner = member(&cauce, "ow@example.com", "owner");
    let apply = |who: &Browser, definitions: &Value| {
        who.ask("POST", "/v1/definitions/apply", &json!({ "definitions": definitions }))
    };
    let segment = json!({ "segments": { "many": { "rule": "count(signed_up) >= 2" } } });
    assert_eq!(apply(&viewer, &segment).status, 403);
    assert_eq!(apply(&editor, &segment).status, 200);
    // What does not change is no change, whatever is sent along.
    let provider = json!({ "channel": "email", "catch-all": {} });
    let same = json!({ "providers": { "mail": provider },
                       "segments": { "many": { "rule": "count(signed_up) >= 3" } } });
    assert_eq!(apply(&editor, &same).status, 200);
    let settings = [
        json!({ "senders": { "shop": { "from": { "name": "E", "address": "e@evil.example" } } } }),
        json!({ "topics": { "more": { "title": "More" } } }),
        json!({ "providers": { "other": provider } }),
    ];
    for setting in settings {
        let refused = apply(&editor, &setting);
        assert_eq!(refused.status, 403, "{setting}: {refused:?}");
        assert!(refused.text.contains("setting"), "{refused:?}");
        assert_eq!(apply(&owner, &setting).status, 200, "{setting}");
    }
    let removing = json!({ "definitions": same, "prune": true });
    let refused = editor.ask("POST", "/v1/definitions/apply", &removing);
    assert_eq!(refused.status, 403, "to remove is to change: {refused:?}");
}
