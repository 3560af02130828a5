//! Journeys with their walks: how many are at each step, how many took each edge.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use crate::app::App;
use axum::Json;
use axum::extract::{Path, Query, State};
use cauce_core::diagnostic::nearest;
use cauce_core::journey::walked::{self, Walks, Way};
use cauce_core::journey::{Audience, Journey as Walked, Node};
use cauce_core::publish::Kind;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Counted ways by journey and revision.
type Counted = BTreeMap<(String, u32), BTreeMap<Way, u64>>;

/// A journey, in a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = JourneyListed)]
pub struct Journey {
    /// Its name.
    name: String,
    /// The revision in force.
    revision: u32,
    /// Whether people may still enter; a removed journey has only walks that go on.
    live: bool,
    /// Walks that began, of all revisions.
    entered: u64,
    /// Walks that go on.
    inside: u64,
    /// Walks that ended.
    completed: u64,
}

/// Journeys.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = JourneyList)]
pub struct Journeys {
    /// By name.
    items: Vec<Journey>,
    /// Where to go on: all are in one answer.
    next: Option<String>,
}

/// A step of a journey.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = JourneyStep)]
pub struct Step {
    /// Its name.
    id: String,
    /// `message`, `wait`, `wait-for`, `if`, `set` or `exit`.
    kind: String,
    /// What it does, in words.
    words: String,
    /// What is in those words, for who says them in another language.
    #[serde(flatten)]
    of: Of,
    /// Walks that are here now.
    waiting: u64,
    /// Walks that came here.
    came: u64,
    /// Walks that ended here.
    ended: u64,
}

/// What a step does, each part where there is one.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = JourneyStepOf)]
pub struct Of {
    /// The template of a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<String>,
    /// How long it waits, or waits at most: `2d`.
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<String>,
    /// The event that it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    /// Whether that event has to have the key of the walk.
    #[serde(skip_serializing_if = "Option::is_none")]
    same_key: Option<bool>,
    /// The rule that decides, or that the event has to fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    /// The attributes that it sets, and to what.
    #[serde(skip_serializing_if = "Option::is_none")]
    sets: Option<BTreeMap<String, String>>,
}

/// What lets people into a journey: an event or a segment.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = JourneyBegins)]
pub struct Begins {
    /// The event.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    /// The rule that the event has to fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    /// The property of which each value has a walk of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// The segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    segment: Option<String>,
    /// Whether leaving the segment lets people in, not entering it.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_leaving: Option<bool>,
}

/// A way from one step to another.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = JourneyEdge)]
pub struct Edge {
    /// The step that it leaves.
    from: String,
    /// The step that it leads to.
    to: String,
    /// When it is taken, where there is a choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<String>,
    /// Walks that took it.
    passed: u64,
}

/// The walks of one revision.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = JourneyRevision)]
pub struct Revision {
    /// Its number.
    revision: u32,
    /// Walks that began.
    entered: u64,
    /// Walks that go on.
    inside: u64,
}

/// A journey as a graph.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = JourneyGraph)]
pub struct Graph {
    /// Its name.
    name: String,
    /// The revision that is shown.
    revision: u32,
    /// The revision in force, if it is in force.
    current: Option<u32>,
    /// When what is in force was published.
    #[schema(value_type = Option<String>)]
    published: Option<Timestamp>,
    /// What lets people in, in words.
    entry: String,
    /// The same, for who says it in another language.
    begins: Begins,
    /// How often a person may enter.
    policy: String,
    /// The rule that ends a walk, if there is one.
    exit_when: Option<String>,
    /// The first step.
    first: String,
    /// The steps, each behind all that lead to it.
    steps: Vec<Step>,
    /// The ways between them.
    edges: Vec<Edge>,
    /// Walks that began, of this revision.
    entered: u64,
    /// Walks that go on, of this revision.
    inside: u64,
    /// Walks that ended, of this revision.
    completed: u64,
    /// Walks of all revisions that began before ways were counted: they are in no number above,
    /// but for where they went since.
    uncounted: u64,
    /// All revisions that somebody walked.
    revisions: Vec<Revision>,
    /// The definition as a file has it (YAML).
    text: String,
}

