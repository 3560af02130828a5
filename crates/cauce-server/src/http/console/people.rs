//! Finding people: by a name in any namespace, by a rule that nobody published, or one after the
//! other. A rule is held against a bounded number of people for each request.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem, stopping};
use super::super::shapes;
use super::super::v1::profiles::{Located, locate};
use super::{Name, bad_cursor, place, rows};
use crate::app::App;
use axum::Json;
use axum::extract::{Query, State};
use cauce_core::decide::Plans;
use cauce_core::diagnostic::{Diagnostic, nearest};
use cauce_core::identity::Case;
use cauce_core::ids::Number;
use cauce_core::limits;
use cauce_core::profile::{Alias, Head, Status};
use cauce_core::query;
use cauce_core::segment::{self, Compiled};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use cauce_core::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Limit: people that one request holds a rule against.
const LOOK_MAX: usize = 5_000;
/// Limit: how long it does so.
const LOOK_FOR: Duration = Duration::from_secs(2);
/// People that are looked at in one go, while the partition does nothing else.
const SLICE: u32 = 64;
/// Limit: attributes of a person in a list.
const ATTRIBUTES_MAX: usize = 20;

/// Whom to find.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// A name or its beginning: `namespace:value`, or a value in any namespace.
    alias: Option<String>,
    /// A rule as segments have them: people for whom it holds now.
    #[serde(rename = "where")]
    #[param(rename = "where")]
    rule: Option<String>,
    /// What somebody typed: a name or its beginning, or a rule where nobody has such a name.
    q: Option<String>,
    /// `next` of the answer before.
    cursor: Option<String>,
    /// At most so many.
    limit: Option<usize>,
}

/// A person in a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PersonListed)]
pub struct Person {
    /// The profile.
    id: String,
    /// Its names; the first opens it.
    names: Vec<Name>,
    /// The name that was found.
    found_by: Option<Name>,
    /// When it was first seen.
    #[schema(value_type = String)]
    created: Timestamp,
    /// Some of what is known, by name.
    #[schema(value_type = Object)]
    attributes: BTreeMap<String, Value>,
}

/// People.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PersonList)]
pub struct People {
    /// Those that were found.
    items: Vec<Person>,
    /// Where to go on. A rule may have found nobody yet and go on all the same.
    next: Option<String>,
    /// People, or names, that were looked at so far, the requests before included.
    looked_at: u64,
    /// People that there are, erased and absorbed ones included; absent in a search by name.
    of: Option<u64>,
    /// Why `q` is no rule, where it is nobody's name either.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<shapes::Diagnostic>)]
    faults: Vec<Diagnostic>,
}

fn person(head: &Head, found_by: Option<&Alias>) -> Person {
    let known = head.attributes.iter().filter(|(_, known)| known.value != Value::Null);
    let known = known.map(|(name, known)| (name.clone(), known.value.clone()));
    Person {
        id: head.id().to_string(),
        names: head.aliases.iter().map(Name::from).collect(),
        found_by: found_by.map(Name::from),
        created: head.created,
        attributes: known.take(ATTRIBUTES_MAX).collect(),
    }
}

/// People by a name or its beginning, by a rule, or all of them.
#[utoipa::path(get, path = "/v1/profiles", tag = "profiles", params(Asked),
    responses((status = 200, body = People), (status = 400, body = Problem),
        (status = 422, body = Problem)))]
pub async fn list(
    _: Full,
    State(app): Shared,
    Query(asked): Query<Asked>,
) -> Result<Json<People>, Problem> {
    let wanted = rows(asked.limit);
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let cursor = asked.cursor.as_deref();
    let found = match (given(asked.alias), given(asked.rule), given(asked.q)) {
        (Some(text), None, None) => named(&app, text.trim(), cursor, wanted).await?,
        (None, Some(text), None) => {
            let rule = compiled(&app, &text).map_err(|faults| {
                let faults = faults.into_iter().map(|fault| fault.below("where")).collect();
                Problem::new(Code::Invalid, "the rule has faults").fields(faults)
            })?;
            scanned(&app, Some(Arc::new(rule)), cursor, wanted).await?
        }
        (None, None, Some(text)) => typed(&app, text.trim(), cursor, wanted).await?,
        (None, None, None) => scanned(&app, None, cursor, wanted).await?,
        _ => {
            let problem = "`alias`, `where` and `q` do not go together";
            return Err(Problem::new(Code::Malformed, problem).hint("give one of them"));
        }
    };
    Ok(Json(found))
}

