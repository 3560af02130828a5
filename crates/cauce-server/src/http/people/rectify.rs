//! Putting right what is wrong about a person: attributes, and names that were given by mistake.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use super::super::schemas::diagnostic;
use super::super::v1::profiles::{Located, alias, locate};
use super::super::v1::{edge, trace};
use crate::app::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use cauce_core::admit;
use cauce_core::decide::home;
use cauce_core::event::Event;
use cauce_core::identity::{self, Foreseen};
use cauce_core::input::Body;
use cauce_core::profile::{Alias, Head};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Names that are corrected in one request.
const NAMES: usize = 16;
/// How long an answer waits for what partitions have to say to each other.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it looks.
const PAUSE: Duration = Duration::from_millis(20);

/// What is right.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rectified {
    /// Attributes by name; `null` removes one.
    #[schema(value_type = Object)]
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
    /// Names that were given by mistake.
    #[serde(default)]
    aliases: Vec<Mistaken>,
}

/// A name that was given by mistake.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mistaken {
    /// The name: `email:ana@exmaple.com`.
    wrong: String,
    /// What it should have been; absent: the person goes without.
    right: Option<String>,
    /// Whether it is meant that the person becomes one with the profile that has the right name.
    #[serde(default)]
    merge: bool,
    /// Whether an earlier try ended half done: the wrong name may be gone already.
    #[serde(default)]
    again: bool,
}

/// The same, read.
struct Correction {
    wrong: Alias,
    right: Option<Alias>,
    merge: bool,
    again: bool,
}

/// Puts attributes and names right: an event of the profile says so, and by whom. A wrong name is
/// taken from the profile, with the address of that kind, what suppressed it and what keeps it from
/// others; what was said under it stays. Applied when this is answered.
#[utoipa::path(patch, path = "/v1/profiles/{namespace}/{value}", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path)), request_body = Rectified,
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem),
              (status = 422, body = Problem)))]
