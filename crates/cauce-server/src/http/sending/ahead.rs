//! Who would get a campaign if it started now, and why the others would not: by the room that
//! judges every message when it leaves, and by the engine that fills it. Nothing is sent or kept.

use super::super::Shared;
use super::super::auth::Full;
use super::super::console::templates::needs;
use super::super::error::{Code, Problem, stopping};
use super::super::v1::messages::{Reason as RefusalReason, refusal_reason};
use super::super::who::estimate::{Named, bounds, named};
use super::sample::{SLICE, audience, crowded, picked, shares};
use crate::app::App;
use crate::loops::campaigns::waits;
use crate::render::Unrendered;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use cauce_core::campaign::Definition;
use cauce_core::catalog::Catalog;
use cauce_core::decide::Plans;
use cauce_core::decision::Permit;
use cauce_core::diagnostic::{Diagnostic, nearest};
use cauce_core::ids::{Number, Partition};
use cauce_core::policy::Reason;
use cauce_core::publish::{Body, Kind};
use cauce_core::query::{Foreseen, foresee};
use cauce_core::segment::in_words;
use cauce_core::time::Timestamp;
use cauce_core::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Limit: people that are looked at unless everybody is asked for.
const SAMPLE: u64 = 2_000;
/// People that are shown of each group.
const EXAMPLES: usize = 5;

/// How closely to look.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Look at everybody, however long that takes.
    #[serde(default)]
    exact: bool,
}

/// A campaign that is being written.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = AudienceRequest)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Its definition.
    #[schema(value_type = Object)]
    definition: serde_json::Value,
    /// Look at everybody, however long that takes.
    #[serde(default)]
    exact: bool,
}

/// So many people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = PeopleCounted)]
pub struct People {
    /// How many; of a sample, scaled up to the audience.
    people: u64,
    /// The least that it may be, 95 times of 100; the same where everybody was looked at.
    low: u64,
    /// The most that it may be.
    high: u64,
}

/// One of a group.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AudienceExample)]
pub struct Example {
    /// Who.
    #[serde(flatten)]
    person: Named,
    /// Why, with the numbers that led there; empty of those whose text has a gap.
    why: String,
    /// The same for programs, where it is a refusal or a delay.
    said: Option<RefusalReason>,
}

/// People of the audience to whom the same would happen.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AudienceGroup)]
pub struct Alike {
    /// Why, by the stable word under which a refusal is counted; `unrenderable` where the text
    /// cannot be made, `not-ready` where its sender cannot sign.
    reason: String,
    /// How many.
    #[serde(flatten)]
    count: People,
    /// Of those who get it later: when the first of them does.
    #[schema(value_type = Option<String>)]
    first: Option<Timestamp>,
    /// When the last of them does.
    #[schema(value_type = Option<String>)]
    last: Option<Timestamp>,
    /// Some of them.
    examples: Vec<Example>,
}

/// People whose message would have a hole: a variable without a value and without a fallback.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AudienceGap)]
pub struct Gap {
    /// `subject`, `html` or `text`.
    part: String,
    /// `profile.first_name`.
    path: String,
    /// How many of those who would get it.
    #[serde(flatten)]
    count: People,
    /// Some of them.
    examples: Vec<Example>,
}

/// What would become of a campaign if it started now. `leaves`, `later`, `refused` and `failed` add
/// up to `audience`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CampaignAudience)]
pub struct Answer {
    /// What is sent.
    template: String,
    /// People in its audience: counted, whatever was looked at.
    audience: u64,
    /// People who were looked at.
    looked_at: u64,
    /// Whether those are all; otherwise the numbers of people are of a sample.
    exact: bool,
    /// Who would get it at once.
    leaves: People,
    /// Who would get it later, by why not now.
    later: Vec<Alike>,
    /// Who would not get it, by why.
    refused: Vec<Alike>,
    /// Who would not get it because their message cannot be made.
    failed: Vec<Alike>,
    /// What would be missing in the messages of some who get it.
    gaps: Vec<Gap>,
    /// The audience is not whole yet: which segment is still being built, in words.
    waits: Option<String>,
}

/// Who would get a campaign if it started now, and who would not, by reason: each person of the
/// audience is judged as their message will be when it leaves. Of more than two thousand people a
/// sample, with the bounds that hold 95 times of 100; everybody with `exact`.
#[utoipa::path(get, path = "/v1/campaigns/{name}/audience", tag = "campaigns",
    params(("name" = String, Path), Asked),
    responses((status = 200, body = Answer), (status = 404, body = Problem),
        (status = 429, body = Problem)))]
