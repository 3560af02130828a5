//! From the ledger's row to what the API answers.

use super::shape::{
    Arrival, Attempt, DeviceEnd, Ended, Outcome, OutcomeKind, Reason, Report, Reported, Shown,
    Source, SourceKind, Standing, State, Template,
};
use cauce_core::delivery::{self, summary};
use cauce_core::input::ReportKind;
use cauce_core::message::attached::ATTACHED;
use cauce_core::message::{Arrival as Arrived, ledger};
use cauce_core::offer;
use cauce_core::policy;
use cauce_core::time::Timestamp;
use serde_json::Value;

/// A message as people see it.
pub fn shown(message: &ledger::Message) -> Shown {
    Shown {
        id: message.id.to_string(),
        profile: message.profile.to_string(),
        channel: message.channel.into(),
        class: message.class.into(),
        template: Template { name: message.template.0.clone(), revision: message.template.1 },
        topic: message.topic.clone(),
        source: source(&message.source),
        context: context(message),
        offers: offer::carried(message)
            .map(|(placement, offer)| (placement.to_owned(), offer.map(str::to_owned)))
            .collect(),
        path: message.path.clone(),
        created: message.created,
        expires: message.expires,
        state: state(&message.state),
        term: message.state.term().into(),
        why: why(&message.state),
        arrival: message.arrival().map(|arrival| match arrival {
            Arrived::Delivered => Arrival::Delivered,
            Arrived::Bounced => Arrival::Bounced,
        }),
        attempts: message.attempts.iter().map(|one| attempt(message, one)).collect(),
        reports: message.reports.iter().map(|(at, kind)| report(*at, kind)).collect(),
        trace: message.trace.to_string(),
    }
}

/// What the template may use, without the bytes of files: those are the reader's. That they were
/// there is told.
fn context(message: &ledger::Message) -> Value {
    let mut context = serde_json::to_value(&message.context).unwrap_or_default();
    if let Some(context) = context.as_object_mut() {
        context.remove(offer::CARRIED);
    }
    let files = context.get_mut(ATTACHED).and_then(Value::as_array_mut);
    for file in files.into_iter().flatten().filter_map(Value::as_object_mut) {
        let length = file.remove("content").map_or(0, |c| c.as_str().map_or(0, str::len));
        file.insert("base64-bytes".to_owned(), length.into());
    }
    context
}

fn source(source: &ledger::Source) -> Source {
    let mut shown = Source {
        kind: SourceKind::Api,
        journey: None,
        revision: None,
        run: None,
        step: None,
        campaign: None,
        id: None,
        key: None,
    };
    match source {
        ledger::Source::Journey { journey, revision, run, step } => {
            shown.kind = SourceKind::Journey;
            shown.journey = Some(journey.clone());
            shown.revision = Some(*revision);
            shown.run = Some(run.to_string());
            shown.step = Some(step.clone());
        }
        ledger::Source::Campaign { id, campaign } => {
            shown.kind = SourceKind::Campaign;
            shown.id = Some(*id);
            shown.campaign = Some(campaign.clone());
        }
        ledger::Source::Api { key } => shown.key = key.clone(),
    }
    shown
}

fn state(state: &ledger::State) -> State {
    let mut shown = State {
        state: Standing::Queued,
        at: None,
        due: None,
        put_off: None,
        start_before: None,
        reason: None,
        code: None,
        text: None,
    };
    match state {
        ledger::State::Queued { due, put_off } => {
            shown.due = Some(*due);
            shown.put_off = put_off.as_ref().map(reason);
        }
        ledger::State::Attempting { start_before } => {
            shown.state = Standing::Attempting;
            shown.start_before = Some(*start_before);
        }
        ledger::State::Accepted { at } => (shown.state, shown.at) = (Standing::Accepted, Some(*at)),
        ledger::State::Refused { reason: said, at } => {
            (shown.state, shown.at) = (Standing::Refused, Some(*at));
            shown.reason = Some(reason(said));
        }
        ledger::State::Failed { code, text, at } => {
            (shown.state, shown.at) = (Standing::Failed, Some(*at));
            (shown.code, shown.text) = (Some(code.clone()), Some(text.clone()));
        }
        ledger::State::Unknown { text, at } => {
            (shown.state, shown.at) = (Standing::Unknown, Some(*at));
            shown.text = Some(text.clone());
        }
    }
    shown
}

