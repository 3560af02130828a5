//! Definitions: what is in force, what would change, and the change.

use super::super::Shared;
use super::super::access::table::Need;
use super::super::auth::{Caller, Full};
use super::super::error::{Code, Problem};
use super::super::shapes;
use super::{json, uses};
use crate::app::{App, Rests};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use cauce_core::diagnostic::{Diagnostic, nearest};
use cauce_core::publish::{Body, Kind, Name, Removal};
use cauce_core::time::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Definitions in force, by kind and name.
#[utoipa::path(get, path = "/v1/definitions", tag = "definitions",
    responses((status = 200, body = Definitions)))]
pub async fn list(_: Full, State(app): Shared) -> Json<Definitions> {
    let book = app.book();
    let of_kind = |kind: Kind| {
        let all = book.list(kind).map(|(name, revision)| {
            let (number, plan) = (revision.number, revision.plan);
            let definition = revision.body.document();
            (name.to_owned(), Published { revision: number, plan, definition })
        });
        (kind.folder().to_owned(), all.collect())
    };
    Json(Definitions { plan: book.plan, definitions: Kind::ALL.into_iter().map(of_kind).collect() })
}

/// What goes away: `remove` has names by folder, `prune` means whatever is not named.
fn removal(body: &Value) -> Result<Removal, Problem> {
    let bad = |why: &str| Problem::new(Code::Malformed, why);
    let prune = match body.get("prune") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(prune)) => *prune,
        Some(_) => return Err(bad("`prune` is true or false")),
    };
    let folders = match body.get("remove") {
        None | Some(Value::Null) if prune => return Ok(Removal::Others),
        None | Some(Value::Null) => return Ok(Removal::Nothing),
        Some(_) if prune => return Err(bad("give `remove` or `prune`, not both")),
        Some(Value::Object(folders)) => folders,
        Some(_) => return Err(bad("`remove` has names by folder: `{\"segments\": [\"vip\"]}`")),
    };
    let mut named = BTreeSet::new();
    for (folder, names) in folders {
        let kind: Kind = folder.parse().map_err(|why: String| bad(&why))?;
        let names: Option<Vec<&str>> =
            names.as_array().and_then(|all| all.iter().map(Value::as_str).collect());
        let names = names.ok_or_else(|| bad(&format!("`remove.{folder}` is a list of names")))?;
        named.extend(names.into_iter().map(|name| (kind, name.to_owned())));
    }
    Ok(Removal::Named(named))
}

/// Which revisions the request was written from: `expected` has them by folder and name, and 0 for
/// what was not there.
fn expected(body: &Value) -> Result<BTreeMap<Name, u32>, Problem> {
    let bad = |why: &str| {
        Problem::new(Code::Malformed, why)
            .hint("`expected` has revisions by folder and name: `{\"segments\": {\"vip\": 3}}`")
    };
    let folders = match body.get("expected") {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(folders)) => folders,
        Some(_) => return Err(bad("`expected` is no object")),
    };
    let mut named = BTreeMap::new();
    for (folder, revisions) in folders {
        let kind: Kind = folder.parse().map_err(|why: String| bad(&why))?;
        let revisions = revisions.as_object();
        let revisions =
            revisions.ok_or_else(|| bad(&format!("`expected.{folder}` is no object")))?;
        for (name, revision) in revisions {
            let number = revision.as_u64().and_then(|number| u32::try_from(number).ok());
            let wrong = || bad(&format!("`expected.{folder}.{name}` is no revision"));
            named.insert((kind, name.clone()), number.ok_or_else(wrong)?);
        }
    }
    Ok(named)
}

/// Something of each definition, by the folder of its kind and by its name.
type ByFolder<T> = BTreeMap<String, BTreeMap<String, T>>;

/// A definition in force.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PublishedDefinition)]
pub struct Published {
    /// Its revision, from 1.
    revision: u32,
    /// The plan that published it.
    plan: u64,
    /// As it was written.
    #[schema(value_type = Object)]
    definition: Value,
}

/// Everything in force.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Definitions {
    /// The last plan: every publish makes the next one.
    plan: u64,
    /// By the folder of their kind (`segments`), and by name. Every folder is there.
    #[schema(value_type = BTreeMap<String, BTreeMap<String, Published>>)]
    definitions: ByFolder<Published>,
}

