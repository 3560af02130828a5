//! The push services of devices.

use crate::app::App;
use crate::loops::carrying::{Carry, Coming, misplaced};
use crate::render::Content;
use cauce_channels::push::{Apns, Fcm, Ways, Web, apns, fcm, web};
use cauce_core::publish::PushWays;
use std::sync::Arc;

struct Pushes(Ways);

impl Carry for Pushes {
    fn carry<'a>(&'a self, content: &'a Content) -> Coming<'a> {
        Box::pin(async move {
            match content {
                Content::Push(push) => self.0.send(push).await,
                Content::Email(..) | Content::Request(_) | Content::Sms(_) => misplaced("pushes"),
            }
        })
    }
}

/// Makes the way out.
pub(super) fn carry(app: &App, source: &PushWays) -> anyhow::Result<Arc<dyn Carry>> {
    let or = |own: &Option<String>, usual: &str| own.clone().unwrap_or_else(|| usual.to_owned());
    let apns = match &source.apns {
        Some(source) => {
            let options = apns::Options {
                team: source.team.clone(),
                key_id: source.key_id.clone(),
                key: app.secrets.read(&source.key)?,
                topic: source.topic.clone(),
                production: or(&source.base, apns::PRODUCTION),
                sandbox: or(&source.sandbox_base, apns::SANDBOX),
                tls: app.tls.clone(),
            };
            Some(Apns::new(app.egress.clone(), options)?)
        }
        None => None,
    };
    let fcm = match &source.fcm {
        Some(source) => {
            let options = fcm::Options {
                account: app.secrets.read(&source.account)?,
                base: or(&source.base, fcm::BASE),
                tls: app.tls.clone(),
            };
            Some(Fcm::new(app.egress.clone(), options)?)
        }
        None => None,
    };
    let web = match &source.web {
        Some(source) => {
            let options = web::Options {
                key: app.secrets.read(&source.key)?,
                subject: source.subject.clone(),
                hosts: source.hosts.clone(),
                tls: app.tls.clone(),
            };
            Some(Web::new(app.egress.clone(), options)?)
        }
        None => None,
    };
    Ok(Arc::new(Pushes(Ways { apns, fcm, web })))
}