fn why(state: &ledger::State) -> Option<String> {
    match state {
        ledger::State::Refused { reason, .. }
        | ledger::State::Queued { put_off: Some(reason), .. } => Some(reason.to_string()),
        ledger::State::Queued { put_off: None, .. }
        | ledger::State::Attempting { .. }
        | ledger::State::Accepted { .. }
        | ledger::State::Failed { .. }
        | ledger::State::Unknown { .. } => None,
    }
}

/// A reason as the API says it.
pub fn reason(reason: &policy::Reason) -> Reason {
    // In rows the variant's name stands around its fields, and alone where it has none.
    let fields = match serde_json::to_value(reason) {
        Ok(Value::Object(variant)) => variant.into_iter().next().map(|(_, fields)| fields),
        _ => None,
    };
    let details = fields.filter(Value::is_object).unwrap_or_else(|| serde_json::json!({}));
    Reason { code: reason.code().to_owned(), details }
}

fn attempt(message: &ledger::Message, attempt: &ledger::Attempt) -> Attempt {
    let ended = attempt.ended.as_ref();
    Attempt {
        number: attempt.number,
        granted: attempt.granted,
        address: attempt.address.clone(),
        provider: message.provider_of(attempt).to_owned(),
        ended: ended.map(|(at, said)| Ended { at: *at, outcome: outcome(said) }),
    }
}

fn outcome(outcome: &delivery::Outcome) -> Outcome {
    let said = |kind: OutcomeKind, text: &str| Outcome {
        kind,
        text: text.to_owned(),
        id: None,
        stage: None,
        code: None,
        enhanced: None,
        retry_after_s: None,
        devices: None,
    };
    match outcome {
        delivery::Outcome::Accepted { id, text } => {
            Outcome { id: id.clone(), ..said(OutcomeKind::Accepted, text) }
        }
        delivery::Outcome::Refused { stage, code, enhanced, text, retry_after_s } => Outcome {
            stage: Some((*stage).into()),
            code: Some(*code),
            enhanced: enhanced.map(|code| code.to_string()),
            retry_after_s: *retry_after_s,
            ..said(OutcomeKind::Refused, text)
        },
        delivery::Outcome::Unreachable { text } => said(OutcomeKind::Unreachable, text),
        delivery::Outcome::Unknown { text } => said(OutcomeKind::Unknown, text),
        delivery::Outcome::NotStarted { text } => said(OutcomeKind::NotStarted, text),
        delivery::Outcome::Unrenderable { text } => said(OutcomeKind::Unrenderable, text),
        delivery::Outcome::Busy { text, .. } => said(OutcomeKind::Busy, text),
        delivery::Outcome::Held { text } => said(OutcomeKind::Held, text),
        delivery::Outcome::Devices(ends) => Outcome {
            devices: Some(ends.iter().map(device_end).collect()),
            ..said(OutcomeKind::Devices, &summary(ends))
        },
    }
}

fn device_end(end: &delivery::DeviceEnd) -> DeviceEnd {
    let answer = outcome(&end.answer.outcome());
    DeviceEnd { device: end.device.to_string(), answer, since: end.since }
}

