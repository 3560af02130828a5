//! One sender, examined: what stands in the DNS, and what is to be published.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use crate::app::App;
use crate::secrets::Secrets;
use crate::watch::examined::Examined;
use axum::Json;
use axum::extract::{Path, Query, State};
use cauce_channels::email::address;
use cauce_channels::email::dkim::{Key, Signer};
use cauce_channels::email::inquiry::Inquiry;
use cauce_core::publish::{Body, Book, DkimSource, Kind, SenderSource};
use cauce_core::sender::{Finding, Signature, Subject, Weight, examine};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What is known besides the definitions.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Known {
    /// Addresses from which mail would leave, with commas between them; those of the configuration
    /// if absent. What is found for other addresses is answered, and counts for nothing.
    ip: Option<String>,
}

/// A record of the domain name system.
#[derive(utoipa::ToSchema)]
#[schema(as = PublishedRecord)]
#[allow(dead_code)] // the shape of the core's own
pub struct Publish {
    /// The full name, without the last dot.
    name: String,
    /// `TXT`, `MX` or `PTR`.
    kind: String,
    /// The value as a resolver would show it, strings joined.
    value: String,
}

/// One finding about a sender.
#[derive(utoipa::ToSchema)]
#[schema(as = SenderFinding)]
#[allow(dead_code)] // the shape of the core's own
pub struct Found {
    /// What it is about: `spf`, `dkim`, `dmarc`, `ptr`, `return-path` or `unsubscribe`.
    about: String,
    /// How much it weighs: `fine`, `unknown` (it could not be found out), `warning` (it costs trust
    /// somewhere) or `error` (large providers refuse mail for it).
    weight: String,
    /// A stable word for programs.
    code: String,
    /// What was found, in words.
    text: String,
    /// What to do.
    hint: Option<String>,
    /// What to publish.
    publish: Option<Publish>,
}

/// What was found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Checked {
    /// The sender.
    sender: String,
    /// The domain of its From header.
    domain: String,
    /// Whether nothing stands against it.
    fine: bool,
    /// Everything that was found, part by part.
    #[schema(value_type = Vec<Found>)]
    findings: Vec<Finding>,
    /// What is to be published, as lines of a zone file.
    zone: String,
}

/// Looks up what is published of a sender, and says what is to be. Without `ip` it is kept as the
/// sender's last examination, by which campaigns may not start.
#[utoipa::path(get, path = "/v1/senders/{name}/check", tag = "deliverability",
    params(("name" = String, Path), Known),
    responses((status = 200, body = Checked), (status = 404, body = Problem),
              (status = 503, body = Problem)))]
pub async fn check(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
    Query(known): Query<Known>,
) -> Result<Json<Checked>, Problem> {
    let (domain, findings) = match &known.ip {
        None => examined(&app, &name).await?,
        // Whoever may only look must not hold campaigns back, or let them go, by what they ask.
        Some(text) => found(&app, &name, addresses(text)?).await?,
    };
    let mut lines: Vec<String> = Vec::new();
    for record in findings.iter().filter_map(|finding| finding.publish.as_ref()) {
        let line = record.zone_line();
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let fine = findings.iter().all(|finding| finding.weight < Weight::Warning);
    let zone = lines.join("\n");
    Ok(Json(Checked { sender: name, domain, fine, findings, zone }))
}

/// Examines a sender, for mail that leaves from the server's own addresses, and keeps what was
/// found: its domain, and the findings.
pub async fn examined(app: &App, name: &str) -> Result<(String, Vec<Finding>), Problem> {
    let (domain, findings) = found(app, name, app.direct.egress_addresses.clone()).await?;
    let examined = Examined { at: app.node.now(), findings: findings.clone() };
    app.watch.examined.keep(name, examined);
    Ok((domain, findings))
}

/// Examines a sender, for mail that leaves from these addresses.
async fn found(
    app: &App,
    name: &str,
    egress: Vec<IpAddr>,
) -> Result<(String, Vec<Finding>), Problem> {
    let book = app.book();
    let Some(Body::Sender(sender)) = book.get(Kind::Sender, name).map(|one| one.body.clone())
    else {
        let names = book.list(Kind::Sender).map(|(name, _)| name);
        let near = cauce_core::diagnostic::nearest(name, names);
        let problem = Problem::new(Code::NotFound, format!("there is no sender `{name}`"));
        return Err(match near {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem,
        });
    };
    let resolver = app.direct.resolver.clone().map_err(|why| {
        Problem::new(Code::Unavailable, format!("no name server can be asked: {why}"))
            .hint("set `dns` in the configuration")
    })?;
    let subject = subject(app, &book, &sender, egress)
        .map_err(|why| Problem::new(Code::Invalid, format!("sender `{name}`: {why}")))?;
    let inquiry = Inquiry { resolver, egress: app.egress.clone(), tls: app.tls.clone() };
    let facts = inquiry.facts(&subject).await;
    let findings = examine(&subject, &facts);
    Ok((subject.domain, findings))
}

fn addresses(text: &str) -> Result<Vec<IpAddr>, Problem> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            part.parse()
                .map_err(|_| Problem::new(Code::Malformed, format!("`{part}` is no address")))
        })
        .collect()
}

/// What is examined of a sender.
fn subject(
    app: &App,
    book: &Book,
    sender: &SenderSource,
    egress: Vec<IpAddr>,
) -> Result<Subject, String> {
    let own = sender.from.address.rsplit_once('@').map_or("", |(_, domain)| domain);
    let domain = address::domain(own)?;
    let return_domain = match &sender.return_path_domain {
        Some(domain) => address::domain(domain)?,
        None => domain.clone(),
    };
    let signatures = sender.dkim.iter().map(|dkim| signature(&app.secrets, &domain, dkim));
    // The name in EHLO is ours only where mail leaves from here.
    let straight = book.list(Kind::Provider).find_map(|(_, one)| match &one.body {
        Body::Provider(provider) => provider.direct.clone(),
        _ => None,
    });
    let helo_name = straight.map(|own| own.helo_name.unwrap_or_else(|| app.helo_name.clone()));
    Ok(Subject {
        signatures: signatures.collect(),
        domain,
        return_domain,
        egress,
        helo_name: helo_name.unwrap_or_default(),
        public_url: app.site.url.clone(),
    })
}

fn signature(secrets: &Secrets, own: &str, dkim: &DkimSource) -> Signature {
    let domain = dkim.domain.as_deref().unwrap_or(own);
    let record = || -> anyhow::Result<String> {
        let key = Key::from_pem(&secrets.read(&dkim.key)?)?;
        Ok(Signer::new(domain, &dkim.selector, key)?.dns_record()?)
    };
    Signature {
        selector: dkim.selector.clone(),
        domain: address::domain(domain).unwrap_or_else(|_| domain.to_owned()),
        record: record().map_err(|error| format!("{error:#}")),
    }
}
