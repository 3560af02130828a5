//! Reports of providers that are reached by recipe: who says so, and where in what they say the
//! message and its fate are, as the definition has it.

use super::said::{Refused, Said, What, seconds};
use axum::http::{HeaderMap, header};
use cauce_channels::webhook::{Key, SecretHeader, SigningKey, decode, fill};
use cauce_core::input::ReportKind;
use cauce_core::phone::Plan;
use cauce_core::publish::{Basic, Happened, Inbound, Meaning, Proof, Reports, Signature, Where};
use cauce_core::time::Timestamp;
use serde_json::Value;
use subtle::ConstantTimeEq as _;

/// How far the time that is signed may be from ours.
const WITHIN_S: i64 = 300;

/// Limit: reports of one request.
const REPORTS_MAX: usize = 10_000;

/// A request as it came.
pub struct Came<'r> {
    /// Its headers.
    pub headers: &'r HeaderMap,
    /// The parameters of its address.
    pub query: &'r [(String, String)],
    /// Its exact bytes.
    pub body: &'r [u8],
    /// When it came.
    pub now: Timestamp,
}

impl Came<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A parameter of the address.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    fn is_now(&self, seconds: &str) -> Result<(), Refused> {
        let at: i64 = seconds.parse().map_err(|_| Refused::Proof("the time is none"))?;
        let apart = self.now.0.div_euclid(1_000).saturating_sub(at).saturating_abs();
        (apart <= WITHIN_S).then_some(()).ok_or(Refused::Proof("it was signed too long ago"))
    }
}

/// Reads a secret from its place.
pub type Read<'r> = &'r dyn Fn(&str) -> Result<String, Refused>;

/// Whether a request proves that the provider sends it. The proof `link` is the message's own, and
/// is read by who knows the links.
pub fn verify(proof: &Proof, came: &Came<'_>, read: Read<'_>) -> Result<(), Refused> {
    match proof {
        Proof::Link(_) => Ok(()),
        Proof::Token(place) => {
            let given = came.parameter("token").ok_or(Refused::Proof("there is no token"))?;
            same(given, &read(place)?)
        }
        Proof::Basic(basic) => basic_auth(basic, came, read),
        Proof::Hmac(signature) => signed(signature, came, read),
        Proof::StandardWebhooks(place) => {
            let key = SigningKey::parse(&read(place)?);
            let key =
                key.map_err(|_| Refused::Later("the secret is no `whsec_` key".to_owned()))?;
            let header = |name: &str| came.header(name).ok_or(Refused::Proof("no signature"));
            let (id, at) = (header("webhook-id")?, header("webhook-timestamp")?);
            came.is_now(at)?;
            match key.verifies(id, at, came.body, header("webhook-signature")?) {
                true => Ok(()),
                false => Err(Refused::Proof("the signature is another one")),
            }
        }
    }
}

/// Compares secrets in the same time whatever differs; their lengths may show.
fn same(given: &str, known: &str) -> Result<(), Refused> {
    match bool::from(given.as_bytes().ct_eq(known.as_bytes())) && !known.is_empty() {
        true => Ok(()),
        false => Err(Refused::Proof("the secret is another one")),
    }
}

/// Whether a request has the name and the password.
pub fn basic_auth(basic: &Basic, came: &Came<'_>, read: Read<'_>) -> Result<(), Refused> {
    let username = match cauce_core::publish::is_secret(&basic.username) {
        true => read(&basic.username)?,
        false => basic.username.clone(),
    };
    let password = read(&basic.password)?;
    if password.is_empty() {
        return Err(Refused::Proof("the password is empty"));
    }
    let given = came.header(header::AUTHORIZATION.as_str());
    let given = given.ok_or(Refused::Proof("there is no name and password"))?;
    let expected = SecretHeader::basic(&username, &password).value;
    // The word before is not a secret, and may be written in capitals.
    let (word, secret) = given.split_once(' ').unwrap_or((given, ""));
    if !word.eq_ignore_ascii_case("basic") {
        return Err(Refused::Proof("there is no name and password"));
    }
    same(secret.trim(), expected.trim_start_matches("Basic "))
}