/// Adds up what partitions counted: of one journey, or of all. Behind the ways stand the walks that
/// began, counted or not.
async fn counted(app: &App, journey: Option<&str>) -> (Counted, BTreeMap<String, u64>) {
    let bounds = walked::keys(journey);
    let began = match journey {
        Some(name) => {
            let name = format!("journey.entered {name}");
            (Key::Counter(name.clone()), Key::Counter(format!("{name}\0")))
        }
        None => {
            let end = "journey.entered \u{10ffff}".to_owned();
            (Key::Counter("journey.entered ".to_owned()), Key::Counter(end))
        }
    };
    let asked: Vec<_> = (0..app.node.partitions())
        .map(|partition| {
            let (bounds, began) = (bounds.clone(), began.clone());
            app.ask(partition, move |p| {
                let range = |(low, high): &(Key, Key)| p.rows().range(low, high, usize::MAX);
                [range(&bounds), range(&began)].concat()
            })
        })
        .collect();
    let mut ways = Counted::new();
    let mut entered = BTreeMap::new();
    for (key, row) in futures_util::future::join_all(asked).await.into_iter().flatten().flatten() {
        let (Key::Counter(name), Row::Counter(count)) = (key, row) else { continue };
        if let Some(journey) = name.strip_prefix("journey.entered ") {
            *entered.entry(journey.to_owned()).or_default() += count;
        } else if let Some((journey, revision, way)) = walked::read(&name) {
            let of = ways.entry((journey.to_owned(), revision)).or_default();
            *of.entry(way).or_default() += count;
        }
    }
    (ways, entered)
}

/// Walks that began and that ended.
fn ends(ways: &BTreeMap<Way, u64>) -> (u64, u64) {
    let ended = ways.iter().filter(|(way, _)| matches!(way, Way::Out(_)));
    (ways.get(&Way::In).copied().unwrap_or_default(), ended.map(|(_, count)| count).sum())
}

/// Walks of a journey that go on, of all its revisions.
pub async fn inside(app: &App, name: &str) -> u64 {
    let (ways, _) = counted(app, Some(name)).await;
    let each = ways.values().map(ends);
    each.map(|(entered, ended)| entered.saturating_sub(ended)).sum()
}

/// All journeys, those in force and those in which somebody still walks.
#[utoipa::path(get, path = "/v1/journeys", tag = "journeys",
    responses((status = 200, body = Journeys)))]
pub async fn list(_: Full, State(app): Shared) -> Json<Journeys> {
    let catalog = app.catalog();
    let (ways, _) = counted(&app, None).await;
    let mut sums: BTreeMap<&str, (u32, u64, u64)> = BTreeMap::new();
    for ((name, revision), ways) in &ways {
        let (entered, ended) = ends(ways);
        let sum = sums.entry(name).or_default();
        *sum = (*revision, sum.1 + entered, sum.2 + ended);
    }
    for name in catalog.journeys.keys() {
        sums.entry(name).or_default();
    }
    let items = sums.into_iter().map(|(name, (last, entered, completed))| {
        let live = catalog.journeys.get(name);
        Journey {
            name: name.to_owned(),
            revision: live.map_or(last, |live| live.revision),
            live: live.is_some(),
            entered,
            inside: entered.saturating_sub(completed),
            completed,
        }
    });
    let items = items.filter(|journey| journey.live || journey.inside > 0);
    Json(Journeys { items: items.collect(), next: None })
}

/// Which revision.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// The revision; the one in force if absent, or the last.
    revision: Option<u32>,
}

