//! A provider that is reached by recipe: the request as a template made it, what it proves, and
//! what the answer means.

use super::auth::Auth;
use super::map::{ResponseMap, judge};
use super::sign::{SigningKey, signatures};
use crate::http::{Call, Client};
use cauce_core::delivery::Outcome;
use cauce_core::message::Request;

/// Sends requests by a recipe.
#[derive(Debug)]
pub struct Hook {
    /// What asks.
    pub client: Client,
    /// Keys of Standard Webhooks; a request is signed with each.
    pub keys: Vec<SigningKey>,
    /// What a request has to prove besides.
    pub auth: Auth,
    /// What an answer means.
    pub map: ResponseMap,
}

impl Hook {
    /// The request as it leaves, to the last byte.
    ///
    /// # Errors
    /// `Unrenderable` for one that cannot leave; what keeps us from a token, as of any attempt.
    pub async fn call(&self, request: &Request) -> Result<Call, Outcome> {
        let mut call =
            signed(request, &self.keys).map_err(|text| Outcome::Unrenderable { text })?;
        let id = request.message.to_string();
        let now = (id.as_str(), request.at.0.div_euclid(1_000));
        self.auth.prove(&self.client, &mut call, now).await?;
        Ok(call)
    }

    /// The request as it would leave, without asking anybody for a token.
    ///
    /// # Errors
    /// `Unrenderable` for one that cannot leave.
    pub fn draft(&self, request: &Request) -> Result<Call, Outcome> {
        let mut call =
            signed(request, &self.keys).map_err(|text| Outcome::Unrenderable { text })?;
        let id = request.message.to_string();
        self.auth.show(&mut call, (id.as_str(), request.at.0.div_euclid(1_000)));
        Ok(call)
    }

    /// Sends one request and says what became of it.
    pub async fn send(&self, request: &Request) -> Outcome {
        let call = match self.call(request).await {
            Ok(call) => call,
            Err(outcome) => return outcome,
        };
        self.ask(&call, request).await
    }

    /// Sends what [`Hook::call`] made. A token that is refused is forgotten, so that the next
    /// attempt has another one; whether there is one says the core.
    pub async fn ask(&self, call: &Call, request: &Request) -> Outcome {
        let answer = match self.client.call(call).await {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        if let (401, Some(tokens)) = (answer.status, &self.auth.tokens) {
            let bearer = call.headers.iter().rev().find(|(name, _)| name == "authorization");
            if let Some(token) = bearer.and_then(|(_, value)| value.strip_prefix("Bearer ")) {
                tokens.forget(token).await;
            }
        }
        let outcome = judge(&answer, &self.map, request.at.0.div_euclid(1_000));
        match outcome {
            // With a token that ended before its time the message waits, and is not to blame.
            Outcome::Refused { enhanced: None, code: 401, text, retry_after_s, .. }
                if self.auth.tokens.is_some() =>
            {
                Outcome::Refused {
                    stage: cauce_core::delivery::Stage::Auth,
                    code: 401,
                    enhanced: None,
                    text,
                    retry_after_s,
                }
            }
            other => other,
        }
    }
}

/// The request with the headers of Standard Webhooks, signed if there are keys.
pub(super) fn signed(request: &Request, keys: &[SigningKey]) -> Result<Call, String> {
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
