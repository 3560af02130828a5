//! The examination of one sender, part by part.

use super::{
    Answer, Facts, Finding, Question, Signature, Subject, Unasked, Weight, authority, dmarc,
    is_aligned, known, spf,
};
use crate::prelude::*;
use core::net::IpAddr;

type Found = Result<Vec<Finding>, Unasked>;

/// What has to be looked up next; nothing when everything is known.
pub fn questions(subject: &Subject, facts: &Facts) -> Vec<Question> {
    let unasked = parts(subject, facts).into_iter().filter_map(Result::err);
    let mut questions: Vec<Question> = unasked.map(|Unasked(question)| question).collect();
    questions.sort();
    questions.dedup();
    questions
}

/// What was found. What was not looked up is *unknown*.
pub fn examine(subject: &Subject, facts: &Facts) -> Vec<Finding> {
    let mut all = Vec::new();
    for part in parts(subject, facts) {
        match part {
            Ok(found) => all.extend(found),
            Err(Unasked(question)) => {
                let text = format!("`{question:?}` was not looked up");
                all.push(Finding::new("lookup", Weight::Unknown, "not-asked", text));
            }
        }
    }
    all
}

/// Every part by itself, so that the questions of all can be asked at once.
fn parts(subject: &Subject, facts: &Facts) -> Vec<Found> {
    let mut parts = vec![
        spf_account(subject, facts),
        dmarc_policy(subject, facts),
        return_path(subject, facts),
        unsubscribe(subject, facts),
    ];
    let addresses = subject.egress.iter();
    parts.extend(addresses.clone().map(|address| spf_of(subject, facts, *address)));
    parts.extend(addresses.map(|address| names_of(subject, facts, *address)));
    if subject.signatures.is_empty() {
        let text = "nothing is signed (DKIM)";
        let hint = "make a key (`openssl genrsa 2048`) and name it in the sender's `dkim`";
        let finding = Finding::new("dkim", Weight::Error, "dkim-unsigned", text).hint(hint);
        parts.push(Ok(vec![finding]));
    }
    let signed = subject.signatures.iter();
    parts.extend(signed.map(|one| authority::check(facts, one).map(|finding| vec![finding])));
    parts
}

/// What to publish where there is no record, or none that names us.
fn spf_wanted(subject: &Subject) -> Option<String> {
    if subject.egress.is_empty() {
        return None;
    }
    let mut text = "v=spf1".to_owned();
    for address in &subject.egress {
        let kind = if address.is_ipv4() { "ip4" } else { "ip6" };
        text.push_str(&format!(" {kind}:{address}"));
    }
    Some(text + " -all")
}

fn spf_account(subject: &Subject, facts: &Facts) -> Found {
    let domain = &subject.return_domain;
    let account = spf::account(facts, domain)?;
    let finding = |weight, code: &str, text: String| Finding::new("spf", weight, code, text);
    let mut found = Vec::new();
    if account.record.is_none() && account.broken.is_none() {
        if let Some(why) = account.trouble {
            return Ok(vec![finding(Weight::Unknown, "spf-trouble", why)]);
        }
        let text = format!("`{domain}` has no SPF record");
        let absent = finding(Weight::Error, "spf-absent", text);
        let absent = match spf_wanted(subject) {
            Some(wanted) => absent.publish(domain, "TXT", wanted),
            None => absent.hint(
                "say from which addresses mail leaves with `--ip`, or publish the `include:` that \
                 your provider names",
            ),
        };
        return Ok(vec![absent]);
    }
    if let Some(why) = account.broken {
        found.push(finding(Weight::Error, "spf-broken", why));
    }
    if let Some(why) = account.trouble {
        found.push(finding(Weight::Unknown, "spf-trouble", why));
    }
    if account.lookups > spf::LOOKUPS_MAX {
        let text = format!(
            "the SPF record of `{domain}` costs {} look-ups, receivers give up after {}",
            account.lookups,
            spf::LOOKUPS_MAX
        );
        let hint = "take out an `include:` that no longer sends for you, or name networks by ip4";
        found.push(finding(Weight::Error, "spf-lookups", text).hint(hint));
    }
    if account.void > spf::VOID_LOOKUPS_MAX {
        let text = format!(
            "{} names in the SPF record of `{domain}` do not exist, receivers give up after {}",
            account.void,
            spf::VOID_LOOKUPS_MAX
        );
        found.push(finding(Weight::Error, "spf-void", text));
    }
    if account.everybody {
        let text = format!("the SPF record of `{domain}` lets everybody send (`+all`)");
        found.push(finding(Weight::Error, "spf-everybody", text).hint("end it with `-all`"));
    }
    if account.ptr {
        let text = format!("the SPF record of `{domain}` uses `ptr`, which receivers may skip");
        found.push(finding(Weight::Warning, "spf-ptr", text));
    }
    if account.rest.is_empty() || account.rest.starts_with('?') {
        let text = format!("the SPF record of `{domain}` says nothing of everybody else");
        found.push(finding(Weight::Warning, "spf-open", text).hint("end it with `~all` or `-all`"));
    }
    if found.is_empty() {
        let text = format!(
            "`{domain}` has one SPF record, of {} look-ups, ending in `{}`",
            account.lookups, account.rest
        );
        found.push(finding(Weight::Fine, "spf", text));
    }
    Ok(found)
}