/// People by what somebody typed. Names go first: what a name looks like no rule of form can say
/// (`+34 600 12 34 56`, `Casa Pérez`), and whether there is one costs little to ask.
async fn typed(
    app: &App,
    text: &str,
    cursor: Option<&str>,
    wanted: usize,
) -> Result<People, Problem> {
    // A place among names has a colon in it, one among people has none.
    if cursor.is_none_or(|cursor| cursor.contains(':')) {
        let found = named(app, text, cursor, wanted).await?;
        if cursor.is_some() || found.looked_at > 0 {
            return Ok(found);
        }
    }
    match compiled(app, text) {
        Ok(rule) => scanned(app, Some(Arc::new(rule)), cursor, wanted).await,
        Err(faults) => Ok(People { items: Vec::new(), next: None, looked_at: 0, of: None, faults }),
    }
}

/// The beginnings of names that a text may mean, in the order of the rows.
fn meant(app: &App, text: &str) -> Vec<Alias> {
    let namespaces = &app.catalog().namespaces;
    let one = text.split_once(':');
    let one = one.filter(|(name, _)| namespaces.list().any(|(known, _)| known == *name));
    let all = match one {
        Some((name, value)) => vec![(name.to_owned(), value)],
        None => namespaces.list().map(|(name, _)| (name.to_owned(), text)).collect(),
    };
    let canonical = |(namespace, value): (String, &str)| {
        // A whole name in the form in which it is kept; else its beginning as it would be.
        let whole = namespaces.canonical(&namespace, value).map(|alias| alias.value);
        let value = whole.unwrap_or_else(|_| match namespaces.get(&namespace).case {
            Case::Keep | Case::Phone => value.to_owned(),
            Case::Lower | Case::Email => value.to_lowercase(),
        });
        Alias { namespace, value }
    };
    let mut all: Vec<Alias> = all.into_iter().map(canonical).collect();
    all.sort();
    all
}

/// Names that begin so, each with its person, by namespace and value.
async fn named(
    app: &App,
    text: &str,
    cursor: Option<&str>,
    wanted: usize,
) -> Result<People, Problem> {
    let after = match cursor {
        Some(cursor) => {
            let parts = cursor.split_once(':').ok_or_else(|| bad_cursor(cursor))?;
            Some(Alias { namespace: parts.0.to_owned(), value: parts.1.to_owned() })
        }
        None => None,
    };
    let ranges: Vec<(Key, Key)> = meant(app, text)
        .into_iter()
        .filter_map(|first| {
            let end = Alias { value: format!("{}\u{10ffff}", first.value), ..first.clone() };
            let first = match &after {
                Some(after) if *after >= end => return None,
                // The smallest name behind the last one.
                Some(after) if *after >= first => {
                    Alias { value: format!("{}\0", after.value), ..after.clone() }
                }
                _ => first,
            };
            Some((Key::Alias(first), Key::Alias(end)))
        })
        .collect();
    let ranges = Arc::new(ranges);
    let asked: Vec<_> = (0..app.node.partitions())
        .map(|partition| {
            let ranges = ranges.clone();
            app.ask(partition, move |p| {
                let mut found = Vec::new();
                for (low, high) in ranges.iter() {
                    let left = wanted + 1 - found.len().min(wanted);
                    for (key, row) in p.rows().range(low, high, left) {
                        if let (Key::Alias(alias), Row::Alias(row)) = (key, row) {
                            found.push((alias, row.holder.is_some()));
                        }
                    }
                }
                found
            })
        })
        .collect();
    let mut found: Vec<(Alias, bool)> =
        futures_util::future::join_all(asked).await.into_iter().flatten().flatten().collect();
    found.sort();
    let more = found.len() > wanted;
    found.truncate(wanted);
    let next = found.last().filter(|_| more).map(|(alias, _)| alias.to_string());
    let looked_at = found.len() as u64;
    let mut items = Vec::new();
    let mut seen = BTreeSet::new();
    for (alias, _) in found.into_iter().filter(|(_, held)| *held) {
        let Ok(Located { head, .. }) = locate(app, &alias).await else { continue };
        if seen.insert(head.id()) {
            items.push(person(&head, Some(&alias)));
        }
    }
    Ok(People { items, next, looked_at, of: None, faults: Vec::new() })
}

