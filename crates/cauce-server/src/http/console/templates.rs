//! Templates, and how one looks for somebody: by the engine that sends, and never sent.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem, stopping};
use super::super::sending::cost::{fares, writer};
use super::super::v1::profiles::{Located, alias, locate};
use super::super::v1::{inflate, json};
use super::Name;
use crate::app::App;
use crate::render::Strict;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use cauce_core::decide::Plans;
use cauce_core::decimal::Decimal;
use cauce_core::device::Way;
use cauce_core::diagnostic::{Diagnostic, Severity, nearest};
use cauce_core::event::Properties;
use cauce_core::limits;
use cauce_core::message::content::push::Push;
use cauce_core::message::{Channel, Class};
use cauce_core::offer::{self, Choice};
use cauce_core::policy::permit;
use cauce_core::publish::{Body, Kind, Template as Source};
use cauce_core::sms::countries;
use cauce_core::value::Value;
use cauce_core::{phone, query, sms, template};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A template, in a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TemplateListed)]
pub struct Template {
    /// Its name.
    name: String,
    /// Its revision.
    revision: u32,
    /// `email` or another channel.
    channel: String,
    /// The topic; absent for transactional templates.
    topic: Option<String>,
    /// Who writes; the only sender if absent.
    sender: Option<String>,
    /// The subject, with its holes.
    subject: String,
    /// What uses it: `journey welcome`, `campaign monthly`, `topic news`.
    used_by: Vec<String>,
}

/// Templates.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TemplateList)]
pub struct Templates {
    /// By name.
    items: Vec<Template>,
    /// Where to go on: all are in one answer.
    next: Option<String>,
}

/// A variable of a template.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[schema(as = TemplateVariable)]
pub struct Variable {
    /// `subject`, `html` or `text`.
    part: String,
    /// `profile.first_name`.
    path: String,
    /// Whether its absence shows no hole.
    fallback: bool,
    /// Whether it has no value here.
    missing: bool,
}

/// A template with its text.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TemplateShown)]
pub struct Shown {
    /// As in the list.
    #[serde(flatten)]
    template: Template,
    /// The HTML part, with its holes.
    html: Option<String>,
    /// The plain part, with its holes; made of the HTML where it is absent.
    text: Option<String>,
    /// Whether links are rewritten and a pixel is added.
    tracking: bool,
    /// The variables that it uses.
    variables: Vec<Variable>,
    /// Paths that a message by it needs of its event.
    needed: BTreeSet<String>,
    /// The definition as a file has it (YAML).
    definition: String,
}

/// Something that an author should know.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TemplateFinding)]
pub struct Finding {
    /// `error` or `warning`.
    severity: String,
    /// `subject`, `html` or `text`; empty for the whole.
    part: String,
    /// The stable word.
    code: String,
    /// What is wrong.
    message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// Where in the part it begins, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<u32>,
    /// One past its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<u32>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    /// The character in the line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
}

/// What to look at: a template by name, or one that is being written.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = PreviewRequest)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The template's name.
    #[serde(default, alias = "name")]
    template: Option<String>,
    /// A definition that goes before it.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    definition: Option<serde_json::Value>,
    /// For whom; nobody if absent.
    #[serde(default)]
    profile: Option<Name>,
    /// The number that a text message would go to: its price and the rules of its country are said.
    #[serde(default)]
    to: Option<String>,
    /// The properties of an event that the template may use as `event`.
    #[serde(default)]
    #[schema(value_type = Object)]
    event: BTreeMap<String, Value>,
}

/// How large a push is for a service.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PushSize)]
pub struct Size {
    /// `apns`, `fcm` or `web`.
    pub way: String,
    /// Bytes of its payload with these values.
    pub bytes: usize,
    /// The most that the service takes.
    pub bytes_max: usize,
}

/// What a text message costs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TextMessageCost)]
pub struct Cost {
    /// `gsm7` or `ucs2`.
    pub encoding: &'static str,
    /// Parts, each of which is paid.
    pub parts: usize,
    /// Parts that the sender allows.
    pub parts_max: usize,
    /// Units of the alphabet: septets, or sixteen bits each.
    pub units: usize,
    /// Units that fit into a part of this text.
    pub units_per_part: usize,
    /// Units that are still free in the last part.
    pub free: usize,
    /// The first character that makes it `ucs2`, of which a part holds less than half as much.
    pub forced_by: Option<String>,
    /// Parts times price, by who would carry it; to the number that was named or that the profile
    /// has. Empty without a number.
    pub fares: Vec<Fare>,
}