pub async fn published(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Answer>, Problem> {
    let known = app.book().get(Kind::Campaign, &name).map(|one| one.body.clone());
    let Some(Body::Campaign(definition)) = known else {
        return Err(Problem::new(Code::NotFound, format!("there is no campaign `{name}`")));
    };
    Ok(Json(look_ahead(&app, definition, asked.exact).await?))
}

/// The same of a campaign that is being written. Its segments and its template are those in force.
#[utoipa::path(post, path = "/v1/campaigns/audience", tag = "campaigns", request_body = Draft,
    responses((status = 200, body = Answer), (status = 422, body = Problem),
        (status = 429, body = Problem)))]
pub async fn written(
    _: Full,
    State(app): Shared,
    asked: Result<Json<Draft>, JsonRejection>,
) -> Result<Json<Answer>, Problem> {
    let Json(asked) = asked.map_err(|error| Problem::new(Code::Malformed, error.body_text()))?;
    let definition = match Body::read(Kind::Campaign, asked.definition) {
        Ok(Body::Campaign(definition)) => definition,
        Ok(_) => return Err(Problem::new(Code::Invalid, "definition: it is no campaign")),
        Err(why) => {
            let fault = Diagnostic::error("definition", "unreadable", why);
            return Err(
                Problem::new(Code::Invalid, "the definition has faults").fields(vec![fault])
            );
        }
    };
    Ok(Json(look_ahead(&app, definition, asked.exact).await?))
}

/// Nothing in force has the name.
fn unknown<'k>(
    field: &str,
    kind: Kind,
    name: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Problem {
    let fault = Diagnostic::error(field, "unknown", format!("there is no {kind} `{name}`"));
    let fault = match nearest(name, known) {
        Some(near) => fault.hint(format!("did you mean `{near}`?")),
        None => fault,
    };
    Problem::new(Code::Invalid, fault.message.clone()).fields(vec![fault])
}

async fn look_ahead(
    app: &Arc<App>,
    definition: Definition,
    exact: bool,
) -> Result<Answer, Problem> {
    let book = app.book();
    let catalog = app.catalogs.plan(book.plan);
    let names = |kind| book.list(kind).map(|(name, _)| name);
    for (field, segments) in [("audience", &definition.audience), ("exclude", &definition.exclude)]
    {
        if let Some(name) = segments.iter().find(|name| catalog.segment(name).is_none()) {
            return Err(unknown(field, Kind::Segment, name, names(Kind::Segment)));
        }
    }
    let template = book.get(Kind::Template, &definition.template).map(|known| &known.body);
    let Some(Body::Template(source)) = template else {
        let known = names(Kind::Template);
        return Err(unknown("template", Kind::Template, &definition.template, known));
    };
    let _room = app.who.estimates.try_acquire().map_err(|_| crowded())?;
    let parts = audience(app, &catalog, &definition).await?;
    let all: u64 = parts.iter().map(|(_, members)| members.len()).sum();
    let most = if exact { u64::MAX } else { SAMPLE };
    let mut tally = Tally::default();
    let needs = Arc::new(needs(source));
    let mut waiting = Vec::new();
    for (partition, members) in parts {
        waiting.extend(waits(app, partition, &definition).await);
        let mut picked = picked(&members, all, most).into_iter().peekable();
        while picked.peek().is_some() {
            let slice: Vec<Number> = picked.by_ref().take(SLICE).collect();
            let seen = look(app, partition, (&catalog, slice), &definition.template).await;
            let seen = seen.ok_or_else(stopping)?;
            // Filling may take as long as the fuel of a template lasts: not on a thread that serves
            // others.
            let (own, needs) = (app.clone(), needs.clone());
            tally = tokio::task::spawn_blocking(move || tally.with(&own, &needs, seen))
                .await
                .map_err(|_| stopping())?;
        }
    }
    Ok(tally.answer(definition.template, Of::new(all, most), in_words(waiting)))
}

/// Somebody, and what would become of their message.
type Seen = (Named, Foreseen);

/// Looks at some people of one partition. None if the partition is gone.
async fn look(
    app: &App,
    partition: Partition,
    (catalog, slice): (&Arc<Catalog>, Vec<Number>),
    template: &str,
) -> Option<Vec<Seen>> {
    let (catalog, template, now) = (catalog.clone(), template.to_owned(), app.node.now());
    let asked = app.ask(partition, move |p| {
        let one = |number: Number| -> Option<Seen> {
            let person = named(p.rows(), number)?;
            Some((person, foresee(p.rows(), &catalog, number, &template, now)?))
        };
        slice.into_iter().filter_map(one).collect()
    });
    asked.await
}