fn signed(signature: &Signature, came: &Came<'_>, read: Read<'_>) -> Result<(), Refused> {
    let key = Key::read(&read(&signature.key)?, signature.key_encoding, signature.algorithm);
    let key = key.map_err(|why| Refused::Later(why.to_string()))?;
    let given = came.header(&signature.header).ok_or(Refused::Proof("there is no signature"))?;
    let given = given.trim().strip_prefix(signature.prefix.as_str());
    let given = given.and_then(|given| decode(given, signature.encoding));
    let given = given.ok_or(Refused::Proof("the signature is written otherwise"))?;
    let at = match &signature.timestamp_header {
        Some(name) => {
            let at = came.header(name).ok_or(Refused::Proof("there is no time"))?;
            came.is_now(at)?;
            at
        }
        None => "",
    };
    let text = fill(&signature.signed, &[("timestamp", at.as_bytes()), ("body", came.body)]);
    match key.verifies(&text, &given) {
        true => Ok(()),
        false => Err(Refused::Proof("the signature is another one")),
    }
}

/// What a request says: a JSON document, or a form as an object of texts.
pub fn said(reports: &Reports, came: &Came<'_>) -> Result<Vec<Said>, Refused> {
    let document = document(came)?;
    let mut found = vec![&document];
    if let Some(each) = &reports.each {
        found = expand(&document, each);
    }
    if found.len() > REPORTS_MAX {
        let text = format!("more than {REPORTS_MAX} reports in one request");
        return Err(Refused::Malformed(text));
    }
    Ok(found.into_iter().map(|item| one(reports, came, item)).collect())
}

/// A text message that somebody wrote, as its provider brings it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// The provider's own name for it.
    pub id: String,
    /// Who wrote.
    pub from: String,
    /// To which of our numbers.
    pub to: String,
    /// What.
    pub text: String,
}

/// What a request brings.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct All {
    /// Messages that can be taken.
    pub whole: Vec<Brought>,
    /// Which others have no id, or nobody who wrote them, from 1.
    pub lacking: Vec<usize>,
}

impl All {
    /// What is said of those that cannot be taken, once the others are.
    pub fn fault(&self) -> Option<String> {
        let places: Vec<String> = self.lacking.iter().take(20).map(usize::to_string).collect();
        let rest = self.lacking.len().saturating_sub(places.len());
        let rest = if rest == 0 { String::new() } else { format!(" and {rest} more") };
        let (which, taken) = (places.join(", "), self.whole.len());
        (!places.is_empty()).then(|| {
            format!(
                "message {which}{rest} of the request: no id, or nobody who wrote it; the other \
                 {taken} are taken, and do no harm if they come again"
            )
        })
    }
}

/// The text messages that a request brings. `at_home`: see [`Inbound::number`].
pub fn brought(inbound: &Inbound, came: &Came<'_>, at_home: Option<&Plan>) -> Result<All, Refused> {
    let document = document(came)?;
    let found = match &inbound.each {
        Some(each) => expand(&document, each),
        None => vec![&document],
    };
    if found.len() > REPORTS_MAX {
        let text = format!("more than {REPORTS_MAX} messages in one request");
        return Err(Refused::Malformed(text));
    }
    let one = |item: &Value| {
        let find = |place: &str| {
            let value = match place.strip_prefix('?') {
                Some(name) => came.parameter(name).map(|text| Value::String(text.to_owned())),
                None => item.pointer(place).cloned(),
            };
            value.and_then(|value| word(&value)).unwrap_or_default()
        };
        Brought {
            id: find(&inbound.id),
            from: inbound.number(&find(&inbound.from), at_home),
            to: find(&inbound.to),
            text: find(&inbound.text),
        }
    };
    let mut all = All::default();
    for (at, one) in found.into_iter().map(one).enumerate() {
        // One that lacks something must not take a STOP beside it along, at every retry.
        match one.id.trim().is_empty() || one.from.trim().is_empty() {
            true => all.lacking.push(at + 1),
            false => all.whole.push(one),
        }
    }
    Ok(all)
}

fn document(came: &Came<'_>) -> Result<Value, Refused> {
    let kind = came.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
    if kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        let fields = super::super::links::fields(came.body);
        let fields = fields.into_iter().map(|(name, value)| (name, Value::String(value)));
        return Ok(Value::Object(fields.collect()));
    }
    // Some providers report by the address alone.
    if came.body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(came.body)
        .map_err(|_| Refused::Malformed("it is neither JSON nor a form".to_owned()))
}

