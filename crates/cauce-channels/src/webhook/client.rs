//! Requests with the headers of Standard Webhooks, signed if there are keys.

use super::hook::signed;
use super::map::judge;
use super::{ResponseMap, SigningKey};
use crate::egress::Egress;
use crate::http::{self, Options};
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
        let call = match signed(request, keys) {
            Ok(call) => call,
            Err(text) => return Outcome::Unrenderable { text },
        };
        match self.http.call(&call).await {
            Ok(answer) => judge(&answer, map, request.at.0.div_euclid(1_000)),
            Err(outcome) => outcome,
        }
    }
}