/// What is to be published and removed.
#[derive(utoipa::ToSchema)]
#[schema(as = DefinitionsWanted)]
#[allow(dead_code)] // read value by value, so that every fault is named
pub struct Wanted {
    /// Definitions by the folder of their kind (`segments`), and by name. May be left out where
    /// something is removed.
    #[schema(value_type = Option<BTreeMap<String, BTreeMap<String, Value>>>)]
    definitions: Option<ByFolder<Value>>,
    /// What goes away: names by folder.
    remove: Option<BTreeMap<String, Vec<String>>>,
    /// Whether everything goes away that is not among `definitions`; not together with `remove`.
    prune: Option<bool>,
    /// Which revisions this was written from, by folder and name, and 0 for what was not there:
    /// nothing is published where others are in force.
    #[schema(value_type = Option<BTreeMap<String, BTreeMap<String, u32>>>)]
    expected: Option<ByFolder<u32>>,
}

/// What happens to a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = DefinitionChangeKind)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum What {
    Add,
    Change,
    Remove,
}

/// One change of a plan.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DefinitionChange)]
pub struct Change {
    /// The definition's kind: `segment`.
    #[schema(value_type = String)]
    kind: Kind,
    /// Its name.
    name: String,
    /// What happens to it.
    what: What,
    /// What is in force before; null where it is added.
    #[schema(value_type = Option<Object>, required = true)]
    before: Option<Value>,
    /// The revision that is in force before; null where it is added.
    #[schema(required = true)]
    from: Option<u32>,
    /// What is in force afterwards; null where it is removed.
    #[schema(value_type = Option<Object>, required = true)]
    after: Option<Value>,
    /// The revision that publishing made; null before it, and where it is removed.
    #[schema(required = true)]
    to: Option<u32>,
}

/// What a plan changes, and every fault of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DefinitionsPlan)]
pub struct Summary {
    /// What changes; what stays as it is is not here.
    changes: Vec<Change>,
    /// Whether it may be published: there are no errors.
    clean: bool,
    /// Every finding, errors and warnings.
    #[schema(value_type = Vec<shapes::Diagnostic>)]
    diagnostics: Vec<Diagnostic>,
    /// What templates among it need of their event, by template: `event.code`.
    needed: BTreeMap<String, BTreeSet<String>>,
    /// Before publishing, for each definition that is removed by name: what that touches.
    #[serde(skip_serializing_if = "Option::is_none")]
    removes: Option<Vec<uses::Removes>>,
    /// Once it was published: the plan's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<u64>,
}

/// One revision of a definition.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DefinitionRevision)]
pub struct Revision {
    /// Its number, from 1.
    revision: u32,
    /// The plan that published it.
    plan: u64,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    at: Option<Timestamp>,
    /// Whether it is the one in force.
    in_force: bool,
    /// As it was written.
    #[schema(value_type = Object)]
    definition: Value,
}

/// Every revision of a definition.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DefinitionRevisions)]
pub struct Revisions {
    /// Its kind: `segment`.
    #[schema(value_type = String)]
    kind: Kind,
    /// Its name.
    name: String,
    /// The revisions, the newest first.
    items: Vec<Revision>,
}

/// A variable of a template.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = UsedVariable)]
pub struct Variable {
    /// The part that uses it: `subject`, `html`…
    part: &'static str,
    /// Its path: `profile.first_name`, `event.code`.
    path: String,
    /// Whether its absence shows no hole: there is a default, or it is only tested.
    fallback: bool,
}

/// The variables that a template uses.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = UsedVariables)]
pub struct Variables {
    /// The template.
    template: String,
    /// Paths that it needs of its event.
    needed: BTreeSet<String>,
    /// All of them, in the order in which they stand.
    variables: Vec<Variable>,
}

/// What a request asks for.
struct Request {
    /// Definitions by name.
    wanted: BTreeMap<Name, Body>,
    /// What goes away.
    removal: Removal,
    /// The revisions that it was written from.
    expected: BTreeMap<Name, u32>,
}