/// What a text message costs by one provider.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TextMessageFare)]
pub struct Fare {
    /// The provider.
    pub provider: String,
    /// Its share, beside the weights of the others.
    pub weight: u32,
    /// The currency (ISO 4217), if its definition says prices.
    pub currency: Option<String>,
    /// What a part costs to this number.
    #[schema(value_type = Option<f64>)]
    pub per_part: Option<Decimal>,
    /// The same for all parts.
    #[schema(value_type = Option<f64>)]
    pub total: Option<Decimal>,
}

/// How it looks.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TemplatePreview)]
pub struct Preview {
    /// The subject (e-mail); absent where it cannot be filled.
    pub subject: Option<String>,
    /// The HTML part; absent where there is none or it cannot be filled.
    pub html: Option<String>,
    /// The plain part, or the body of a request.
    pub text: Option<String>,
    /// How large it is for each service (push).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<Size>,
    /// What it costs (SMS), where it can be filled.
    pub cost: Option<Cost>,
    /// Whether a message like this would leave.
    pub sendable: bool,
    /// What an author should know, errors first.
    pub diagnostics: Vec<Finding>,
    /// The variables, and which have no value here.
    pub variables: Vec<Variable>,
}

fn listed(app: &App, name: &str, revision: u32, source: &Source) -> Template {
    let catalog = app.catalog();
    let journeys = catalog.journeys.values();
    let journeys = journeys.filter(|journey| journey.templates().any(|used| used == name));
    let mut used_by: Vec<_> = journeys.map(|journey| format!("journey {}", journey.name)).collect();
    let control = app.control();
    for (campaign, revision) in control.book.list(Kind::Campaign) {
        if matches!(&revision.body, Body::Campaign(campaign) if campaign.template == name) {
            used_by.push(format!("campaign {campaign}"));
        }
    }
    for (topic, known) in &catalog.topics {
        if known.confirmation.as_deref() == Some(name) {
            used_by.push(format!("topic {topic}"));
        }
    }
    Template {
        name: name.to_owned(),
        revision,
        channel: source.channel.to_string(),
        topic: source.topic.clone(),
        sender: source.sender.clone(),
        subject: source.subject.clone(),
        used_by,
    }
}

/// All templates.
#[utoipa::path(get, path = "/v1/templates", tag = "definitions",
    responses((status = 200, body = Templates)))]
pub async fn list(_: Full, State(app): Shared) -> Json<Templates> {
    let book = app.book();
    let items = book.list(Kind::Template).filter_map(|(name, revision)| match &revision.body {
        Body::Template(source) => Some(listed(&app, name, revision.number, source)),
        _ => None,
    });
    Json(Templates { items: items.collect(), next: None })
}

/// A template in force, or a problem that names the nearest.
fn find(app: &App, name: &str) -> Result<(u32, Source), Problem> {
    let book = app.book();
    match book.get(Kind::Template, name).map(|revision| (revision.number, &revision.body)) {
        Some((number, Body::Template(source))) => Ok((number, source.clone())),
        _ => {
            let problem = Problem::new(Code::NotFound, format!("there is no template `{name}`"));
            let known: Vec<&str> = book.list(Kind::Template).map(|(known, _)| known).collect();
            Err(match nearest(name, known) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem,
            })
        }
    }
}