/// A rule that is not published, or all its faults.
fn compiled(app: &App, text: &str) -> Result<Compiled, Vec<Diagnostic>> {
    if text.len() > limits::RULE_BYTES_MAX {
        return Err(vec![Diagnostic::error("", "too-large", "a rule has at most 64 KB")]);
    }
    let (mut rule, mut faults) = segment::compile(segment::parse(text)?);
    let catalog = app.catalog();
    let known = |(name, one): (&String, &Arc<segment::Computed>)| (name.clone(), (**one).clone());
    let definitions = catalog.computed.iter().map(known).collect();
    faults.extend(segment::resolve(&mut rule, &definitions));
    for name in &rule.segments {
        if catalog.segment(name).is_none() {
            let message = format!("there is no segment `{name}`");
            let fault = Diagnostic::error("", "unknown-segment", message);
            let near = nearest(name, catalog.segment_index.keys().map(String::as_str));
            faults.push(match near {
                Some(near) => fault.hint(format!("did you mean `{near}`?")),
                None => fault,
            });
        }
    }
    if faults.iter().any(|fault| fault.severity == cauce_core::diagnostic::Severity::Error) {
        return Err(faults);
    }
    Ok(rule)
}

/// One slice of a partition: who was found, and the number to go on with.
type Slice = (Vec<(Number, Arc<Head>)>, Option<Number>);

/// People one after the other, those for whom a rule holds if there is one.
async fn scanned(
    app: &App,
    rule: Option<Arc<Compiled>>,
    cursor: Option<&str>,
    wanted: usize,
) -> Result<People, Problem> {
    let (mut partition, mut from) = place(cursor)?;
    let catalog = app.catalogs.plan(app.control().book.plan);
    let totals = totals(app).await;
    let (began, now) = (Instant::now(), app.node.now());
    let mut looked = 0;
    let mut items: Vec<Person> = Vec::new();
    while partition < app.node.partitions() {
        if items.len() >= wanted || looked >= LOOK_MAX || began.elapsed() > LOOK_FOR {
            break;
        }
        let (rule, catalog) = (rule.clone(), catalog.clone());
        let slice = app.ask(partition, move |p| -> Slice {
            let rows = p.rows();
            let heads = rows.range(
                &Key::Head(from),
                &Key::Head(from.saturating_add(SLICE)),
                SLICE as usize,
            );
            let next = match rows.get(&Key::Meta) {
                Some(Row::Meta(meta)) => meta.next_number,
                _ => 0,
            };
            let holds = |number: Number| {
                rule.as_ref().is_none_or(|rule| query::holds(rows, &catalog, number, rule, now))
            };
            let live = heads.into_iter().filter_map(|(key, row)| match (key, row) {
                (Key::Head(number), Row::Head(head)) if head.status == Status::Live => {
                    holds(number).then_some((number, head))
                }
                _ => None,
            });
            let on = from.saturating_add(SLICE);
            (live.collect(), (on < next).then_some(on))
        });
        let (found, on) = slice.await.ok_or_else(stopping)?;
        let room = wanted - items.len();
        let cut = found.get(room).map(|(number, _)| *number);
        items.extend(found.iter().take(room).map(|(_, head)| person(head, None)));
        looked += SLICE as usize;
        (partition, from) = match (cut, on) {
            (Some(cut), _) => (partition, cut),
            (None, Some(on)) => (partition, on),
            (None, None) => (partition + 1, 0),
        };
    }
    let ended = partition >= app.node.partitions();
    let before: u64 = totals.iter().take(usize::from(partition)).sum();
    Ok(People {
        items,
        next: (!ended).then(|| format!("{partition}-{from}")),
        looked_at: before + u64::from(from),
        of: Some(totals.iter().sum()),
        faults: Vec::new(),
    })
}

/// How many people each partition has or had.
async fn totals(app: &App) -> Vec<u64> {
    let asked: Vec<_> = (0..app.node.partitions())
        .map(|partition| {
            app.ask(partition, |p| match p.rows().get(&Key::Meta) {
                Some(Row::Meta(meta)) => u64::from(meta.next_number),
                _ => 0,
            })
        })
        .collect();
    let totals = futures_util::future::join_all(asked).await;
    totals.into_iter().map(Option::unwrap_or_default).collect()
}
