//! Problems (RFC 9457): status, stable code, what failed, what to do.

use crate::app::Refusal;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use cauce_core::diagnostic::Diagnostic;
use serde::Serialize;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:ident;)*) => {
        /// Every code that the API answers with; each has a page in `docs/errors`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The stable word.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $code,)* }
            }

            /// The status.
            pub fn status(self) -> StatusCode {
                match self { $(Code::$name => StatusCode::$status,)* }
            }

            /// What it means and what to do: a code without a page does not compile.
            pub fn page(self) -> &'static str {
                match self {
                    $(Code::$name => include_str!(concat!(
                        "../../../../docs/errors/", $code, ".md"
                    )),)*
                }
            }
        }
    };
}

codes! {
    /// The body is not what it should be.
    Malformed = "malformed", BAD_REQUEST;
    /// Every fault is listed.
    Invalid = "invalid", UNPROCESSABLE_ENTITY;
    /// No key, or a wrong one.
    Unauthorized = "unauthorized", UNAUTHORIZED;
    /// The key may not do this.
    Forbidden = "forbidden", FORBIDDEN;
    /// There is no such thing.
    NotFound = "not-found", NOT_FOUND;
    /// There is such a thing, and this cannot be done with it.
    Method = "method-not-allowed", METHOD_NOT_ALLOWED;
    /// What was there is not kept any more.
    Gone = "gone", GONE;
    /// It cannot be done in this state.
    Conflict = "conflict", CONFLICT;
    /// What it was written from is not in force any more.
    Outdated = "outdated", CONFLICT;
    /// The same idempotency key with another body.
    KeyReused = "idempotency-key-reused", CONFLICT;
    /// Too large.
    TooLarge = "too-large", PAYLOAD_TOO_LARGE;
    /// Too much at once: try again.
    Overloaded = "overloaded", TOO_MANY_REQUESTS;
    /// Our fault.
    Internal = "internal", INTERNAL_SERVER_ERROR;
    /// What it needs has stopped.
    Stopped = "stopped", SERVICE_UNAVAILABLE;
    /// Nothing more may wait in quarantine.
    QuarantineFull = "quarantine-full", SERVICE_UNAVAILABLE;
    /// Not now.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE;
}

/// An answer that is a no.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// The stable word; its page is `docs/errors/<code>.md`.
    pub code: String,
    /// The HTTP status.
    pub status: u16,
    /// What failed, on which thing.
    pub detail: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Every fault, each with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<super::shapes::Diagnostic>)]
    pub fields: Vec<Diagnostic>,
    /// The installation has no member yet, so that nobody can sign in.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub setup: bool,
    #[serde(skip)]
    retry_after_s: Option<u32>,
}

impl Problem {
    /// A problem.
    pub fn new(code: Code, detail: impl Into<String>) -> Problem {
        Problem {
            code: code.as_str().to_owned(),
            status: code.status().as_u16(),
            detail: detail.into(),
            hint: None,
            fields: Vec::new(),
            setup: false,
            retry_after_s: match code {
                Code::Overloaded => Some(1),
                Code::QuarantineFull => Some(60),
                _ => None,
            },
        }
    }

    /// The disk is full: an answer for machines to come back, with a reason for an operator.
    pub fn full() -> Problem {
        let mut problem = Problem::new(Code::Unavailable, "the disk of the server is full")
            .hint("nothing was taken; the operator makes room, and it goes on by itself");
        problem.retry_after_s = Some(10);
        problem
    }

