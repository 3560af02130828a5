//! Requests to somebody's server.

use crate::app::App;
use crate::loops::carrying::{Carry, Coming, misplaced};
use crate::render::Content;
use cauce_channels::webhook;
use cauce_core::publish::Webhook;
use std::sync::Arc;
use std::time::Duration;

/// What requests to somebody's server need.
type Hook = (webhook::Client, Vec<webhook::SigningKey>, webhook::ResponseMap);

/// Makes what requests to somebody's server need.
pub(crate) fn hook(app: &App, hook: &Webhook) -> anyhow::Result<Hook> {
    let key = hook.signing_key.as_deref().map(|place| app.secrets.read(place)).transpose()?;
    let keys =
        key.iter().map(|key| webhook::SigningKey::parse(key)).collect::<Result<Vec<_>, _>>()?;
    let map = webhook::ResponseMap {
        id_pointer: hook.id_pointer.clone(),
        success: hook.success_pointer.clone().zip(hook.success_value.clone()),
        refusals: hook
            .refusals
            .iter()
            .map(|refusal| (refusal.pointer.clone(), refusal.values.clone(), refusal.means))
            .collect(),
    };
    let client = webhook::Client::new(
        app.egress.clone(),
        webhook::Options {
            tls: app.tls.clone(),
            allow_http: hook.url.starts_with("http://"),
            ports: None,
            timeout: Duration::from_secs(20),
            idle_timeout: Duration::from_secs(30),
            idle_per_server_max: 16,
        },
    );
    Ok((client, keys, map))
}

struct Hooks {
    client: webhook::Client,
    keys: Vec<webhook::SigningKey>,
    map: webhook::ResponseMap,
}

impl Carry for Hooks {
    fn carry<'a>(&'a self, content: &'a Content) -> Coming<'a> {
        Box::pin(async move {
            match content {
                Content::Request(request) => self.client.send(request, &self.keys, &self.map).await,
                Content::Email(..) => misplaced("requests"),
            }
        })
    }
}

/// Makes the way out.
pub(super) fn carry(app: &App, source: &Webhook) -> anyhow::Result<Arc<dyn Carry>> {
    let (client, keys, map) = hook(app, source)?;
    Ok(Arc::new(Hooks { client, keys, map }))
}