/// The request: `definitions` by folder and name, what is removed, and from what it was written.
fn read(body: &[u8]) -> Result<Request, Problem> {
    let mut body = json(body)?;
    let removal = removal(&body)?;
    let expected = expected(&body)?;
    let kinds = match body.get_mut("definitions").map(Value::take) {
        Some(Value::Object(kinds)) => kinds,
        // Who removes need not publish.
        None if matches!(removal, Removal::Named(_)) => serde_json::Map::new(),
        _ => return Err(Problem::new(Code::Malformed, "the request has no `definitions`")),
    };
    let mut wanted = BTreeMap::new();
    let mut faults = Vec::new();
    for (folder, definitions) in kinds {
        let kind: Kind = match folder.parse() {
            Ok(kind) => kind,
            Err(why) => {
                faults.push(Diagnostic::error(folder, "unknown-kind", why));
                continue;
            }
        };
        let Value::Object(definitions) = definitions else {
            let message = "expected an object of definitions by name";
            faults.push(Diagnostic::error(folder, "wrong-type", message));
            continue;
        };
        for (name, document) in definitions {
            match Body::read(kind, document) {
                Ok(body) => {
                    wanted.insert((kind, name), body);
                }
                Err(why) => {
                    faults.push(Diagnostic::error(format!("{kind}/{name}"), "unreadable", why));
                }
            }
        }
    }
    if faults.is_empty() {
        Ok(Request { wanted, removal, expected })
    } else {
        Err(Problem::new(Code::Invalid, "the definitions have faults").fields(faults))
    }
}

/// Refuses to remove what is not there: a typing error must not look like success.
fn check_removal(app: &App, removal: &Removal) -> Result<(), Problem> {
    let Removal::Named(named) = removal else { return Ok(()) };
    let book = app.book();
    let absent = named.iter().filter(|(kind, name)| book.get(*kind, name).is_none());
    let faults: Vec<_> = absent
        .map(|(kind, name)| {
            let message = format!("there is no {kind} `{name}` to remove");
            let fault = Diagnostic::error(format!("{kind}/{name}"), "unknown-definition", message);
            match nearest(name, book.list(*kind).map(|(known, _)| known)) {
                Some(near) => fault.hint(format!("did you mean `{near}`?")),
                None => fault,
            }
        })
        .collect();
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Problem::new(Code::Invalid, "nothing was removed").fields(faults)),
    }
}

fn summary(app: &App, wanted: &BTreeMap<Name, Body>, removal: &Removal) -> Summary {
    let (changes, verdict) = app.plan(wanted, removal);
    let book = app.book();
    let changes = changes.iter().map(|((kind, name), body)| {
        let from = book.get(*kind, name).map(|revision| revision.number);
        let before = book.get(*kind, name).map(|revision| revision.body.document());
        let what = match (&before, body) {
            (None, _) => What::Add,
            (Some(_), Some(_)) => What::Change,
            (Some(_), None) => What::Remove,
        };
        let after = body.as_ref().map(Body::document);
        Change { kind: *kind, name: name.clone(), what, before, from, after, to: None }
    });
    Summary {
        changes: changes.collect(),
        clean: verdict.is_clean(),
        diagnostics: verdict.diagnostics,
        needed: needed(wanted),
        removes: None,
        plan: None,
    }
}

/// What templates need of their events, by template.
pub fn needed(wanted: &BTreeMap<Name, Body>) -> BTreeMap<String, BTreeSet<String>> {
    let templates = wanted.iter().filter_map(|(name, body)| match body {
        Body::Template(template) => Some((name.1.clone(), template.needed())),
        _ => None,
    });
    templates.filter(|(_, needed)| !needed.is_empty()).collect()
}

/// Every revision of one definition, the newest first: what each said, and since when. Of one that
/// was removed too: publishing an old revision again is how a mistake is taken back.
#[utoipa::path(get, path = "/v1/definitions/{kind}/{name}/revisions", tag = "definitions",
    params(("kind" = String, Path, description = "a kind, or its folder: `campaigns`"),
           ("name" = String, Path)),
    responses((status = 200, body = Revisions), (status = 404, body = Problem)))]
