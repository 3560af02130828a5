//! Requests to somebody's server.

use super::api::said;
use crate::app::App;
use crate::loops::carrying::{Carry, Coming, misplaced};
use crate::render::Content;
use cauce_channels::http::{Client, Options};
use cauce_channels::webhook::{
    Auth, Hook, Key, ResponseMap, SecretHeader, Signature, SigningKey, Source, Tokens,
};
use cauce_core::publish::{self, Webhook};
use std::sync::Arc;
use std::time::Duration;

/// Makes what requests to somebody's server need.
pub(crate) fn hook(app: &App, source: &Webhook) -> anyhow::Result<Hook> {
    let keys = [&source.signing_key, &source.other_signing_key].into_iter().flatten();
    let read = |place: &String| -> anyhow::Result<SigningKey> {
        Ok(SigningKey::parse(&app.secrets.read(place)?)?)
    };
    let keys = keys.map(read).collect::<anyhow::Result<Vec<_>>>()?;
    let map = ResponseMap {
        id_pointer: source.id_pointer.clone(),
        id_header: source.id_header.clone(),
        parts_pointer: source.parts_pointer.clone(),
        success: source.success_pointer.clone().zip(source.success_value.clone()),
        refusals: source.refusals.clone(),
        retry_after: source.retry_after.clone(),
    };
    let own = source.auth.as_ref();
    let tls = match own.and_then(|auth| auth.certificate.as_ref()) {
        Some(own) => {
            let (chain, key) = (app.secrets.read(&own.certificate)?, app.secrets.read(&own.key)?);
            app.tls.identified(&chain, &key)?
        }
        None => app.tls.clone(),
    };
    let options = Options {
        tls,
        // The address of tokens too: one that is not encrypted is for tests on one machine.
        allow_http: source.url.starts_with("http://"),
        ports: None,
        timeout: Duration::from_secs(20),
        idle_timeout: Duration::from_secs(30),
        idle_per_server_max: 16,
    };
    let auth = own.map(|own| auth(app, own)).transpose()?.unwrap_or_default();
    Ok(Hook { client: Client::new(app.egress.clone(), options), keys, auth, map })
}

fn auth(app: &App, source: &publish::Auth) -> anyhow::Result<Auth> {
    let mut headers = Vec::new();
    if let Some(header) = &source.header {
        let value = format!("{}{}", header.prefix, app.secrets.read(&header.key)?);
        headers.push(SecretHeader { name: header.name.clone(), value });
    }
    if let Some(basic) = &source.basic {
        let (username, password) =
            (said(app, &basic.username)?, app.secrets.read(&basic.password)?);
        headers.push(SecretHeader::basic(&username, &password));
    }
    let tokens = match &source.oauth2 {
        Some(oauth) => Some(Tokens::new(Source {
            url: oauth.token_url.clone(),
            client_id: said(app, &oauth.client_id)?,
            client_secret: app.secrets.read(&oauth.client_secret)?,
            scope: oauth.scope.clone(),
            audience: oauth.audience.clone(),
            credentials: oauth.credentials,
        })),
        None => None,
    };
    let signature = match &source.hmac {
        Some(hmac) => Some(Signature {
            key: Key::read(&app.secrets.read(&hmac.key)?, hmac.key_encoding, hmac.algorithm)?,
            encoding: hmac.encoding,
            signed: hmac.signed.clone(),
            header: hmac.header.clone(),
            value: hmac.value.clone(),
        }),
        None => None,
    };
    Ok(Auth { headers, tokens, signature })
}

/// A hook as a way out.
struct Out(Hook);

impl Carry for Out {
    fn carry<'a>(&'a self, content: &'a Content) -> Coming<'a> {
        Box::pin(async move {
            match content {
                Content::Request(request) => self.0.send(request).await,
                _ => misplaced("requests"),
            }
        })
    }
}

/// Makes the way out.
pub(super) fn carry(app: &App, source: &Webhook) -> anyhow::Result<Arc<dyn Carry>> {
    Ok(Arc::new(Out(hook(app, source)?)))
}