pub async fn rectify(
    admin: Full,
    State(app): Shared,
    Path((namespace, value)): Path<(String, String)>,
    Json(wanted): Json<Rectified>,
) -> Result<StatusCode, Problem> {
    let named = alias(&app, &namespace, &value)?;
    // Of nobody nothing can be wrong: a typing error must not make a profile.
    let place = settled(&app, &named).await?;
    let corrections = read(&app, &wanted.aliases)?;
    let id = place.head.id();
    // Names of attributes and kinds of names: what they are is nobody's in the audit.
    let kinds = corrections.iter().map(|one| format!("a name ({})", one.wrong.namespace));
    let said: Vec<String> = wanted.attributes.keys().cloned().chain(kinds).collect();
    admin.1.note(format!("{id}: {}", said.join(", ")));
    for one in &corrections {
        judge(&app, &place.head, one, &corrections).await?;
    }
    let anchor = anchor(&app, &place.head, &corrections).unwrap_or(named);
    let last = corrections.iter().any(|one| one.wrong == anchor);
    let event = event(&app, &anchor, &wanted.attributes, &corrections, &admin.0)?;
    // To its end although whoever asked may hang up: between two steps the person has neither name.
    let own = app.clone();
    let done = async move { put_right(&own, (anchor, last), event, &corrections).await };
    let stopped = |_| Problem::new(Code::Unavailable, "the process is stopping");
    app.runtime.spawn(done).await.map_err(stopped)??;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the wrong names away and says the right ones. Whoever is told that it failed may ask the
/// same `again`: what is done by then stays done.
async fn put_right(
    app: &App,
    (anchor, last): (Alias, bool),
    event: Event,
    corrections: &[Correction],
) -> Result<(), Problem> {
    let at = home(&anchor, app.node.partitions());
    let event = Body::Event(Box::new(event));
    if !last {
        for one in corrections {
            let_go(app, &anchor, &one.wrong).await?;
        }
        app.append_applied(at, event, trace()).await?;
        return have(app, &anchor, corrections).await.map(|_| ());
    }
    // The only name: the right one has to be there before the wrong one goes.
    app.append_applied(at, event, trace()).await?;
    let right = have(app, &anchor, corrections).await?.unwrap_or(anchor);
    for one in corrections {
        let_go(app, &right, &one.wrong).await?;
    }
    Ok(())
}

/// Waits until the profile has every right name; the first of them.
async fn have(
    app: &App,
    anchor: &Alias,
    corrections: &[Correction],
) -> Result<Option<Alias>, Problem> {
    let until = tokio::time::Instant::now() + PATIENCE;
    loop {
        let place = settled(app, anchor).await?;
        let rights = || corrections.iter().filter_map(|one| one.right.as_ref());
        let Some(lacking) = rights().find(|right| !place.head.aliases.contains(*right)) else {
            return Ok(rights().next().cloned());
        };
        if tokio::time::Instant::now() >= until {
            let text = format!("{lacking} did not become a name of the profile");
            return Err(Problem::new(Code::Conflict, text)
                .hint("ask for `…/identity`, and for the same correction with `\"again\": true`"));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn read(app: &App, aliases: &[Mistaken]) -> Result<Vec<Correction>, Problem> {
    if aliases.len() > NAMES {
        let text = format!("{} names; {NAMES} are corrected at a time", aliases.len());
        return Err(Problem::new(Code::Invalid, text));
    }
    let name = |field: &str, text: &str| {
        let malformed = || {
            Problem::new(Code::Malformed, format!("`{field}` is `namespace:value`, not `{text}`"))
        };
        let (namespace, value) = text.split_once(':').ok_or_else(malformed)?;
        alias(app, namespace, value)
    };
    let mut corrections = Vec::new();
    for one in aliases {
        let wrong = name("wrong", &one.wrong)?;
        let right = one.right.as_deref().map(|right| name("right", right)).transpose()?;
        if right.as_ref() == Some(&wrong) {
            let text = format!("{wrong} is the same name: there is nothing to correct");
            return Err(Problem::new(Code::Invalid, text));
        }
        corrections.push(Correction { wrong, right, merge: one.merge, again: one.again });
    }
    Ok(corrections)
}

/// Whether a correction can be made, before anything is.
async fn judge(
    app: &App,
    head: &Head,
    one: &Correction,
    all: &[Correction],
) -> Result<(), Problem> {
    let Correction { wrong, right, merge, again } = one;
    if !(has(head, wrong) || *again) {
        let text = format!("{wrong} is no name of this profile");
        return Err(Problem::new(Code::Conflict, text).hint(
            "`GET …/identity` lists the names that it has; if an earlier try ended half done, say \
             `\"again\": true`",
        ));
    }
    let mut rest = head.clone();
    rest.aliases.retain(|alias| !all.iter().any(|one| one.wrong == *alias));
    let Some(right) = right else {
        if rest.aliases.is_empty() && all.iter().all(|one| one.right.is_none()) {
            let text = format!("{wrong} is the only name: nobody could find the profile any more");
            return Err(
                Problem::new(Code::Conflict, text).hint("say the `right` one, or erase the person")
            );
        }
        return Ok(());
    };
    // With its only name it asks for the right one while it still has the wrong one.
    let asks = if rest.aliases.is_empty() { head } else { &rest };
    let holder = locate(app, right).await.ok();
    let namespaces = &app.catalog().namespaces;
    let foreseen =
        identity::foresee(namespaces, asks, right, holder.as_ref().map(|place| &*place.head));
    let problem = |text: String| Problem::new(Code::Conflict, format!("{right}: {text}"));
    match &foreseen {
        Foreseen::Known | Foreseen::Linked | Foreseen::Shared => Ok(()),
        Foreseen::Merged { .. } if *merge => Ok(()),
        Foreseen::Merged { .. } => Err(problem(foreseen.to_string())
            .hint("if they are the same person, say `\"merge\": true`")),
        Foreseen::Limited { .. } | Foreseen::Protected { .. } => Err(problem(foreseen.to_string())),
    }
}

/// Whether a profile has a name, or was refused it and uses it all the same.
fn has(head: &Head, name: &Alias) -> bool {
    head.aliases.contains(name) || head.refused_aliases.contains(name)
}

/// The strongest name that stays; the strongest of all if none does.
fn anchor(app: &App, head: &Head, corrections: &[Correction]) -> Option<Alias> {
    let mut names: Vec<Alias> = head.aliases.iter().cloned().collect();
    app.catalog().namespaces.sort(&mut names);
    let stays = |name: &&Alias| !corrections.iter().any(|one| one.wrong == **name);
    names.iter().find(stays).or(names.first()).cloned()
}

/// What the timeline says of it. The wrong names are not in it: they are somebody else's.
fn event(
    app: &App,
    anchor: &Alias,
    attributes: &BTreeMap<String, Value>,
    corrections: &[Correction],
    by: &str,
) -> Result<Event, Problem> {
    let kinds: Vec<&str> = corrections.iter().map(|one| one.wrong.namespace.as_str()).collect();
    let mut properties = json!({ "source": "api", "by": by });
    if !kinds.is_empty() {
        properties["names"] = json!(kinds);
    }
    let document = json!({
        // Its own name is one that nobody may report.
        "name": "rectified",
        "aliases": { anchor.namespace.clone(): anchor.value.clone() },
        "attributes": attributes,
        "properties": properties,
    });
    let catalog = app.catalog();
    let mut event = admit::native(&document, &edge(app, None, false), &catalog.namespaces)
        .map_err(|faults| Problem::new(Code::Invalid, "it has faults").fields(faults))?;
    identity::RECTIFIED.clone_into(&mut event.name);
    // Behind the one by which it finds its way.
    event.aliases.extend(corrections.iter().filter_map(|one| one.right.clone()));
    // In quarantine it would have put nothing right.
    if let Err(faults) = catalog.schemas.fit(&event) {
        let faults = faults.iter().map(diagnostic).collect();
        return Err(Problem::new(Code::Invalid, "it does not fit its schema").fields(faults));
    }
    Ok(event)
}

/// The profile with this name, once it waits for no answer about its names.
async fn settled(app: &App, named: &Alias) -> Result<Located, Problem> {
    let until = tokio::time::Instant::now() + PATIENCE;
    loop {
        let place = locate(app, named).await?;
        if place.head.pending.is_empty() {
            return Ok(place);
        }
        if tokio::time::Instant::now() >= until {
            let text = "an identity question of this profile is open";
            return Err(Problem::new(Code::Unavailable, text).hint("try again in a moment"));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Has a profile let go of a name. All that it causes is done when this returns.
async fn let_go(app: &App, anchor: &Alias, wrong: &Alias) -> Result<(), Problem> {
    let place = settled(app, anchor).await?;
    if !has(&place.head, wrong) {
        return Ok(());
    }
    let body = Body::LetGo { alias: wrong.clone(), of: place.head.id() };
    app.append_applied(place.partition, body, trace()).await?;
    let place = locate(app, anchor).await?;
    if has(&place.head, wrong) {
        let text = format!("{wrong} is still a name of the profile: it was reported meanwhile");
        return Err(Problem::new(Code::Conflict, text)
            .hint("ask for `…/identity`, and try with `\"again\": true`"));
    }
    Ok(())
}
