//! E-mail providers that are asked by HTTP.

use crate::app::App;
use crate::loops::carrying::{Carry, Coming, misplaced};
use crate::render::Content;
use cauce_channels::email::api::{self, Api};
use cauce_channels::http::{Client, Options};
use cauce_channels::s3::Credentials;
use cauce_core::publish::ProviderSource;
use std::time::Duration;

/// A provider and what asks it.
pub(crate) struct Mail {
    /// What it is asked, and what its answers mean.
    pub api: Box<dyn Api>,
    /// What asks.
    pub client: Client,
}

impl Carry for Mail {
    fn carry<'a>(&'a self, content: &'a Content) -> Coming<'a> {
        Box::pin(async move {
            match content {
                // It was rendered a moment ago: that is the time of the request as well.
                Content::Email(email, _) => {
                    api::send(&self.client, &*self.api, email, email.date).await
                }
                _ => misplaced("e-mail"),
            }
        })
    }
}

/// A secret that may stand in the definition, where only half of it is one.
pub(crate) fn said(app: &App, text: &str) -> anyhow::Result<String> {
    match cauce_core::publish::is_secret(text) {
        true => Ok(app.secrets.read(text)?),
        false => Ok(text.to_owned()),
    }
}

/// Makes what the provider is asked with, if it is one of those.
pub(crate) fn mail(app: &App, provider: &ProviderSource) -> anyhow::Result<Option<Mail>> {
    let (vendor, url): (Box<dyn Api>, String) = if let Some(ses) = &provider.ses {
        let credentials = Credentials {
            access_key: said(app, &ses.access_key)?,
            secret_key: app.secrets.read(&ses.secret_key)?,
        };
        let token = ses.session_token.as_deref().map(|place| app.secrets.read(place));
        let vendor = api::Ses {
            region: ses.region.clone(),
            credentials,
            session_token: token.transpose()?,
            configuration_set: ses.configuration_set.clone(),
            endpoint: ses.endpoint.clone(),
        };
        (Box::new(vendor), ses.endpoint.clone().unwrap_or_default())
    } else if let Some(sendgrid) = &provider.sendgrid {
        let vendor = api::SendGrid {
            key: app.secrets.read(&sendgrid.key)?,
            endpoint: sendgrid.url(),
            ip_pool: sendgrid.ip_pool.clone(),
            unsubscribe_group: sendgrid.unsubscribe_group,
        };
        (Box::new(vendor), sendgrid.url())
    } else if let Some(mailgun) = &provider.mailgun {
        let vendor = api::Mailgun {
            key: app.secrets.read(&mailgun.key)?,
            domain: mailgun.domain.clone(),
            endpoint: mailgun.url(),
            test_mode: mailgun.test_mode,
        };
        (Box::new(vendor), mailgun.url())
    } else if let Some(postmark) = &provider.postmark {
        let vendor = api::Postmark {
            token: app.secrets.read(&postmark.token)?,
            stream: postmark.stream.clone(),
            broadcast_stream: postmark.broadcast_stream.clone(),
            endpoint: postmark.url(),
        };
        (Box::new(vendor), postmark.url())
    } else {
        return Ok(None);
    };
    let options = Options {
        tls: app.tls.clone(),
        allow_http: url.starts_with("http://"),
        ports: None,
        timeout: Duration::from_secs(30),
        idle_timeout: Duration::from_secs(30),
        idle_per_server_max: 32,
    };
    Ok(Some(Mail { api: vendor, client: Client::new(app.egress.clone(), options) }))
}