/// What became of the attempt to make somebody's message, and with which values.
type Made = Option<(Result<(), Unrendered>, Value)>;

/// What becomes of somebody's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Leaves,
    Later,
    Refused,
    Failed,
}

#[derive(Debug, Default)]
struct Counted {
    people: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    examples: Vec<Example>,
}

impl Counted {
    fn add(&mut self, person: &Named, (why, said): (&str, Option<&Reason>)) {
        self.people += 1;
        if self.examples.len() < EXAMPLES {
            let (person, why) = (person.clone(), why.to_owned());
            self.examples.push(Example { person, why, said: said.map(refusal_reason) });
        }
    }

    fn due(&mut self, at: Timestamp) {
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
    }
}

/// Who was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// Everybody. Those who went away while one looked are no part of it any more.
    Everybody,
    /// Some of so many.
    Sample { audience: u64 },
}

impl Of {
    fn new(audience: u64, most: u64) -> Of {
        if audience <= most { Of::Everybody } else { Of::Sample { audience } }
    }
}

/// What was seen so far.
#[derive(Debug, Default)]
struct Tally {
    looked_at: u64,
    fates: BTreeMap<(Fate, String), Counted>,
    gaps: BTreeMap<(String, String), Counted>,
}

impl Tally {
    fn with(mut self, app: &App, needs: &[(String, String)], seen: Vec<Seen>) -> Tally {
        let (rendering, now) = (app.rendering(), app.node.now());
        for (person, foreseen) in seen {
            self.looked_at += 1;
            let made = foreseen.hand_over.as_deref().map(|hand_over| {
                let made = rendering.render(&app.site, hand_over, now);
                (made.map(|_| ()), Value::Object(hand_over.values.clone()))
            });
            self.add(&person, &foreseen.permit, made, needs);
        }
        self
    }

    fn put(&mut self, to: (Fate, &str), person: &Named, why: &str) -> &mut Counted {
        let counted = self.fates.entry((to.0, to.1.to_owned())).or_default();
        counted.add(person, (why, None));
        counted
    }

    fn put_said(&mut self, fate: Fate, person: &Named, reason: &Reason) -> &mut Counted {
        let counted = self.fates.entry((fate, reason.code().to_owned())).or_default();
        counted.add(person, (&reason.to_string(), Some(reason)));
        counted
    }

    fn add(&mut self, person: &Named, permit: &Permit, made: Made, needs: &[(String, String)]) {
        // A message that cannot be made is not made later either.
        let values = match made {
            Some((Err(Unrendered::Faulty(why)), _)) => {
                self.put((Fate::Failed, "unrenderable"), person, &why);
                return;
            }
            Some((Err(Unrendered::Held(why)), _)) => {
                self.put((Fate::Later, "not-ready"), person, &why);
                return;
            }
            Some((Ok(()), values)) => values,
            None => Value::Null,
        };
        match permit {
            Permit::No(reason) => {
                self.put_said(Fate::Refused, person, reason);
                return;
            }
            Permit::Later { due, reason } => self.put_said(Fate::Later, person, reason).due(*due),
            Permit::Yes { .. } => {
                self.put((Fate::Leaves, ""), person, "");
            }
        }
        for (part, path) in needs {
            let found = values.at(path.split('.'));
            if found.is_none_or(|value| *value == Value::Null) {
                let key = (part.clone(), path.clone());
                self.gaps.entry(key).or_default().add(person, ("", None));
            }
        }
    }