pub async fn revisions(
    _: Full,
    State(app): Shared,
    Path((kind, name)): Path<(String, String)>,
) -> Result<Json<Revisions>, Problem> {
    let kind: Kind = kind.parse().map_err(|why: String| Problem::new(Code::NotFound, why))?;
    let book = app.book();
    let Some(known) = book.revisions.get(&(kind, name.clone())) else {
        let problem = Problem::new(Code::NotFound, format!("there was never a {kind} `{name}`"));
        let known = book.revisions.keys().filter(|(of, _)| *of == kind);
        return Err(match nearest(&name, known.map(|(_, key)| key.as_str())) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem,
        });
    };
    let current = book.current.get(&(kind, name.clone()));
    let items = known.iter().rev().map(|revision| Revision {
        revision: revision.number,
        plan: revision.plan,
        at: book.times.get(&revision.plan).copied(),
        in_force: current == Some(&revision.number),
        definition: revision.body.document(),
    });
    let items = items.collect();
    Ok(Json(Revisions { kind, name, items }))
}

/// The variables that a template uses: those that it needs of its event, and all with their parts.
#[utoipa::path(get, path = "/v1/templates/{name}/variables", tag = "definitions",
    params(("name" = String, Path)),
    responses((status = 200, body = Variables), (status = 404, body = Problem)))]
pub async fn variables(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<Json<Variables>, Problem> {
    let book = app.book();
    let Some(Body::Template(template)) = book.get(Kind::Template, &name).map(|r| &r.body) else {
        let problem = Problem::new(Code::NotFound, format!("there is no template `{name}`"));
        let known: Vec<&str> = book.list(Kind::Template).map(|(known, _)| known).collect();
        return Err(match nearest(&name, known) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem,
        });
    };
    let all = template.variables().into_iter().map(|(part, variable)| Variable {
        part,
        path: variable.path,
        fallback: variable.guarded,
    });
    let variables = all.collect();
    Ok(Json(Variables { needed: template.needed(), variables, template: name }))
}

/// Every fault, without changing anything.
#[utoipa::path(post, path = "/v1/definitions/check", tag = "definitions", request_body = Wanted,
    responses((status = 200, body = Summary), (status = 422, body = Problem)))]
pub async fn check(admin: Full, app: Shared, body: Bytes) -> Result<Json<Summary>, Problem> {
    plan(admin, app, body).await
}

/// What would change, and every fault.
#[utoipa::path(post, path = "/v1/definitions/plan", tag = "definitions", request_body = Wanted,
    responses((status = 200, body = Summary), (status = 422, body = Problem)))]
pub async fn plan(_: Full, State(app): Shared, body: Bytes) -> Result<Json<Summary>, Problem> {
    let Request { wanted, removal, .. } = read(&body)?;
    check_removal(&app, &removal)?;
    let mut summary = summary(&app, &wanted, &removal);
    if let Removal::Named(named) = &removal {
        summary.removes = Some(uses::of(&app, named).await);
    }
    Ok(Json(summary))
}

/// Publishes: all of it or nothing. With `expected` only if these revisions are in force, so that
/// what somebody else published meanwhile is not lost. Each change says the revision that was in
/// force (`from`) and the one that is now (`to`).
#[utoipa::path(post, path = "/v1/definitions/apply", tag = "definitions", request_body = Wanted,
    responses((status = 200, body = Summary), (status = 409, body = Problem),
              (status = 422, body = Problem)))]
pub async fn apply(admin: Full, State(app): Shared, body: Bytes) -> Result<Json<Summary>, Problem> {
    let Request { wanted, removal, expected } = read(&body)?;
    check_removal(&app, &removal)?;
    let mut summary = summary(&app, &wanted, &removal);
    let changed = changed(&summary);
    check_settings(&admin.1, &changed)?;
    // Asked again under the lock: what is in force may have changed meanwhile.
    let closed: &[Kind] = if admin.1.check(Need::Own).is_ok() { &[] } else { &SETTINGS };
    let rests = Rests { closed, expected };
    let plan = app.apply_but(rests, &wanted, &removal, &admin.0).await?;
    let words: Vec<_> = changed.iter().map(|(what, name)| format!("{what} {name}")).collect();
    let detail = if words.is_empty() { "nothing".to_owned() } else { words.join(", ") };
    admin.1.note_of(format!("plan {plan}"), detail);
    summary.plan = Some(plan);
    made(&app, plan, &mut summary);
    Ok(Json(summary))
}

