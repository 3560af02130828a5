//! Requests with the headers of Standard Webhooks, signed if there are keys.

use super::sign::signatures;
use super::{ResponseMap, SigningKey, judge};
use crate::egress::Egress;
use crate::http::{self, Call, Options};
use cauce_core::delivery::Outcome;
use cauce_core::message::Request;

/// Sends requests.
#[derive(Debug)]
pub struct Client {
    http: http::Client,
}

impl Client {
    /// A client.
    pub fn new(egress: Egress, options: Options) -> Client {
        Client { http: http::Client::new(egress, options) }
    }

    /// Sends one request and says what became of it. With keys it is signed.
    pub async fn send(&self, request: &Request, keys: &[SigningKey], map: &ResponseMap) -> Outcome {
        let call = match call(request, keys) {
            Ok(call) => call,
            Err(text) => return Outcome::Unrenderable { text },
        };
        match self.http.call(&call).await {
            Ok(answer) => judge(&answer, map),
            Err(outcome) => outcome,
        }
    }
}

/// The request as it leaves.
fn call(request: &Request, keys: &[SigningKey]) -> Result<Call, String> {
    let mut headers = request.headers.clone();
    let own = |name: &str| name.to_ascii_lowercase().starts_with("webhook-");
    if let Some((name, _)) = headers.iter().find(|(name, _)| own(name)) {
        return Err(format!("the header `{}` cannot be set", name.to_ascii_lowercase()));
    }
    let id = request.message.to_string();
    let seconds = request.at.0.div_euclid(1000);
    headers.push(("webhook-id".to_owned(), id.clone()));
    headers.push(("webhook-timestamp".to_owned(), seconds.to_string()));
    if !keys.is_empty() {
        let signed = signatures(keys, &id, seconds, &request.body);
        headers.push(("webhook-signature".to_owned(), signed));
    }
    let (method, url) = (request.method.clone(), request.url.clone());
    Ok(Call { method, url, headers, body: request.body.clone() })
}
