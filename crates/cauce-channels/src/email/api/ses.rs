//! Amazon SES, version 2 of its API: `SendEmail` with the whole message.

use super::{
    Api, BAD_ADDRESS, CONTENT, INACTIVE, Known, MARK, OURS, THROTTLED, TROUBLE, base, by_status,
    json_header, refused,
};
use crate::aws::{self, Credentials, Signed};
use crate::email::compose::compose;
use crate::http::{Answer, Call};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cauce_core::delivery::Outcome;
use cauce_core::message::Email;
use cauce_core::time::Timestamp;
use hyper::Uri;
use serde_json::{Value, json};

/// The API's path; nothing in it has to be encoded.
const PATH: &str = "/v2/email/outbound-emails";

/// An account in a region.
#[derive(Clone, Debug)]
pub struct Ses {
    /// The region: `eu-central-1`.
    pub region: String,
    /// Who asks.
    pub credentials: Credentials,
    /// The token of credentials that are lent for a while.
    pub session_token: Option<String>,
    /// The configuration set, whose events come back with our message id.
    pub configuration_set: Option<String>,
    /// Another address than Amazon's: `https://host`.
    pub endpoint: Option<String>,
}

/// What the errors mean that the API documents, by the name that it gives them.
///
/// As of November 2026. Sources: the operation SendEmail of the SES API v2 reference with its
/// errors, the service's common errors, and Amazon's SES developer guide on sending limits.
const ERRORS: [(&str, Known); 26] = [
    ("AccountSuspendedException", OURS),
    ("SendingPausedException", OURS),
    ("MailFromDomainNotVerifiedException", OURS),
    ("NotFoundException", OURS),
    ("AccessDeniedException", OURS),
    ("AccessDenied", OURS),
    ("NotAuthorized", OURS),
    ("OptInRequired", OURS),
    ("ExpiredTokenException", OURS),
    ("ExpiredToken", OURS),
    ("IncompleteSignature", OURS),
    ("InvalidClientTokenId", OURS),
    ("UnrecognizedClientException", OURS),
    ("MissingAuthenticationTokenException", OURS),
    ("SignatureDoesNotMatch", OURS),
    ("InvalidSignatureException", OURS),
    ("RequestExpired", OURS),
    ("UnknownOperationException", OURS),
    ("TooManyRequestsException", THROTTLED),
    ("LimitExceededException", THROTTLED),
    ("ThrottlingException", THROTTLED),
    ("Throttling", THROTTLED),
    ("InternalFailure", TROUBLE),
    ("ServiceUnavailable", TROUBLE),
    ("MessageRejected", CONTENT),
    ("BadRequestException", CONTENT),
];

/// What the text says where one error has several reasons.
const WORDS: [(&str, Known); 5] = [
    // In the sandbox also of recipients: either way a matter of the account.
    ("address is not verified", OURS),
    ("sending suspended for this account", OURS),
    ("on the suppression list", INACTIVE),
    ("illegal address", BAD_ADDRESS),
    ("contains disallowed character", BAD_ADDRESS),
];

impl Ses {
    fn origin(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => base(endpoint).to_owned(),
            // China is another partition of Amazon, with a domain of its own.
            None if self.region.starts_with("cn-") => {
                format!("https://email.{}.amazonaws.com.cn", self.region)
            }
            None => format!("https://email.{}.amazonaws.com", self.region),
        }
    }

    /// The host as the client will write it, since it is part of what is signed.
    fn host(&self, origin: &str) -> Result<String, Outcome> {
        let no = |_| super::unrenderable("the endpoint is no web address");
        let uri: Uri = origin.parse().map_err(no)?;
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        Ok(match (uri.scheme_str(), uri.port_u16()) {
            (_, None) | (Some("https"), Some(443)) | (Some("http"), Some(80)) => host,
            (_, Some(port)) => format!("{host}:{port}"),
        })
    }

    fn sign(&self, origin: &str, body: &[u8], at: Timestamp) -> Result<Headers, Outcome> {
        let (at, hash) = (aws::stamp(at), aws::sha256(body));
        let mut headers = vec![
            ("content-type", "application/json".to_owned()),
            ("host", self.host(origin)?),
            ("x-amz-content-sha256", hash.clone()),
            ("x-amz-date", at.clone()),
        ];
        headers.extend(self.session_token.clone().map(|token| ("x-amz-security-token", token)));
        let mut signed =
            Signed { method: "POST", path: PATH, query: Vec::new(), headers, body: &hash };
        let place = ("ses", self.region.as_str());
        let said = aws::authorization(&self.credentials, place, &at, &mut signed);
        let own = |name: &str| !matches!(name, "host" | "content-type");
        let mut all: Headers = signed
            .headers
            .into_iter()
            .filter(|(name, _)| own(name))
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        all.push(("authorization".to_owned(), said));
        Ok(all)
    }
}

type Headers = Vec<(String, String)>;

