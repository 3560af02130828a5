//! DKIM (RFC 6376): whether what is published under a selector belongs to the key that signs.

use super::{Answer, Facts, Finding, Question, Signature, Unasked, Weight, known};
use crate::prelude::*;

/// What stands under the selector of one signature.
pub(super) fn check(facts: &Facts, signature: &Signature) -> Result<Finding, Unasked> {
    let name = format!("{}._domainkey.{}", signature.selector, signature.domain);
    let finding = |weight, code: &str, text: String| Finding::new("dkim", weight, code, text);
    let wanted = match &signature.record {
        Ok(wanted) => wanted,
        Err(why) => {
            let text = format!("the key of `{name}` cannot be read: {why}");
            return Ok(finding(Weight::Error, "dkim-no-key", text));
        }
    };
    let texts = match known(facts, Question::Texts(name.clone()))? {
        Answer::Texts(texts) => texts,
        Answer::Trouble(why) => {
            return Ok(finding(Weight::Unknown, "dkim-trouble", why.clone()));
        }
        _ => {
            let text = format!("nothing is published at `{name}`");
            return Ok(finding(Weight::Error, "dkim-absent", text).publish(&name, "TXT", wanted));
        }
    };
    let keys: Vec<Tags> = texts.iter().filter_map(|text| tags(text)).collect();
    let ours = tags(wanted).unwrap_or_default();
    let found = match &keys[..] {
        [] => {
            let text = format!("what is published at `{name}` is no DKIM record");
            return Ok(finding(Weight::Error, "dkim-absent", text).publish(&name, "TXT", wanted));
        }
        [one] => one,
        [..] => {
            let text = format!("several records are published at `{name}`; receivers pick one");
            return Ok(finding(Weight::Error, "dkim-several", text).publish(&name, "TXT", wanted));
        }
    };
    let of = |tags: &Tags, name: &str| tags.get(name).cloned().unwrap_or_default();
    if of(found, "p").is_empty() {
        let text = format!("the key at `{name}` is revoked");
        return Ok(finding(Weight::Error, "dkim-revoked", text).publish(&name, "TXT", wanted));
    }
    let kind = |tags: &Tags| tags.get("k").cloned().unwrap_or_else(|| "rsa".to_owned());
    if of(found, "p") != of(&ours, "p") || kind(found) != kind(&ours) {
        let text = format!("the key at `{name}` is not the one that signs");
        return Ok(finding(Weight::Error, "dkim-other-key", text).publish(&name, "TXT", wanted));
    }
    let hashes = found.get("h").is_some_and(|all| !all.split(':').any(|one| one == "sha256"));
    if hashes {
        let text = format!("`{name}` does not allow sha256, which signs");
        return Ok(finding(Weight::Error, "dkim-hash", text).publish(&name, "TXT", wanted));
    }
    let flags = of(found, "t");
    if flags.split(':').any(|flag| flag == "y") {
        let text = format!("`{name}` says that it is a test (`t=y`): receivers may not count it");
        return Ok(finding(Weight::Warning, "dkim-test", text).publish(&name, "TXT", wanted));
    }
    Ok(finding(Weight::Fine, "dkim", format!("`{name}` holds the key that signs")))
}

type Tags = BTreeMap<String, String>;

/// The tags of a record, blanks within values removed (RFC 6376 §3.2); nothing if it is none.
fn tags(text: &str) -> Option<Tags> {
    let mut tags = Tags::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=')?;
        let value = value.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        tags.insert(name.trim().to_owned(), value);
    }
    let version = tags.get("v").is_none_or(|version| version == "DKIM1");
    (version && tags.contains_key("p")).then_some(tags)
}