    /// With the way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Problem {
        self.hint = Some(hint.into());
        self
    }

    /// With how long to wait before the next try.
    #[must_use]
    pub fn after(mut self, seconds: u32) -> Problem {
        self.retry_after_s = Some(seconds);
        self
    }

    /// With every fault.
    #[must_use]
    pub fn fields(mut self, fields: Vec<Diagnostic>) -> Problem {
        self.fields = fields;
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_server_error() {
            tracing::error!(code = self.code, detail = self.detail, "answered with an error");
        }
        let retry = self.retry_after_s;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let text = refusal.to_string();
        match refusal {
            Refusal::Faulty(verdict) => {
                Problem::new(Code::Invalid, text).fields(verdict.diagnostics)
            }
            Refusal::Missing(_) => Problem::new(Code::NotFound, text),
            Refusal::Conflict(_) => Problem::new(Code::Conflict, text),
            Refusal::Outdated(_) => Problem::new(Code::Outdated, text)
                .hint("nothing was published; look at what is in force, and go on from there"),
            Refusal::Engine(cauce_engine::Error::Store {
                source: cauce_store::Error::Full { .. },
                ..
            }) => Problem::full(),
            Refusal::Engine(cauce_engine::Error::Stopped(_)) => Problem::new(Code::Stopped, text)
                .hint(
                    "what was asked is in the log and is done once the operator has mended the \
                     server; `/readyz` names what stopped",
                ),
            Refusal::Engine(_) => Problem::new(Code::Internal, text),
            Refusal::Stopping => Problem::new(Code::Unavailable, text),
        }
    }
}

/// A partition does not answer: the process ends, or that one has stopped.
pub fn stopping() -> Problem {
    let text = "a part of the server does not answer: it is stopping, or it has stopped";
    Problem::new(Code::Unavailable, text).hint("`/readyz` names what has stopped")
}

/// Limit: bytes of an answer of the framework; they are a sentence.
const SENTENCE_BYTES_MAX: usize = 4_096;

/// The framework's own refusals (no JSON, a wrong query, too large a body) as problems, like all
/// others.
pub async fn as_problem(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let text = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !status.is_client_error() || !text {
        return response;
    }
    let (head, body) = response.into_parts();
    let said = axum::body::to_bytes(body, SENTENCE_BYTES_MAX).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said).into_owned();
    let code = match status {
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::Method,
        StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
        StatusCode::UNPROCESSABLE_ENTITY => Code::Invalid,
        _ => Code::Malformed,
    };
    let known = match said.is_empty() {
        true => status.canonical_reason().unwrap_or_default().to_lowercase(),
        false => said,
    };
    let mut problem = Problem::new(code, known).hint("the API is described at /openapi.json");
    problem.status = status.as_u16();
    let mut answer = problem.into_response();
    // `Allow`, for example.
    for (name, value) in &head.headers {
        if name != header::CONTENT_LENGTH && !answer.headers().contains_key(name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

/// What an error code means.
pub async fn explain(
    axum::extract::Path(code): axum::extract::Path<String>,
) -> Result<String, Problem> {
    let known = Code::ALL.iter().find(|known| known.as_str() == code);
    known
        .map(|known| known.page().to_owned())
        .ok_or_else(|| Problem::new(Code::NotFound, format!("there is no error code `{code}`")))
}

/// The answer to an address that is none.
pub async fn not_found(uri: Uri) -> Problem {
    Problem::new(Code::NotFound, format!("there is nothing at `{}`", uri.path()))
        .hint("the API is described at /openapi.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(error: cauce_engine::Error) -> (u16, String, Option<String>) {
        let problem = Problem::from(Refusal::Engine(error));
        let said = format!("{} {}", problem.code, problem.detail);
        let response = problem.into_response();
        let wait = response.headers().get(header::RETRY_AFTER);
        let wait = wait.map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), said, wait)
    }

    #[test]
    fn a_full_disk_and_a_stopped_partition_say_so() {
        let source = cauce_store::Error::Full { on: "log".to_owned() };
        let (status, said, wait) = answer(cauce_engine::Error::Store { partition: 3, source });
        assert_eq!((status, wait.as_deref()), (503, Some("10")));
        assert!(said.starts_with("unavailable") && said.contains("disk"), "{said}");
        let why = "partition 3 stopped: 11 entries".to_owned();
        let (status, said, wait) = answer(cauce_engine::Error::Stopped(why));
        assert_eq!((status, wait), (503, None));
        assert_eq!(said, "stopped partition 3 stopped: 11 entries");
    }
}