impl Api for Ses {
    fn call(&self, email: &Email, at: Timestamp) -> Result<Call, Outcome> {
        // Not: signing it ourselves. SES writes Message-ID and Date anew, which would break the
        // signature; it signs with the key of the verified domain.
        let composed = compose(email, &[])?;
        let mut document = json!({
            "Destination": { "ToAddresses": [composed.recipient] },
            "Content": { "Raw": { "Data": STANDARD.encode(&composed.bytes) } },
            "EmailTags": [{ "Name": MARK, "Value": email.message.to_string() }],
        });
        if let Some(set) = &self.configuration_set {
            document["ConfigurationSetName"] = json!(set);
        }
        let body = document.to_string().into_bytes();
        let origin = self.origin();
        let mut headers = vec![json_header()];
        headers.extend(self.sign(&origin, &body, at)?);
        Ok(Call { method: "POST".to_owned(), url: format!("{origin}{PATH}"), headers, body })
    }

    fn judge(&self, answer: &Answer, _: Timestamp) -> Outcome {
        let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
        let field = |name: &str| json.as_ref()?.get(name)?.as_str();
        if (200..300).contains(&answer.status) {
            let id = field("MessageId").map(|id| id.chars().take(200).collect());
            return Outcome::Accepted { id, text: answer.shown() };
        }
        // `Name:address` in the header, `namespace#Name` in the body.
        let said = answer.header("x-amzn-errortype").or_else(|| field("__type")).unwrap_or("");
        let name = said.split(':').next().unwrap_or("");
        let name = name.rsplit('#').next().unwrap_or(name);
        let text = field("message").or_else(|| field("Message")).unwrap_or("").to_lowercase();
        let by_words = WORDS.iter().find(|(words, _)| text.contains(words));
        let by_name = ERRORS.iter().find(|(known, _)| *known == name);
        let known = by_words.or(by_name).map(|(_, known)| *known);
        refused(answer, known.or_else(|| by_status(answer.status)), answer.retry_after_s())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{answer, check, email};
    use super::*;

    fn ses() -> Ses {
        Ses {
            region: "eu-central-1".into(),
            credentials: Credentials { access_key: "AKIA1".into(), secret_key: "hush".into() },
            session_token: Some("lent".into()),
            configuration_set: Some("events".into()),
            endpoint: None,
        }
    }

    #[test]
    fn a_message_travels_whole_and_signed() {
        let call = ses().call(&email(), Timestamp(1_760_000_000_000)).unwrap();
        assert_eq!(call.url, format!("https://email.eu-central-1.amazonaws.com{PATH}"));
        let document: Value = serde_json::from_slice(&call.body).unwrap();
        assert_eq!(document["Destination"]["ToAddresses"][0], "ada@xn--strae-oqa.example");
        assert_eq!(document["EmailTags"][0]["Value"], email().message.to_string());
        assert_eq!(document["ConfigurationSetName"], "events");
        let raw = STANDARD.decode(document["Content"]["Raw"]["Data"].as_str().unwrap()).unwrap();
        let raw = String::from_utf8(raw).unwrap();
        assert!(raw.contains("List-Unsubscribe: <https://c.example/u/1>"), "{raw}");
        assert!(!raw.contains("DKIM-Signature"), "{raw}");
        let said = &call.headers.iter().find(|(name, _)| name == "authorization").unwrap().1;
        assert!(said.contains("/eu-central-1/ses/aws4_request"), "{said}");
        assert!(said.contains("x-amz-security-token"), "{said}");
        assert!(!format!("{:?}", ses()).contains("hush"));
    }

    #[test]
    fn the_endpoint_may_be_another() {
        let other = Ses { endpoint: Some("http://127.0.0.1:5000/".into()), ..ses() };
        assert_eq!(other.origin(), "http://127.0.0.1:5000");
        assert_eq!(other.host(&other.origin()).unwrap(), "127.0.0.1:5000");
        let china = Ses { region: "cn-north-1".into(), ..ses() };
        assert_eq!(china.origin(), "https://email.cn-north-1.amazonaws.com.cn");
    }

    #[test]
    fn every_error_has_its_meaning() {
        let check = |status, body: &str, expected| check(&ses(), status, body, expected);
        check(200, r#"{"MessageId":"010"}"#, "accepted");
        check(400, r#"{"__type":"MessageRejected","message":"bad"}"#, "fail content");
        let unverified = r#"{"__type":"x#MessageRejected",
            "message":"Email address is not verified. The following failed: a"}"#;
        check(400, unverified, "retry configuration");
        let listed =
            r#"{"__type":"MessageRejected","message":"Address is on the suppression list"}"#;
        check(400, listed, "suppress invalid-recipient");
        let illegal = r#"{"__type":"BadRequestException","message":"Illegal address"}"#;
        check(400, illegal, "suppress invalid-recipient");
        check(400, r#"{"__type":"SendingPausedException"}"#, "retry configuration");
        check(400, r#"{"__type":"LimitExceededException"}"#, "retry throttled");
        check(429, r#"{"__type":"TooManyRequestsException"}"#, "retry throttled");
        check(403, r#"{"message":"The security token is expired"}"#, "retry configuration");
        check(500, "", "retry transient");
        check(503, "", "retry transient");
        check(413, "", "fail content");
        check(400, "not json", "fail content");
    }

    #[test]
    fn the_error_of_the_header_counts() {
        let mut said = answer(400, r#"{"message":"slow down"}"#);
        let value = "TooManyRequestsException:http://internal.amazon.com/coral/".parse().unwrap();
        said.headers.insert("x-amzn-errortype", value);
        let outcome = ses().judge(&said, Timestamp(0));
        assert!(matches!(outcome, Outcome::Refused { enhanced: Some(e), .. } if e == THROTTLED.1));
    }
}