fn report(at: Timestamp, kind: &ReportKind) -> Report {
    let said = |kind: Reported| Report {
        at,
        kind,
        text: None,
        hard: None,
        cause: None,
        status: None,
        part: None,
        parts: None,
        what: None,
        url: None,
        agent: None,
        hidden: None,
        actor: None,
        why: None,
        was: None,
        is: None,
        because: None,
    };
    match kind {
        ReportKind::Delivered => said(Reported::Delivered),
        ReportKind::Bounced { text, hard } => {
            Report { text: Some(text.clone()), hard: Some(*hard), ..said(Reported::Bounced) }
        }
        ReportKind::Complained => said(Reported::Complained),
        ReportKind::Opened => said(Reported::Opened),
        ReportKind::Clicked { url } => Report { url: Some(url.clone()), ..said(Reported::Clicked) },
        ReportKind::PartDelivered { part, parts } => Report {
            part: Some(part.clone()),
            parts: Some(*parts),
            ..said(Reported::PartDelivered)
        },
        ReportKind::OptedOut { text } => {
            Report { text: Some(text.clone()), ..said(Reported::OptedOut) }
        }
        ReportKind::Returned { cause, hard, status, text } => Report {
            cause: Some((*cause).into()),
            hard: Some(*hard),
            status: status.map(|status| status.to_string()),
            text: Some(text.clone()),
            ..said(Reported::Returned)
        },
        ReportKind::Underway { what } => {
            Report { what: Some(what.clone()), ..said(Reported::Underway) }
        }
        ReportKind::Answered => said(Reported::Answered),
        ReportKind::Corrected { was, is, why } => Report {
            was: Some(was.clone()),
            is: Some(is.clone()),
            because: Some(why.clone()),
            ..said(Reported::Corrected)
        },
        ReportKind::Fetched(fetch) => Report {
            url: fetch.url.clone(),
            agent: Some(fetch.agent.into()),
            hidden: Some(fetch.hidden),
            actor: Some(fetch.actor.into()),
            why: Some(fetch.why.into()),
            ..said(Reported::Fetched)
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::delivery::Enhanced;
    use cauce_core::ids::{MessageId, ProfileId, TraceId};
    use cauce_core::message;
    use std::collections::BTreeMap;

    fn message() -> ledger::Message {
        ledger::Message {
            id: MessageId(1),
            profile: ProfileId(2),
            number: 7,
            channel: message::Channel::Sms,
            class: message::Class::Triggered,
            template: ("order".into(), 3),
            topic: None,
            source: ledger::Source::Api { key: Some("4711".into()) },
            context: BTreeMap::new().into_iter().collect(),
            path: "main/gmail".into(),
            created: Timestamp(0),
            expires: Timestamp(1_000),
            state: ledger::State::Queued { due: Timestamp(0), put_off: None },
            attempts: Vec::new(),
            reports: Vec::new(),
            trace: TraceId(9),
        }
    }

    #[test]
    fn nothing_of_a_message_is_a_tuple_or_the_rows_own() {
        let mut message = message();
        message.attempts = vec![ledger::Attempt {
            number: 1,
            granted: Timestamp(0),
            address: "+34".into(),
            provider: None,
            ended: Some((
                Timestamp(5),
                delivery::Outcome::Refused {
                    stage: delivery::Stage::Recipient,
                    code: 550,
                    enhanced: Some(Enhanced(5, 1, 1)),
                    text: "no".into(),
                    retry_after_s: None,
                },
            )),
        }];
        message.reports = vec![(Timestamp(6), ReportKind::Clicked { url: "https://a".into() })];
        let value = serde_json::to_value(shown(&message)).unwrap();
        assert_eq!(value["template"], serde_json::json!({ "name": "order", "revision": 3 }));
        assert_eq!(value["source"], serde_json::json!({ "kind": "api", "key": "4711" }));
        assert_eq!(
            value["attempts"][0],
            serde_json::json!({ "number": 1, "granted": "1970-01-01T00:00:00Z", "address": "+34",
                "provider": "main", "ended": { "at": "1970-01-01T00:00:00.005Z", "outcome": {
                    "kind": "refused", "text": "no", "stage": "recipient", "code": 550,
                    "enhanced": "5.1.1" } } })
        );
        assert_eq!(
            value["reports"][0],
            serde_json::json!({ "at": "1970-01-01T00:00:00.006Z", "kind": "clicked",
                "url": "https://a" })
        );
        assert!(value.get("number").is_none(), "{value}");
    }

    #[test]
    fn a_refusal_has_its_code_and_its_numbers() {
        let mut message = message();
        let (at, topic) = (Timestamp(0), "news".to_owned());
        let no = policy::Reason::NoConsent { topic };
        message.state = ledger::State::Refused { reason: no, at };
        let value = serde_json::to_value(shown(&message)).unwrap();
        let expected = serde_json::json!({ "state": "refused", "at": "1970-01-01T00:00:00Z",
            "reason": { "code": "no-consent", "details": { "topic": "news" } } });
        assert_eq!(value["state"], expected);
        assert_eq!(value["term"], "refused");
        assert_eq!(value["why"], "no consent for news was ever given");
        let bare = policy::Reason::CampaignCancelled;
        message.state = ledger::State::Queued { due: at, put_off: Some(bare) };
        let value = serde_json::to_value(shown(&message)).unwrap();
        let expected = serde_json::json!({ "code": "campaign-cancelled", "details": {} });
        assert_eq!(value["state"]["put_off"], expected);
    }
}