/// One template with its text and its variables.
#[utoipa::path(get, path = "/v1/templates/{name}", tag = "definitions",
    params(("name" = String, Path)),
    responses((status = 200, body = Shown), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<Json<Shown>, Problem> {
    let (number, source) = find(&app, &name)?;
    Ok(Json(Shown {
        template: listed(&app, &name, number, &source),
        variables: variables(&source, None),
        needed: source.needed(),
        definition: serde_yaml_ng::to_string(&Body::Template(source.clone()).document())
            .unwrap_or_default(),
        html: source.html,
        text: source.text,
        tracking: source.tracking,
    }))
}

/// The variables of a template, each once per part; `known` has the values, where there are any.
fn variables(source: &Source, known: Option<&Value>) -> Vec<Variable> {
    let has = |path: &str| {
        let Some(known) = known else { return true };
        path.starts_with("links.")
            || path.starts_with("message.")
            || known.at(path.split('.')).is_some_and(|value| *value != Value::Null)
    };
    let all = source.variables().into_iter().map(|(part, variable)| Variable {
        part: part.to_owned(),
        missing: !has(&variable.path),
        path: variable.path,
        fallback: variable.guarded,
    });
    // Where it is used twice, the use without a fallback counts.
    let mut uses: BTreeMap<(String, String), Variable> = BTreeMap::new();
    for variable in all {
        let key = (variable.part.clone(), variable.path.clone());
        let known = uses.entry(key).or_insert_with(|| variable.clone());
        known.fallback &= variable.fallback;
    }
    uses.into_values().collect()
}

/// What a message needs of its person, without a fallback: in which part, and where it is found.
pub(crate) fn needs(source: &Source) -> Vec<(String, String)> {
    // As if nobody had anything: what is missing then is what it needs.
    let all = variables(source, Some(&Value::Null)).into_iter();
    let all = all.filter(|variable| variable.missing && !variable.fallback);
    all.map(|variable| (variable.part, variable.path)).collect()
}

/// How a template looks for somebody: rendered by the engine that sends, with every fault and its
/// place. Nothing is sent.
#[utoipa::path(post, path = "/v1/templates/preview", tag = "definitions", request_body = Asked,
    responses((status = 200, body = Preview), (status = 404, body = Problem),
        (status = 422, body = Problem)))]