/// Says of each change which revision a plan made.
fn made(app: &App, plan: u64, summary: &mut Summary) {
    let book = app.book();
    for change in &mut summary.changes {
        let known = book.revisions.get(&(change.kind, change.name.clone()));
        let made = known.and_then(|all| all.iter().find(|revision| revision.plan == plan));
        change.to = made.map(|revision| revision.number);
    }
}

/// What a summary changes: what happens, and `kind/name`.
fn changed(summary: &Summary) -> Vec<(&'static str, String)> {
    let word = |what: What| match what {
        What::Add => "add",
        What::Change => "change",
        What::Remove => "remove",
    };
    let changes = summary.changes.iter();
    changes.map(|one| (word(one.what), format!("{}/{}", one.kind, one.name))).collect()
}

/// Kinds that say how the installation works, and not what is said to whom.
const SETTINGS: [Kind; 9] = [
    Kind::Policy,
    Kind::Topic,
    Kind::Provider,
    Kind::Route,
    Kind::Sender,
    Kind::Sharing,
    Kind::Destination,
    Kind::Namespace,
    Kind::Source,
];

/// Refuses changes of settings by who is no owner.
fn check_settings(caller: &Caller, changed: &[(&str, String)]) -> Result<(), Problem> {
    let is_setting =
        |name: &str| SETTINGS.iter().any(|kind| name.split('/').next() == Some(&kind.to_string()));
    let mut settings = changed.iter().filter(|(_, name)| is_setting(name));
    match settings.next() {
        Some((_, name)) if caller.check(Need::Own).is_err() => {
            let detail = format!("`{name}` is a setting, which only an owner changes");
            Err(Problem::new(Code::Forbidden, detail)
                .hint("nothing was published; leave settings out, or ask an owner"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_definition_is_a_fault_and_never_an_absence() {
        let check = |body: &str, expected: &str| {
            let said = match read(body.as_bytes()) {
                Ok(Request { wanted, removal, expected }) => {
                    format!("{} {removal:?} {expected:?}", wanted.len())
                }
                Err(problem) => {
                    let faults = problem.fields.iter().map(ToString::to_string);
                    faults.chain([problem.detail]).next().unwrap_or_default()
                }
            };
            assert!(said.contains(expected), "{body}: {said}");
        };
        check(r#"{"definitions":{"segments":{"a":{"rule":"count(x) >= 1"}}}}"#, "1 Nothing");
        check(r#"{"definitions":{},"prune":true}"#, "0 Others");
        check(r#"{"remove":{"segments":["a"]}}"#, "0 Named({(Segment, \"a\")})");
        check(r#"{"definitions":{},"remove":{"segments":"a"}}"#, "`remove.segments` is a list");
        check(r#"{"definitions":{},"remove":["a"]}"#, "names by folder");
        check(r#"{"definitions":{},"remove":{"pigeons":["a"]}}"#, "pigeons");
        check(r#"{"definitions":{},"remove":{},"prune":true}"#, "not both");
        check(r#"{"definitions":{"segments":[]},"prune":true}"#, "segments: expected an object");
        check(r#"{"definitions":{"segments":null},"prune":true}"#, "segments: expected an object");
        check(r#"{"definitions":{},"prune":"false"}"#, "`prune` is true or false");
        check(r#"{"definitions":{"segmnts":{}}}"#, "segmnts: `segmnts` is no kind");
        check(
            r#"{"definitions":{},"expected":{"segments":{"a":3}}}"#,
            "0 Nothing {(Segment, \"a\"): 3}",
        );
        check(r#"{"definitions":{},"expected":3}"#, "`expected` is no object");
        check(
            r#"{"definitions":{},"expected":{"segments":3}}"#,
            "`expected.segments` is no object",
        );
        check(
            r#"{"definitions":{},"expected":{"segments":{"a":-1}}}"#,
            "segments.a` is no revision",
        );
        check(r#"{"definitions":{},"expected":{"pigeons":{}}}"#, "pigeons");
    }
}
