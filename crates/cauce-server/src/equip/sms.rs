//! Text messages by the APIs of companies that carry them.

use crate::app::App;
use crate::loops::carrying::{Carry, Coming, misplaced};
use crate::render::Content;
use anyhow::ensure;
use cauce_channels::http::{Client, Options};
use cauce_channels::sms::{twilio, vonage};
use cauce_core::publish::{Twilio, Vonage};
use cauce_core::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// The clock at the edge: a validity is said in seconds from now.
pub(super) type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;

pub(super) fn clock(app: &App) -> Clock {
    let (wall, test) = (app.wall_clock.clone(), app.test_clock.clone());
    Box::new(move || match (&test, &wall) {
        (Some(clock), _) => clock.now(),
        (None, Some(clock)) => clock.now(),
        (None, None) => Timestamp::default(),
    })
}

fn client(app: &App, base: &str) -> Client {
    let options = Options {
        tls: app.tls.clone(),
        allow_http: base.starts_with("http://"),
        ports: None,
        timeout: Duration::from_secs(20),
        idle_timeout: Duration::from_secs(30),
        idle_per_server_max: 64,
    };
    Client::new(app.egress.clone(), options)
}

/// Where a carrier reports. One in the world refuses an address that only this machine knows, and
/// the message with it; then it is not asked to report.
fn reports(app: &App, path: &str, provider: &str, own: Option<&String>) -> Option<String> {
    let url = &app.site.url;
    let local = url.contains("//127.0.0.1") || url.contains("//localhost");
    (!local || own.is_some()).then(|| format!("{url}/reports/{path}/{provider}"))
}

struct ByTwilio(twilio::Twilio, Clock);

impl Carry for ByTwilio {
    fn carry<'a>(&'a self, content: &'a Content) -> Coming<'a> {
        Box::pin(async move {
            match content {
                Content::Sms(sms) => self.0.send(sms, (self.1)()).await,
                _ => misplaced("text messages"),
            }
        })
    }
}

/// Makes the way out by Twilio.
pub(crate) fn twilio(app: &App, name: &str, source: &Twilio) -> anyhow::Result<Arc<dyn Carry>> {
    let base = source.url.clone().unwrap_or_else(|| twilio::BASE.to_owned());
    let place = source.secret.as_ref().unwrap_or(&source.token);
    let options = twilio::Options {
        account: source.account.clone(),
        login: source.key.clone().unwrap_or_else(|| source.account.clone()),
        secret: app.secrets.read(place)?.trim().to_owned(),
        service: source.service.clone(),
        reports: reports(app, "twilio", name, source.url.as_ref()),
        base,
    };
    let http = client(app, &options.base);
    Ok(Arc::new(ByTwilio(twilio::Twilio::new(http, options), clock(app))))
}

struct ByVonage(vonage::Vonage, Clock);

impl Carry for ByVonage {
    fn carry<'a>(&'a self, content: &'a Content) -> Coming<'a> {
        Box::pin(async move {
            match content {
                Content::Sms(sms) => self.0.send(sms, (self.1)()).await,
                _ => misplaced("text messages"),
            }
        })
    }
}

/// Makes the way out by Vonage.
pub(crate) fn vonage(app: &App, name: &str, source: &Vonage) -> anyhow::Result<Arc<dyn Carry>> {
    let base = source.url.clone().unwrap_or_else(|| vonage::BASE.to_owned());
    let reports = reports(app, "vonage", name, source.url.as_ref());
    let reports = reports.filter(|_| source.signature.is_some());
    if let Some(address) = &reports {
        ensure!(
            address.len() <= vonage::REPORTS_BYTES_MAX,
            "Vonage takes at most {} bytes as the address of reports, and `{address}` is longer: \
             give the provider a shorter name",
            vonage::REPORTS_BYTES_MAX
        );
    }
    let options = vonage::Options {
        key: source.key.clone(),
        secret: app.secrets.read(&source.secret)?.trim().to_owned(),
        reports,
        base,
    };
    let http = client(app, &options.base);
    Ok(Arc::new(ByVonage(vonage::Vonage::new(http, options), clock(app))))
}