/// One journey as a graph: walks at each step and on each edge.
#[utoipa::path(get, path = "/v1/journeys/{name}", tag = "journeys",
    params(("name" = String, Path), Which),
    responses((status = 200, body = Graph), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
    Query(which): Query<Which>,
) -> Result<Json<Graph>, Problem> {
    let catalog = app.catalog();
    let current = catalog.journeys.get(&name).map(|journey| journey.revision);
    let known = catalog.journey_revisions.keys().filter(|(known, _)| *known == name);
    let last = known.map(|(_, revision)| *revision).max();
    let revision = which.revision.or(current).or(last);
    let journey = revision.and_then(|r| catalog.journey_revisions.get(&(name.clone(), r)).cloned());
    let Some(journey) = journey else {
        let detail = match (last, which.revision) {
            (Some(last), Some(wanted)) => {
                format!("the journey `{name}` has no revision {wanted}; the last is {last}")
            }
            _ => format!("there is no journey `{name}`"),
        };
        let problem = Problem::new(Code::NotFound, detail);
        return Err(match nearest(&name, catalog.journeys.keys().map(String::as_str)) {
            Some(near) if last.is_none() => problem.hint(format!("did you mean `{near}`?")),
            _ => problem,
        });
    };
    let (ways, began) = counted(&app, Some(&name)).await;
    let mine = ways.get(&(name.clone(), journey.revision)).cloned().unwrap_or_default();
    let walks = walked::add_up(&journey, &mine);
    let (entered, completed) = ends(&mine);
    let revisions: Vec<_> = ways
        .iter()
        .map(|((_, revision), ways)| {
            let (entered, ended) = ends(ways);
            Revision { revision: *revision, entered, inside: entered.saturating_sub(ended) }
        })
        .collect();
    let all: u64 = revisions.iter().map(|revision| revision.entered).sum();
    let (published, text) = {
        let control = app.control();
        let body = control.book.revisions.get(&(Kind::Journey, name.clone())).and_then(|known| {
            known.iter().find(|known| known.number == journey.revision).map(|known| &known.body)
        });
        let text = body.and_then(|body| serde_yaml_ng::to_string(&body.document()).ok());
        (control.book.published(Kind::Journey, &name), text.unwrap_or_default())
    };
    Ok(Json(Graph {
        revision: journey.revision,
        current,
        published,
        entry: entry(&journey),
        begins: begins(&journey),
        policy: policy(&journey),
        exit_when: journey.exit_when.as_ref().map(|rule| rule.rule.to_string()),
        first: journey.ids.first().cloned().unwrap_or_default(),
        steps: steps(&journey, &walks),
        edges: edges(&journey, &walks),
        entered,
        inside: entered.saturating_sub(completed),
        completed,
        uncounted: began.get(&name).copied().unwrap_or_default().saturating_sub(all),
        revisions,
        text,
        name,
    }))
}

fn entry(journey: &Walked) -> String {
    let entry = &journey.entry;
    match (&entry.event, &entry.segment) {
        (Some(event), _) => {
            let rule = journey.entry_filter.as_ref().map(|rule| format!(" where {}", rule.rule));
            let key = entry.key.as_ref().map(|key| format!(", one walk for each `{key}`"));
            format!("the event `{event}`{}{}", rule.unwrap_or_default(), key.unwrap_or_default())
        }
        (None, Some(segment)) => {
            let verb = if entry.on == Some(Audience::Left) { "leaves" } else { "enters" };
            format!("somebody {verb} the segment `{segment}`")
        }
        (None, None) => String::new(),
    }
}

fn begins(journey: &Walked) -> Begins {
    let entry = &journey.entry;
    Begins {
        event: entry.event.clone(),
        rule: journey.entry_filter.as_ref().map(|rule| rule.rule.to_string()),
        key: entry.key.clone(),
        segment: entry.segment.clone(),
        by_leaving: entry.segment.as_ref().map(|_| entry.on == Some(Audience::Left)),
    }
}

