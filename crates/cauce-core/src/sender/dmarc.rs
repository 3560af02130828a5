//! DMARC: where a domain's policy is found, and what it says.
//!
//! Receivers look in two ways: at the registered domain by the public suffix list (RFC 7489), and
//! by walking up the tree (DMARCbis, §4.10). Both are walked; where they disagree, so will
//! receivers.

use super::{Answer, Facts, Question, Unasked, known, registrable_domain};
use crate::prelude::*;

/// Limit: names that a walk up the tree asks (DMARCbis §4.10).
const WALK_MAX: usize = 8;

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Policy {
    /// The domain whose record it is.
    pub(super) domain: String,
    /// `none`, `quarantine` or `reject`, as it holds for the domain that was asked about.
    pub(super) wish: String,
    /// Whether the domain that signs must be the same.
    pub(super) strict_dkim: bool,
    /// Whether the domain of the envelope sender must be the same.
    pub(super) strict_spf: bool,
    /// Whether reports go anywhere.
    pub(super) reported: bool,
}

/// What was found of a domain's policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// One that holds for every receiver.
    Policy(Policy),
    /// One that only receivers with the one way to look find.
    Disputed(Policy),
    /// Several records where one may be, or one that cannot be read.
    Broken(String),
    /// None at all.
    Absent,
    /// Nobody could say.
    Trouble(String),
}

/// Where policies are kept.
pub(super) fn place(domain: &str) -> String {
    format!("_dmarc.{domain}")
}

pub(super) fn find(facts: &Facts, domain: &str) -> Result<Found, Unasked> {
    let own = record_at(facts, domain)?;
    match own {
        Some(Ok(tags)) => return Ok(read(domain, domain, &tags)),
        Some(Err(why)) => return Ok(why),
        None => {}
    }
    let house = registrable_domain(domain).unwrap_or(domain).to_owned();
    let by_list = match record_at(facts, &house)? {
        Some(Ok(tags)) if house != domain => Some(read(&house, domain, &tags)),
        Some(Err(why)) => return Ok(why),
        _ => None,
    };
    let by_walk = walk(facts, domain)?.map(|(at, tags)| read(&at, domain, &tags));
    Ok(match (by_list, by_walk) {
        (Some(one), Some(other)) if one == other => one,
        (Some(Found::Policy(policy)), _) | (None, Some(Found::Policy(policy))) => {
            Found::Disputed(policy)
        }
        (Some(other), _) | (None, Some(other)) => other,
        (None, None) => Found::Absent,
    })
}

/// The record that a walk up the tree ends at: one that says it is the end (`psd=n`), the one
/// below a suffix that says it is one (`psd=y`), else the highest.
fn walk(facts: &Facts, domain: &str) -> Result<Option<(String, Tags)>, Unasked> {
    let labels: Vec<&str> = domain.split('.').collect();
    let mut at = 1;
    if labels.len() > WALK_MAX {
        // Long names skip the middle (§4.10).
        at = labels.len() - (WALK_MAX - 1);
    }
    let mut found: Option<(String, Tags)> = None;
    while at < labels.len() {
        let name = labels[at..].join(".");
        if let Some(Ok(tags)) = record_at(facts, &name)? {
            let suffix = tags.get("psd").map(String::as_str);
            if suffix == Some("y") {
                break;
            }
            let last = suffix == Some("n");
            found = Some((name, tags));
            if last {
                break;
            }
        }
        at += 1;
    }
    Ok(found)
}

type Tags = BTreeMap<String, String>;

fn record_at(facts: &Facts, domain: &str) -> Result<Option<Result<Tags, Found>>, Unasked> {
    let texts = match known(facts, Question::Texts(place(domain)))? {
        Answer::Texts(texts) => texts,
        Answer::Trouble(why) => return Ok(Some(Err(Found::Trouble(why.clone())))),
        _ => return Ok(None),
    };
    let mut ours = texts.iter().filter(|text| {
        let version = text.split(';').next().unwrap_or_default();
        version.replace(' ', "") == "v=DMARC1"
    });
    let Some(text) = ours.next() else { return Ok(None) };
    if ours.next().is_some() {
        let why = format!("`{}` has several DMARC records, so receivers use none", place(domain));
        return Ok(Some(Err(Found::Broken(why))));
    }
    let tags = text.split(';').filter_map(|tag| tag.split_once('='));
    Ok(Some(Ok(tags
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect())))
}

fn read(at: &str, domain: &str, tags: &Tags) -> Found {
    let below = at != domain;
    let wish = tags.get("sp").filter(|_| below).or_else(|| tags.get("p"));
    let reported = tags.contains_key("rua");
    let wish = match wish.map(|wish| wish.to_ascii_lowercase()) {
        Some(wish) if matches!(wish.as_str(), "none" | "quarantine" | "reject") => wish,
        // With somewhere to report to, a receiver takes a policy that it cannot read for `none`.
        _ if reported => "none".to_owned(),
        _ => return Found::Broken(format!("the record at `{}` has no `p=`", place(at))),
    };
    let strict = |name: &str| tags.get(name).is_some_and(|value| value.eq_ignore_ascii_case("s"));
    Found::Policy(Policy {
        domain: at.to_owned(),
        wish,
        strict_dkim: strict("adkim"),
        strict_spf: strict("aspf"),
        reported,
    })
}