    fn answer(self, template: String, of: Of, waits: Option<String>) -> Answer {
        let Tally { looked_at, fates, gaps } = self;
        let (audience, exact) = match of {
            Of::Everybody => (looked_at, true),
            Of::Sample { audience } => (audience.max(looked_at), false),
        };
        let counted: Vec<u64> = fates.values().map(|counted| counted.people).collect();
        let people = |seen: u64, share: u64| {
            let bounds = bounds(seen, looked_at, audience);
            People { people: share, low: bounds.low.min(share), high: bounds.high.max(share) }
        };
        let mut answer = Answer {
            template,
            audience,
            looked_at,
            exact,
            leaves: People::default(),
            later: Vec::new(),
            refused: Vec::new(),
            failed: Vec::new(),
            gaps: Vec::new(),
            waits,
        };
        for (((fate, reason), seen), share) in fates.into_iter().zip(shares(&counted, audience)) {
            let count = people(seen.people, share);
            let Counted { first, last, examples, .. } = seen;
            let group = Alike { reason, count, first, last, examples };
            match fate {
                Fate::Leaves => answer.leaves = count,
                Fate::Later => answer.later.push(group),
                Fate::Refused => answer.refused.push(group),
                Fate::Failed => answer.failed.push(group),
            }
        }
        for groups in [&mut answer.later, &mut answer.refused, &mut answer.failed] {
            groups.sort_by_key(|group| std::cmp::Reverse(group.count.people));
        }
        let gaps = gaps.into_iter().map(|((part, path), seen)| {
            let share = bounds(seen.people, looked_at, audience).count;
            Gap { part, path, count: people(seen.people, share), examples: seen.examples }
        });
        answer.gaps = gaps.collect();
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person() -> Named {
        Named { profile: cauce_core::ids::ProfileId(1), namespace: None, value: None }
    }

    fn tally(parts: &[(u64, &Permit)]) -> Tally {
        let mut tally = Tally::default();
        for (count, permit) in parts {
            for _ in 0..*count {
                tally.looked_at += 1;
                let made = (!matches!(permit, Permit::No(_)))
                    .then(|| (Ok(()), Value::Object(BTreeMap::new())));
                let needs = [("text".to_owned(), "profile.name".to_owned())];
                tally.add(&person(), permit, made, &needs);
            }
        }
        tally
    }

    fn sum(answer: &Answer) -> u64 {
        let groups = answer.later.iter().chain(&answer.refused).chain(&answer.failed);
        answer.leaves.people + groups.map(|group| group.count.people).sum::<u64>()
    }

    #[test]
    fn every_person_of_the_audience_is_in_one_group() {
        let yes = Permit::Yes { address: "a@example.com".to_owned() };
        let no = Permit::No(Reason::NoConsent { topic: "news".to_owned() });
        let reason = Reason::QuietHours { zone: "UTC".to_owned(), until: Timestamp(9) };
        let later = |due| Permit::Later { due: Timestamp(due), reason: reason.clone() };
        let parts = [(7, &yes), (2, &no), (1, &later(9)), (1, &later(4))];
        let answer = tally(&parts).answer("t".to_owned(), Of::new(11, SAMPLE), None);
        assert!(answer.exact);
        assert_eq!(answer.leaves, People { people: 7, low: 7, high: 7 });
        assert_eq!(
            (answer.refused[0].reason.as_str(), answer.refused[0].count.people),
            ("no-consent", 2)
        );
        assert_eq!(
            (answer.later[0].first, answer.later[0].last),
            (Some(Timestamp(4)), Some(Timestamp(9)))
        );
        assert_eq!(answer.gaps[0].count.people, 9, "who is refused has no text");
        assert_eq!(sum(&answer), 11);
        let said = serde_json::to_value(&answer.refused[0].examples[0].said).unwrap();
        let shape = serde_json::json!({ "code": "no-consent", "details": { "topic": "news" } });
        assert_eq!(said, shape, "as the API says reasons everywhere");
        // One of twelve went away while the others were looked at: that is everybody all the same.
        let answer = tally(&parts).answer("t".to_owned(), Of::new(12, u64::MAX), None);
        assert_eq!((answer.exact, answer.audience, sum(&answer)), (true, 11, 11));
        // Of a sample: the same, scaled, with its error, and still everybody once.
        let answer = tally(&parts).answer("t".to_owned(), Of::new(100_003, SAMPLE), None);
        assert!(!answer.exact);
        assert_eq!(sum(&answer), 100_003);
        let leaves = answer.leaves;
        assert!(leaves.low < leaves.people && leaves.people < leaves.high, "{leaves:?}");
    }

    #[test]
    fn what_cannot_be_made_is_not_promised_for_later() {
        let later = Permit::Later {
            due: Timestamp(9),
            reason: Reason::QuietHours { zone: "UTC".to_owned(), until: Timestamp(9) },
        };
        let mut tally = Tally { looked_at: 2, ..Tally::default() };
        let faulty = Err(Unrendered::Faulty("text: too long".to_owned()));
        tally.add(&person(), &later, Some((faulty, Value::Null)), &[]);
        let held = Err(Unrendered::Held("no key".to_owned()));
        tally.add(&person(), &later, Some((held, Value::Null)), &[]);
        let answer = tally.answer("t".to_owned(), Of::Everybody, None);
        assert_eq!(answer.failed[0].examples[0].why, "text: too long");
        assert_eq!(answer.later[0].reason, "not-ready");
        assert_eq!(answer.leaves.people, 0);
    }
}