fn spf_of(subject: &Subject, facts: &Facts, address: IpAddr) -> Found {
    let domain = &subject.return_domain;
    let finding = |weight, code: &str, text: String| Finding::new("spf", weight, code, text);
    let one = match spf::judge(facts, domain, address)? {
        spf::Verdict::Pass => {
            finding(Weight::Fine, "spf-pass", format!("SPF of `{domain}` names {address}"))
        }
        spf::Verdict::Depends => {
            let text = format!("whether SPF of `{domain}` names {address} depends on the message");
            finding(Weight::Unknown, "spf-depends", text)
        }
        spf::Verdict::TempError => {
            let text = format!("SPF of `{domain}` could not be followed for {address}");
            finding(Weight::Unknown, "spf-trouble", text)
        }
        // Said once, by the account.
        spf::Verdict::None | spf::Verdict::PermError => return Ok(Vec::new()),
        spf::Verdict::Fail | spf::Verdict::SoftFail | spf::Verdict::Neutral => {
            let text = format!("SPF of `{domain}` does not name {address}, from which mail leaves");
            let kind = if address.is_ipv4() { "ip4" } else { "ip6" };
            let finding = finding(Weight::Error, "spf-foreign", text);
            match facts.get(&Question::Texts(domain.clone())) {
                Some(Answer::Texts(texts)) => match spf::with_term(texts, kind, address) {
                    Some(wanted) => finding.publish(domain, "TXT", wanted),
                    None => finding,
                },
                _ => finding,
            }
        }
    };
    Ok(vec![one])
}

fn dmarc_policy(subject: &Subject, facts: &Facts) -> Found {
    let domain = &subject.domain;
    let finding = |weight, code: &str, text: String| Finding::new("dmarc", weight, code, text);
    let (policy, disputed) = match dmarc::find(facts, domain)? {
        dmarc::Found::Policy(policy) => (policy, false),
        dmarc::Found::Disputed(policy) => (policy, true),
        dmarc::Found::Broken(why) => return Ok(vec![finding(Weight::Error, "dmarc-broken", why)]),
        dmarc::Found::Trouble(why) => {
            return Ok(vec![finding(Weight::Unknown, "dmarc-trouble", why)]);
        }
        dmarc::Found::Absent => {
            let text = format!("`{domain}` has no DMARC record, nor has the domain above it");
            let house = super::registrable_domain(domain).unwrap_or(domain);
            let absent = finding(Weight::Error, "dmarc-absent", text);
            let wanted = format!("v=DMARC1; p=none; rua=mailto:dmarc@{house}");
            return Ok(vec![absent.publish(&dmarc::place(house), "TXT", wanted)]);
        }
    };
    let mut found = Vec::new();
    if disputed {
        let text = format!(
            "receivers disagree on where the policy of `{domain}` is; some use that of `{}`",
            policy.domain
        );
        let hint = format!("publish one at `{}` itself", dmarc::place(domain));
        found.push(finding(Weight::Warning, "dmarc-disputed", text).hint(hint));
    }
    let signs = |one: &&Signature| is_aligned(&one.domain, domain, policy.strict_dkim);
    let by_dkim = subject.signatures.iter().find(signs);
    let by_spf = is_aligned(&subject.return_domain, domain, policy.strict_spf);
    match by_dkim {
        Some(one) => {
            let text = format!("`{}` signs for `{domain}` (DKIM is aligned)", one.domain);
            found.push(finding(Weight::Fine, "dkim-aligned", text));
        }
        None => {
            let text = format!("no signature is of the house of `{domain}` (DKIM is not aligned)");
            let hint = format!("sign with `domain: {domain}`, or leave `domain` out");
            found.push(finding(Weight::Error, "dkim-unaligned", text).hint(hint));
        }
    }
    if !by_spf {
        let text = format!(
            "bounces return to `{}`, which is not of the house of `{domain}` (SPF is not aligned)",
            subject.return_domain
        );
        let hint = format!("use a name below `{domain}` as `return-path-domain`");
        found.push(finding(Weight::Warning, "spf-unaligned", text).hint(hint));
    }
    if !policy.reported {
        let text = format!("the DMARC record of `{}` sends reports to nobody", policy.domain);
        let hint = "add `rua=mailto:…`: it is how you learn who sends in your name";
        found.push(finding(Weight::Warning, "dmarc-unreported", text).hint(hint));
    }
    let text = format!("DMARC of `{}` asks for `{}`", policy.domain, policy.wish);
    found.push(finding(Weight::Fine, "dmarc", text));
    Ok(found)
}