pub async fn preview(
    _: Full,
    State(app): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Preview>, Problem> {
    let asked: Asked = serde_json::from_value(json(&inflate(&headers, body)?)?)
        .map_err(|error| Problem::new(Code::Invalid, error.to_string()))?;
    let source = match (asked.definition, &asked.template) {
        (Some(document), _) => match Body::read(Kind::Template, document) {
            Ok(Body::Template(source)) => source,
            Ok(_) => return Err(Problem::new(Code::Invalid, "definition: it is no template")),
            Err(why) => {
                let fault = Diagnostic::error("definition", "unreadable", why);
                return Err(
                    Problem::new(Code::Invalid, "the definition has faults").fields(vec![fault])
                );
            }
        },
        (None, Some(name)) => find(&app, name)?.1,
        (None, None) => {
            return Err(Problem::new(Code::Invalid, "nothing is named to look at")
                .hint("give `template`, a name, or `definition`"));
        }
    };
    let place = match &asked.profile {
        Some(name) => Some(locate(&app, &alias(&app, &name.namespace, &name.value)?).await?),
        None => None,
    };
    let to = asked.to.as_deref().map(|to| number(&app, to)).transpose()?;
    Ok(Json(fill(&app, source, (place.as_ref(), to), asked.event).await?))
}

/// Fills a template for a profile, with an event.
pub async fn fill(
    app: &Arc<App>,
    source: Source,
    (place, to): (Option<&Located>, Option<String>),
    event: BTreeMap<String, Value>,
) -> Result<Preview, Problem> {
    let catalog = app.catalogs.plan(app.control().book.plan);
    let shown = source.offers();
    let (profile, choices) = match place {
        Some(place) => {
            let (attributes, computed) = (source.attributes(), source.computed());
            let (catalog, shown) = (catalog.clone(), shown.clone());
            let (number, now) = (place.number, app.node.now());
            let values = app.ask(place.partition, move |p| {
                let (rows, names) = (p.rows(), (&attributes, &computed));
                let values = query::values(rows, &catalog, number, names, now);
                (values, query::offers(rows, &catalog, number, &shown, now))
            });
            values.await.ok_or_else(stopping)?
        }
        None => (BTreeMap::new(), BTreeMap::new()),
    };
    let chosen = |name: String| {
        let placement = catalog.placements.get(&name)?;
        let choice = choices.get(&name).cloned();
        Some((name, choice.unwrap_or_else(|| Choice::fallback(placement)).into()))
    };
    let chosen = shown.into_iter().filter_map(chosen).collect();
    let mut known = Properties::from([
        ("profile".to_owned(), Value::Object(profile)),
        ("event".to_owned(), Value::Object(event)),
        (offer::OFFERS.to_owned(), Value::Object(chosen)),
    ]);
    // What a message carries stands before what it would carry now.
    offer::unfold(&mut known);
    let to = to.or_else(|| {
        let head = &place.filter(|_| source.channel == Channel::Sms)?.head;
        let none = cauce_core::device::Devices::new();
        let kind = (Channel::Sms, Class::Bulk);
        permit::address(&app.catalog().namespaces, (head, &none), kind).ok()
    });
    let app = app.clone();
    // It may take as long as its fuel lasts: not on a thread that serves others.
    let filled = tokio::task::spawn_blocking(move || look(&app, &source, known, to.as_deref()));
    filled.await.map_err(|_| stopping())
}

/// A number as it is written to.
fn number(app: &App, to: &str) -> Result<String, Problem> {
    let alias = app.catalog().namespaces.canonical("phone", to).ok();
    alias.map(|alias| alias.value).filter(|to| phone::is_e164(to)).ok_or_else(|| {
        Problem::new(Code::Invalid, format!("to: `{to}` does not say its country"))
            .hint("begin it with a +")
    })
}

fn look(app: &App, source: &Source, known: Properties, to: Option<&str>) -> Preview {
    let mut diagnostics = parsed(source);
    let now = app.node.now();
    let rendering = app.rendering();
    let variables = variables(source, Some(&Value::Object(known.clone())));
    let fill = |strict| rendering.preview(&app.site, source, known.clone(), (strict, now));
    let mut filled = fill(Strict::No);
    let broken = |part: &str| diagnostics.iter().any(|finding| finding.part == part);
    let strict: Vec<_> = fill(Strict::Yes).into_iter().filter(|(part, _)| !broken(part)).collect();
    for (part, result) in strict {
        let lenient = filled.get(part).and_then(|result| result.as_ref().err());
        let (severity, fault) = match (lenient, &result) {
            (Some(fault), _) => (Severity::Error, fault),
            (None, Err(fault)) => (Severity::Warning, fault),
            (None, Ok(_)) => continue,
        };
        diagnostics.push(fault_finding(source, part, severity, fault));
    }
    for variable in variables.iter().filter(|variable| variable.missing && !variable.fallback) {
        let known = |finding: &Finding| {
            finding.part == variable.part
                && finding.message.contains(&format!("`{}`", variable.path))
        };
        if !diagnostics.iter().any(known) {
            diagnostics.push(missing(source, variable));
        }
    }
    diagnostics.sort_by_key(|finding| finding.severity != "error");
    let mut take = |part: &str| filled.remove(part).and_then(Result::ok);
    let (subject, html, text) = (take("subject"), take("html"), take("text"));
    // The two lines of a push stand where those of a letter do.
    let (subject, mut text) = (subject.or_else(|| take("title")), text.or_else(|| take("body")));
    let values = Value::Object(known);
    let pushed = source.push.as_ref().map(|push| rendering.push_preview(push, &values, now));
    let sizes = match &pushed {
        Some(Ok(push)) => sizes(push),
        Some(Err(_)) | None => Vec::new(),
    };
    let mut cost = None;
    if source.channel == Channel::Sms
        && let Some(filled) = &mut text
    {
        *filled = app.site.shortened(source, filled);
        let said = costs(app, source, filled, to);
        diagnostics.extend(too_long(source, &said));
        diagnostics.extend(to.and_then(|to| barred(app, source, to)));
        cost = Some(said);
    }
    let sendable = !diagnostics.iter().any(|finding| finding.severity == "error");
    Preview { subject, html, text, sizes, cost, sendable, diagnostics, variables }
}

/// How large a push is for each service.
fn sizes(push: &Push) -> Vec<Size> {
    let of = |way: Way| {
        let (bytes, bytes_max) = push.bytes(way);
        Size { way: way.as_str().to_owned(), bytes, bytes_max }
    };
    [Way::Apns, Way::Fcm, Way::Web].into_iter().map(of).collect()
}

/// What the country of a number says against the sender's name.
fn barred(app: &App, source: &Source, to: &str) -> Option<Finding> {
    let (_, sender) = writer(app, source)?;
    let reason = countries::judge(&sender, to).err()?;
    let fault = Diagnostic::error("", reason.code(), reason.to_string());
    Some(finding(source, "text", fault.hint("a message like this would be refused")))
}

fn costs(app: &App, source: &Source, text: &str, to: Option<&str>) -> Cost {
    let sender = writer(app, source);
    let class = match source.topic {
        Some(_) => Class::Bulk,
        None => Class::Transactional,
    };
    let seen = sms::preview(text);
    Cost {
        encoding: seen.encoding.as_str(),
        parts: seen.parts,
        parts_max: sender.map_or(usize::from(u8::MAX), |(_, own)| usize::from(own.max_parts)),
        units: seen.units,
        units_per_part: seen.units_per_part,
        free: seen.free,
        forced_by: seen.forced_by.map(String::from),
        fares: to
            .map_or_else(Vec::new, |to| fares(app, source, class, to))
            .into_iter()
            .map(|fare| {
                let (currency, per_part) = fare.per_part.unzip();
                Fare {
                    provider: fare.provider,
                    weight: fare.weight,
                    currency,
                    total: per_part.map(|price: Decimal| price.times(seen.parts as u64)),
                    per_part,
                }
            })
            .collect(),
    }
}

/// What keeps a text message from leaving: nothing of it, or too much.
fn too_long(source: &Source, cost: &Cost) -> Option<Finding> {
    let fault = match cost.parts {
        0 => Diagnostic::error("", "no-content", "nothing is left of the text"),
        parts if parts > cost.parts_max => {
            let message = format!("it takes {parts} parts, the sender allows {}", cost.parts_max);
            let fault = Diagnostic::error("", "too-long", message);
            match &cost.forced_by {
                Some(c) => {
                    fault.hint(format!("without `{c}` a part holds more than twice as much"))
                }
                None => fault.hint("shorten it, or raise `sms.max-parts` of the sender"),
            }
        }
        _ => return None,
    };
    Some(finding(source, "text", fault))
}

/// Faults of the text itself.
fn parsed(source: &Source) -> Vec<Finding> {
    let of_part = |(part, text): (&'static str, &str)| {
        let faults = match text.len() {
            ..=limits::TEMPLATE_SOURCE_BYTES_MAX => {
                template::parse(text, &BTreeMap::new()).err().unwrap_or_default()
            }
            _ => vec![Diagnostic::error("", "too-large", "a part has at most 512 KB")],
        };
        let found = |fault: Diagnostic| finding(source, part, fault);
        faults.into_iter().map(found).collect::<Vec<_>>()
    };
    source.parts().flat_map(of_part).collect()
}

fn fault_finding(
    source: &Source,
    part: &str,
    severity: Severity,
    fault: &template::Fault,
) -> Finding {
    let mut diagnostic = Diagnostic::error("", fault.code.as_str(), fault.to_string());
    diagnostic.severity = severity;
    diagnostic.span = fault.span.map(|span| (span.start, span.end));
    finding(source, part, diagnostic)
}

fn missing(source: &Source, variable: &Variable) -> Finding {
    let place = source
        .variables()
        .into_iter()
        .find(|(part, used)| *part == variable.part && used.path == variable.path && !used.guarded);
    let message = format!("`{}` has no value here", variable.path);
    let mut fault = Diagnostic::warning("", "missing-variable", message)
        .hint("give it a fallback: `| default: \"…\"`");
    fault.span = place.map(|(_, used)| (used.span.start, used.span.end));
    finding(source, &variable.part, fault)
}

fn finding(source: &Source, part: &str, fault: Diagnostic) -> Finding {
    let text = source.parts().find(|(name, _)| *name == part).map_or("", |(_, text)| text);
    let before = fault.span.and_then(|(start, _)| text.get(..start as usize));
    let line = before.map(|before| before.matches('\n').count() as u32 + 1);
    let column = before.map(|before| {
        let last = before.rsplit('\n').next().unwrap_or_default();
        last.chars().count() as u32 + 1
    });
    Finding {
        severity: match fault.severity {
            Severity::Error => "error".to_owned(),
            Severity::Warning => "warning".to_owned(),
        },
        part: part.to_owned(),
        code: fault.code,
        message: fault.message,
        hint: fault.hint,
        start: fault.span.map(|span| span.0),
        end: fault.span.map(|span| span.1),
        line,
        column,
    }
}