fn policy(journey: &Walked) -> String {
    let text = serde_json::to_value(journey.policy).unwrap_or_default();
    text.as_str().unwrap_or_default().to_owned()
}

fn steps(journey: &Walked, walks: &Walks) -> Vec<Step> {
    let mut came: BTreeMap<u16, u64> = BTreeMap::from([(0, walks.entered)]);
    for ((_, to), passed) in &walks.passed {
        *came.entry(*to).or_default() += passed;
    }
    let of = |counts: &BTreeMap<u16, u64>, at: u16| counts.get(&at).copied().unwrap_or_default();
    let all = walked::forward(journey).into_iter().filter_map(|at| {
        let node = journey.nodes.get(usize::from(at))?;
        let (kind, words) = said(node);
        Some(Step {
            id: journey.ids.get(usize::from(at))?.clone(),
            kind: kind.to_owned(),
            words,
            of: of_node(node),
            waiting: of(&walks.waiting, at),
            came: of(&came, at),
            ended: of(&walks.ended, at),
        })
    });
    all.collect()
}

fn said(node: &Node) -> (&'static str, String) {
    match node {
        Node::Message { template, .. } => ("message", format!("sends `{template}`")),
        Node::Delay { span, .. } => ("wait", format!("waits {span}")),
        Node::WaitFor { event, filter, timeout, same_key, .. } => {
            let rule = filter.as_ref().map(|rule| format!(" where {}", rule.rule));
            let key = if *same_key { " of the same key" } else { "" };
            let rule = rule.unwrap_or_default();
            ("wait-for", format!("waits for `{event}`{key}{rule}, {timeout} at most"))
        }
        Node::Condition { rule, .. } => ("if", rule.rule.to_string()),
        Node::Set { attributes, .. } => {
            let each = attributes.iter().map(|(name, value)| format!("`{name}` = {value}"));
            ("set", format!("sets {}", each.collect::<Vec<_>>().join(", ")))
        }
        Node::Exit => ("exit", "ends".to_owned()),
    }
}

fn of_node(node: &Node) -> Of {
    let none = Of::default();
    match node {
        Node::Message { template, .. } => Of { template: Some(template.clone()), ..none },
        Node::Delay { span, .. } => Of { span: Some(span.to_string()), ..none },
        Node::WaitFor { event, filter, timeout, same_key, .. } => Of {
            event: Some(event.clone()),
            rule: filter.as_ref().map(|rule| rule.rule.to_string()),
            span: Some(timeout.to_string()),
            same_key: Some(*same_key),
            ..none
        },
        Node::Condition { rule, .. } => Of { rule: Some(rule.rule.to_string()), ..none },
        Node::Set { attributes, .. } => {
            let each = attributes.iter().map(|(name, value)| (name.clone(), value.to_string()));
            Of { sets: Some(each.collect()), ..none }
        }
        Node::Exit => none,
    }
}

fn edges(journey: &Walked, walks: &Walks) -> Vec<Edge> {
    let name = |at: u16| journey.ids.get(usize::from(at)).cloned().unwrap_or_default();
    let mut edges = Vec::new();
    for from in walked::forward(journey) {
        let Some(node) = journey.nodes.get(usize::from(from)) else { continue };
        for to in walked::successors(node) {
            edges.push(Edge {
                from: name(from),
                to: name(to),
                when: when(node, to).map(str::to_owned),
                passed: walks.passed.get(&(from, to)).copied().unwrap_or_default(),
            });
        }
    }
    edges
}

/// When a walk goes from a node to a successor, where it could go elsewhere.
fn when(node: &Node, to: u16) -> Option<&'static str> {
    match node {
        Node::Condition { then, otherwise, .. } if then != otherwise => {
            Some(if to == *then { "yes" } else { "no" })
        }
        Node::WaitFor { then, otherwise, .. } if then != otherwise => {
            Some(if to == *then { "it came" } else { "the time ran out" })
        }
        _ => None,
    }
}