/// Every value that a pointer leads to in which `*` stands for each item.
fn expand<'v>(document: &'v Value, each: &str) -> Vec<&'v Value> {
    let mut found = vec![document];
    for part in each.split('/').skip(1) {
        let name = part.replace("~1", "/").replace("~0", "~");
        found = found
            .into_iter()
            .flat_map(|value| match (value, part) {
                (Value::Array(items), "*") => items.iter().collect(),
                (Value::Array(items), _) => {
                    name.parse::<usize>().ok().and_then(|at| items.get(at)).into_iter().collect()
                }
                (Value::Object(fields), _) => fields.get(&name).into_iter().collect::<Vec<_>>(),
                _ => Vec::new(),
            })
            .collect();
    }
    found
}

fn one(reports: &Reports, came: &Came<'_>, item: &Value) -> Said {
    let find = |place: &str| match place.strip_prefix('?') {
        Some(name) => came.parameter(name).map(|text| Value::String(text.to_owned())),
        None => item.pointer(place).cloned(),
    };
    let text = |place: &Option<String>| place.as_deref().and_then(find).and_then(|v| word(&v));
    let kind = find(&reports.kind).and_then(|value| word(&value)).unwrap_or_default();
    let happened = reports.kinds.get(&kind).copied().unwrap_or(Happened::Ignored);
    let reason = text(&reports.text).unwrap_or(kind);
    let what = match happened {
        Happened::Delivered => What::Reported(ReportKind::Delivered),
        Happened::Complained => What::Reported(ReportKind::Complained),
        Happened::Opened => What::Reported(ReportKind::Opened),
        Happened::Unsubscribed => What::Unsubscribed,
        Happened::Ignored => What::Nothing,
        Happened::Failed => What::bounced(&reason, by_code(reports, item)),
        Happened::InvalidRecipient => What::bounced(&reason, true),
    };
    let message = text(&reports.message).and_then(|id| id.parse().ok());
    let at = reports.time.as_deref().and_then(find).and_then(|value| time(&value));
    Said { message, at, what }
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether a failure's code says that there is no such recipient.
fn by_code(reports: &Reports, item: &Value) -> bool {
    let fits = |refusal: &&cauce_core::publish::Refusal| match refusal.place() {
        Some(Where::Pointer(pointer)) => {
            let found = item.pointer(&pointer);
            found.is_some_and(|found| refusal.values.contains(found))
        }
        Some(Where::Header(_)) | None => false,
    };
    let means = reports.refusals.iter().find(fits).map(|refusal| refusal.means);
    means == Some(Meaning::InvalidRecipient)
}

/// RFC 3339, seconds, or milliseconds since 1970.
fn time(value: &Value) -> Option<Timestamp> {
    if let Some(at) = value.as_str().and_then(|text| text.parse::<Timestamp>().ok()) {
        return Some(at);
    }
    if let Some(at) = seconds(value) {
        return Some(at);
    }
    let milliseconds: i64 = word(value)?.parse().ok()?;
    // Limit: the year 5138 in seconds is 1973 in milliseconds.
    (100_000_000_000..100_000_000_000_000)
        .contains(&milliseconds)
        .then_some(Timestamp(milliseconds))
}

/// What answers a provider that asks whether the address is ours.
pub fn challenged(reports: &Reports, came: &Came<'_>, read: Read<'_>) -> Result<String, Refused> {
    let no = Refused::Proof("it asks nothing");
    let challenge = reports.challenge.as_ref().ok_or(no)?;
    let given = came.parameter(&challenge.token_parameter);
    same(given.ok_or(Refused::Proof("there is no token"))?, &read(&challenge.token)?)?;
    let asked = came.parameter(&challenge.parameter).unwrap_or_default();
    // Limit: what is given back of it, and never as a page.
    Ok(asked.chars().filter(|c| !c.is_control()).take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::ids::MessageId;
    use serde_json::json;

    const NOW: Timestamp = Timestamp(1_760_000_000_000);

    fn read(place: &str) -> Result<String, Refused> {
        match place {
            "env:CAUCE_T" => Ok("hush".to_owned()),
            "env:CAUCE_W" => Ok("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned()),
            _ => Err(Refused::Later("not there".to_owned())),
        }
    }

    fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
        all.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn proven(proof: Value, all: &[(&'static str, &str)], query: &str, body: &[u8]) -> bool {
        let proof: Proof = serde_json::from_value(proof).unwrap();
        let query = super::super::super::links::fields(query.as_bytes());
        let headers = headers(all);
        verify(&proof, &Came { headers: &headers, query: &query, body, now: NOW }, &read).is_ok()
    }

    #[test]
    fn every_proof_is_asked_for() {
        let token = json!({ "token": "env:CAUCE_T" });
        assert!(proven(token.clone(), &[], "token=hush", b""));
        for query in ["", "token=", "token=hus", "token=hushh", "other=hush"] {
            assert!(!proven(token.clone(), &[], query, b""), "{query}");
        }
        let basic = json!({ "basic": { "username": "shop", "password": "env:CAUCE_T" } });
        let good = SecretHeader::basic("shop", "hush").value;
        assert!(proven(basic.clone(), &[("authorization", &good)], "", b""));
        let lower = good.replace("Basic", "basic");
        assert!(proven(basic.clone(), &[("authorization", &lower)], "", b""));
        let other = SecretHeader::basic("shop", "other").value;
        for bad in [other.as_str(), "Basic", "", "Bearer hush"] {
            assert!(!proven(basic.clone(), &[("authorization", bad)], "", b""), "{bad}");
        }
        assert!(!proven(basic, &[], "", b""));
        let absent = json!({ "token": "env:CAUCE_OTHER" });
        assert!(!proven(absent, &[], "token=hush", b""));
    }

    #[test]
    fn a_signature_is_over_every_byte() {
        let hmac = json!({ "hmac": { "key": "env:CAUCE_T", "header": "x-sign",
            "prefix": "sha256=", "signed": "{timestamp}.{body}", "timestamp-header": "x-time" } });
        let key = Key::read("hush", Default::default(), Default::default()).unwrap();
        let made = key.sign(b"1760000000.{\"a\":1}");
        let made: String = made.iter().map(|byte| format!("{byte:02x}")).collect();
        let good = format!("sha256={made}");
        let all = [("x-sign", good.as_str()), ("x-time", "1760000000")];
        assert!(proven(hmac.clone(), &all, "", b"{\"a\":1}"));
        for place in 0..7 {
            let mut body = b"{\"a\":1}".to_vec();
            body[place] ^= 1;
            assert!(!proven(hmac.clone(), &all, "", &body), "{place}");
        }
        for time in ["1760000001", "1759999000", "x"] {
            let other = [("x-sign", good.as_str()), ("x-time", time)];
            assert!(!proven(hmac.clone(), &other, "", b"{\"a\":1}"), "{time}");
        }
        for bad in [made.as_str(), "sha256=", "sha256=zz", ""] {
            let other = [("x-sign", bad), ("x-time", "1760000000")];
            assert!(!proven(hmac.clone(), &other, "", b"{\"a\":1}"), "{bad}");
        }
        assert!(!proven(hmac, &all[..1], "", b"{\"a\":1}"));
    }

    #[test]
    fn standard_webhooks_come_in_too() {
        let proof = json!({ "standard-webhooks": "env:CAUCE_W" });
        let key = SigningKey::parse(&read("env:CAUCE_W").unwrap()).unwrap();
        let good = key.sign("msg_1", 1_760_000_000, b"{}");
        let both = format!("v1a,xyz v1,AAAA {good}");
        let all = |signature| {
            [
                ("webhook-id", "msg_1"),
                ("webhook-timestamp", "1760000000"),
                ("webhook-signature", signature),
            ]
        };
        assert!(proven(proof.clone(), &all(&good), "", b"{}"));
        assert!(proven(proof.clone(), &all(&both), "", b"{}"));
        assert!(!proven(proof.clone(), &all(&good), "", b"{} "));
        assert!(!proven(proof.clone(), &all("v1,AAAA"), "", b"{}"));
        let mut old = all(&good);
        old[1].1 = "1759999000";
        assert!(!proven(proof, &old, "", b"{}"));
    }

    fn reports(change: Value) -> Reports {
        let mut document = json!({ "proof": { "token": "env:CAUCE_T" }, "message": "/id",
            "kind": "/status", "text": "/why", "time": "/at",
            "kinds": { "delivered": "delivered", "failed": "failed", "read": "opened" },
            "refusals": [{ "pointer": "/code", "values": [7], "means": "invalid-recipient" }] });
        for (name, value) in change.as_object().unwrap() {
            document[name] = value.clone();
        }
        serde_json::from_value(document).unwrap()
    }

    fn heard(reports: &Reports, kind: &str, query: &str, body: &str) -> Vec<Said> {
        let query = super::super::super::links::fields(query.as_bytes());
        let headers = headers(&[("content-type", kind)]);
        let came = Came { headers: &headers, query: &query, body: body.as_bytes(), now: NOW };
        said(reports, &came).unwrap()
    }

    #[test]
    fn reports_are_found_wherever_they_stand() {
        let id = MessageId(7).to_string();
        let delivered = What::Reported(ReportKind::Delivered);
        let each = reports(json!({ "each": "/entry/*/statuses/*" }));
        let body = json!({ "entry": [
            { "statuses": [{ "id": id, "status": "delivered", "at": 1_760_000_000 },
                           { "id": id, "status": "new" }] },
            { "other": 1 },
            { "statuses": [{ "id": id, "status": "failed", "code": 7, "why": "gone" },
                           { "id": id, "status": "failed", "code": 8, "why": "later" }] }] });
        let found = heard(&each, "application/json", "", &body.to_string());
        let whats: Vec<_> = found.iter().map(|said| said.what.clone()).collect();
        let gone = What::bounced("gone", true);
        let later = What::bounced("later", false);
        assert_eq!(whats, [delivered.clone(), What::Nothing, gone, later]);
        assert_eq!(found[0].at, Some(NOW));
        assert!(found.iter().all(|said| said.message == Some(MessageId(7))));

        let form = format!("id={id}&status=delivered&at=2026-11-05T00%3A00%3A00Z");
        let found = heard(&reports(json!({})), "application/x-www-form-urlencoded", "", &form);
        assert_eq!(found[0].what, delivered);
        assert_eq!(found[0].at, "2026-11-05T00:00:00Z".parse().ok());

        let by_address = reports(json!({ "message": "?ref", "kind": "?status" }));
        let query = format!("ref={id}&status=delivered");
        let found = heard(&by_address, "", &query, "");
        assert_eq!((found[0].message, &found[0].what), (Some(MessageId(7)), &delivered));
    }

    #[test]
    fn what_lacks_something_takes_nothing_else_along() {
        let inbound: Inbound = serde_json::from_value(json!({ "proof": { "token": "env:CAUCE_T" },
            "each": "/messages/*", "id": "/id", "from": "/from", "to": "/to", "text": "/text" }))
        .unwrap();
        let body = json!({ "messages": [
            { "id": "1", "from": "34611000001", "text": "STOP" }, { "from": "34611000002" },
            { "id": "3" }, { "id": 4, "from": 34611000004_u64, "text": "hello" }] });
        let headers = headers(&[("content-type", "application/json")]);
        let body = body.to_string();
        let came = Came { headers: &headers, query: &[], body: body.as_bytes(), now: NOW };
        let all = brought(&inbound, &came, None).unwrap();
        let found: Vec<_> = all.whole.iter().map(|one| (&*one.id, &*one.from)).collect();
        assert_eq!(found, [("1", "+34611000001"), ("4", "+34611000004")]);
        let fault = all.fault().unwrap();
        assert!(fault.starts_with("message 2, 3 of the request"), "{fault}");
        assert_eq!(All { lacking: Vec::new(), ..all }.fault(), None);
    }

    #[test]
    fn times_are_read_in_three_ways() {
        for at in [json!(1_760_000_000), json!("1760000000"), json!(1_760_000_000_000_i64)] {
            assert_eq!(time(&at), Some(NOW), "{at}");
        }
        assert_eq!(time(&json!("2025-10-09T08:53:20Z")), Some(NOW));
        assert_eq!(time(&json!("soon")), None);
    }

    #[test]
    fn a_challenge_is_answered_to_who_knows_the_secret() {
        let asked = reports(json!({ "challenge": { "parameter": "hub.challenge",
            "token-parameter": "hub.verify_token", "token": "env:CAUCE_T" } }));
        let answer = |query: &str| {
            let query = super::super::super::links::fields(query.as_bytes());
            let headers = HeaderMap::new();
            let came = Came { headers: &headers, query: &query, body: b"", now: NOW };
            challenged(&asked, &came, &read).ok()
        };
        let good = "hub.mode=subscribe&hub.verify_token=hush&hub.challenge=1158";
        assert_eq!(answer(good).as_deref(), Some("1158"));
        assert_eq!(answer("hub.verify_token=other&hub.challenge=1158"), None);
        assert_eq!(answer("hub.challenge=1158"), None);
    }
}