fn return_path(subject: &Subject, facts: &Facts) -> Found {
    let domain = &subject.return_domain;
    let finding =
        |weight, code: &str, text: String| Finding::new("return-path", weight, code, text);
    let answer = known(facts, Question::Exchanges(domain.clone()))?;
    Ok(vec![match answer {
        Answer::Exchanges(all) if all.iter().all(|(_, host)| host.is_empty()) => {
            let text = format!("`{domain}` takes no mail (null MX), so bounces are lost");
            finding(Weight::Error, "return-path-null", text)
        }
        Answer::Exchanges(all) => {
            let mut lost = Vec::new();
            for (_, host) in all.iter().filter(|(_, host)| !host.is_empty()) {
                let answer = known(facts, Question::Addresses(host.clone()))?;
                if matches!(answer, Answer::Empty | Answer::Absent) {
                    lost.push(format!("`{host}`"));
                }
            }
            if lost.is_empty() {
                finding(Weight::Fine, "return-path", format!("bounces return to `{domain}`"))
            } else {
                let text = format!("{} takes bounces and has no address", lost.join(", "));
                finding(Weight::Error, "return-path-lost", text)
            }
        }
        Answer::Trouble(why) => finding(Weight::Unknown, "return-path-trouble", why.clone()),
        _ => {
            let at = known(facts, Question::Addresses(domain.clone()))?;
            let (weight, what) = match at {
                Answer::Addresses(_) => (Weight::Warning, "has an address and no mail server"),
                _ => (Weight::Error, "has neither a mail server nor an address"),
            };
            let text = format!("`{domain}`, to which bounces return, {what}");
            let finding = finding(weight, "return-path-absent", text);
            match subject.helo_name.as_str() {
                "" => finding.hint("publish the MX that your provider, or this server, has"),
                host => finding.publish(domain, "MX", format!("10 {host}")),
            }
        }
    }])
}

/// The names of an address and the way back (FCrDNS), which Gmail and Yahoo ask for.
fn names_of(subject: &Subject, facts: &Facts, address: IpAddr) -> Found {
    let finding = |weight, code: &str, text: String| Finding::new("ptr", weight, code, text);
    let wanted = |finding: Finding| match subject.helo_name.as_str() {
        "" => finding,
        host => finding.publish(&reverse(address), "PTR", host),
    };
    let names = match known(facts, Question::Names(address))? {
        Answer::Names(names) => names,
        Answer::Trouble(why) => {
            return Ok(vec![finding(Weight::Unknown, "ptr-trouble", why.clone())]);
        }
        _ => {
            let text = format!("{address} has no name (PTR)");
            return Ok(vec![wanted(finding(Weight::Error, "ptr-absent", text))]);
        }
    };
    let mut back = Vec::new();
    for name in names {
        let answer = known(facts, Question::Addresses(name.clone()))?;
        if matches!(answer, Answer::Addresses(all) if all.contains(&address)) {
            back.push(name);
        }
    }
    let mut found = vec![if back.is_empty() {
        let text = format!("no name of {address} leads back to it: {}", names.join(", "));
        finding(Weight::Error, "ptr-one-way", text)
            .hint("give the name an A or AAAA record with this address")
    } else {
        let text = format!("{address} is `{}`, and back", back[0]);
        finding(Weight::Fine, "ptr", text)
    }];
    let helo = &subject.helo_name;
    if !helo.is_empty() && !back.iter().any(|name| name.eq_ignore_ascii_case(helo)) {
        let answer = known(facts, Question::Addresses(helo.clone()))?;
        if !matches!(answer, Answer::Addresses(all) if all.contains(&address)) {
            let text = format!("EHLO says `{helo}`, which does not lead to {address}");
            let hint = "set `helo-name` to the name of the address";
            found.push(finding(Weight::Warning, "helo-foreign", text).hint(hint));
        }
    }
    Ok(found)
}

fn unsubscribe(subject: &Subject, facts: &Facts) -> Found {
    let url = &subject.public_url;
    let finding =
        |weight, code: &str, text: String| Finding::new("unsubscribe", weight, code, text);
    if !url.starts_with("https://") {
        let text = format!("links begin with `{url}`; one click to unsubscribe needs `https://`");
        let hint = "set `public-url` to the address under which readers reach this server";
        return Ok(vec![finding(Weight::Error, "unsubscribe-plain", text).hint(hint)]);
    }
    Ok(vec![match known(facts, Question::Page(url.clone()))? {
        Answer::Status(status) if *status < 500 => {
            finding(Weight::Fine, "unsubscribe", format!("`{url}` answers"))
        }
        Answer::Status(status) => {
            let text = format!("`{url}` answers with {status}, so nobody can unsubscribe");
            finding(Weight::Error, "unsubscribe-ill", text)
        }
        Answer::Trouble(why) => {
            let text = format!("`{url}` cannot be reached from here: {why}");
            finding(Weight::Error, "unsubscribe-unreachable", text)
        }
        _ => {
            let text = format!("the host of `{url}` does not exist");
            finding(Weight::Error, "unsubscribe-absent", text)
        }
    }])
}

/// The name under which the names of an address are kept.
fn reverse(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let nibbles = address.octets().into_iter().rev();
            let name: String =
                nibbles.map(|octet| format!("{:x}.{:x}.", octet & 15, octet >> 4)).collect();
            name + "ip6.arpa"
        }
    }
}
