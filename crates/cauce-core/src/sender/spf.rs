//! SPF (RFC 7208): one record, how many look-ups it costs, and whether it names an address.

use super::{Answer, Facts, Question, Unasked, known};
use crate::prelude::*;
use core::net::IpAddr;

/// Limit: terms that cost a look-up (RFC 7208 §4.6.4); beyond it a receiver gives up.
pub const LOOKUPS_MAX: usize = 10;
/// Limit: look-ups without an answer (RFC 7208 §4.6.4).
pub const VOID_LOOKUPS_MAX: usize = 2;
/// Limit: what we look into, so that a zone that includes itself ends.
const WALK_MAX: usize = 60;

/// What a receiver would say of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may send.
    Pass,
    /// It may not.
    Fail,
    /// It may not, perhaps.
    SoftFail,
    /// Nothing is said of it.
    Neutral,
    /// There is no record.
    None,
    /// The record is broken.
    PermError,
    /// Somebody's name servers did not answer.
    TempError,
    /// It depends on the message (macros).
    Depends,
}

/// What a record costs and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The record itself.
    pub record: Option<String>,
    /// Terms that cost a look-up, all of them counted.
    pub lookups: usize,
    /// Look-ups without an answer.
    pub void: usize,
    /// What a receiver would stumble over: the words.
    pub broken: Option<String>,
    /// What could not be looked up.
    pub trouble: Option<String>,
    /// Whether the discouraged `ptr` occurs.
    pub ptr: bool,
    /// Whether everybody may send (`+all`).
    pub everybody: bool,
    /// How it ends: `-all`, `~all`, `?all`; empty if it says nothing of the rest.
    pub rest: String,
}

/// One term of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Term<'a> {
    qualifier: char,
    name: String,
    value: &'a str,
    /// Lengths of network masks for IPv4 and IPv6.
    bits: (u8, u8),
}

/// The SPF records among the texts of a name.
fn records(texts: &[String]) -> Vec<&str> {
    let is_ours = |text: &&str| {
        let version = text.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("v=spf1"));
        version && text.get(6..7).is_none_or(|next| next == " ")
    };
    texts.iter().map(String::as_str).filter(is_ours).collect()
}

/// Reads one term; the error says what is wrong. Modifiers have their name and a `=`.
fn term(text: &str) -> Result<Term<'_>, String> {
    let bad = || format!("`{text}` is no term of SPF");
    let end = text.find([':', '/', '=']).unwrap_or(text.len());
    if text[end..].starts_with('=') {
        let name = format!("{}=", text[..end].to_ascii_lowercase());
        return Ok(Term { qualifier: '+', name, value: &text[end + 1..], bits: (32, 128) });
    }
    let (qualifier, rest) = match text.chars().next() {
        Some(sign @ ('+' | '-' | '~' | '?')) => (sign, &text[1..]),
        _ => ('+', text),
    };
    let end = rest.find([':', '/']).unwrap_or(rest.len());
    let (name, mut value) = (rest[..end].to_ascii_lowercase(), &rest[end..]);
    let mut bits = (32, 128);
    value = value.strip_prefix(':').unwrap_or(value);
    // The lengths follow what comes last: `a:example.com/24//64`, `ip6:2001:db8::/32`.
    if matches!(name.as_str(), "a" | "mx" | "ip4" | "ip6")
        && let Some(place) = value.find('/')
    {
        let (before, lengths) = value.split_at(place);
        value = before;
        let number = |text: &str, max: u8| text.parse::<u8>().ok().filter(|bits| *bits <= max);
        let lengths = &lengths[1..];
        match (name.as_str(), lengths.split_once('/')) {
            ("ip6", None) => bits.1 = number(lengths, 128).ok_or_else(bad)?,
            (_, None) => bits.0 = number(lengths, 32).ok_or_else(bad)?,
            (_, Some((fourth, sixth))) => {
                if !fourth.is_empty() {
                    let fourth = fourth.trim_end_matches('/');
                    bits.0 = number(fourth, 32).ok_or_else(bad)?;
                }
                bits.1 = number(sixth.trim_start_matches('/'), 128).ok_or_else(bad)?;
            }
        }
    }
    let fine = match name.as_str() {
        "all" => value.is_empty(),
        "include" | "exists" => !value.is_empty(),
        "ip4" | "ip6" => {
            value.parse::<IpAddr>().is_ok_and(|address| address.is_ipv4() == (name == "ip4"))
        }
        "a" | "mx" | "ptr" => true,
        _ => false,
    };
    if fine { Ok(Term { qualifier, name, value, bits }) } else { Err(bad()) }
}

fn terms(record: &str) -> Result<Vec<Term<'_>>, String> {
    record.split(' ').skip(1).filter(|word| !word.is_empty()).map(term).collect()
}

/// Why a record cannot be read.
enum Unreadable {
    /// There is none.
    None,
    /// There are several, or it cannot be parsed.
    Broken(String),
    /// Nobody could say.
    Trouble(String),
}

fn record_of<'a>(facts: &'a Facts, domain: &str) -> Result<Result<&'a str, Unreadable>, Unasked> {
    let answer = known(facts, Question::Texts(domain.to_owned()))?;
    Ok(match answer {
        Answer::Texts(texts) => match records(texts)[..] {
            [] => Err(Unreadable::None),
            [one] => Ok(one),
            [..] => Err(Unreadable::Broken(format!("`{domain}` has several SPF records"))),
        },
        Answer::Trouble(why) => Err(Unreadable::Trouble(why.clone())),
        _ => Err(Unreadable::None),
    })
}

/// Counts what a domain's record costs, walking everything that it includes: a receiver may meet
/// all of it, depending on the address.
pub fn account(facts: &Facts, domain: &str) -> Result<Account, Unasked> {
    let mut account = Account::default();
    match record_of(facts, domain)? {
        Ok(record) => {
            account.record = Some(record.to_owned());
            let mut left = WALK_MAX;
            walk(facts, domain, record, &mut account, &mut left)?;
        }
        Err(Unreadable::None) => {}
        Err(Unreadable::Broken(why)) => account.broken = Some(why),
        Err(Unreadable::Trouble(why)) => account.trouble = Some(why),
    }
    Ok(account)
}

fn walk(
    facts: &Facts,
    domain: &str,
    record: &str,
    account: &mut Account,
    left: &mut usize,
) -> Result<(), Unasked> {
    let own = account.record.as_deref() == Some(record);
    let terms = match terms(record) {
        Ok(terms) => terms,
        Err(why) => {
            account.broken.get_or_insert(format!("{why}, in the record of `{domain}`"));
            return Ok(());
        }
    };
    let ends = terms.iter().any(|term| term.name == "all");
    for term in &terms {
        let target = if term.value.is_empty() { domain } else { term.value };
        if *left == 0 {
            account.broken.get_or_insert("it never ends".to_owned());
            return Ok(());
        }
        *left -= 1;
        match term.name.as_str() {
            "all" => {
                account.everybody |= term.qualifier == '+';
                if own {
                    account.rest = format!("{}all", term.qualifier);
                }
            }
            "include" => {
                account.lookups += 1;
                follow(facts, target, account, left)?;
            }
            // Beside an `all` it is never reached.
            "redirect=" if !ends => {
                account.lookups += 1;
                if own {
                    account.rest = format!("redirect={target}");
                }
                follow(facts, target, account, left)?;
            }
            "a" | "mx" | "exists" => {
                account.lookups += 1;
                if !target.contains('%') {
                    let question = match term.name.as_str() {
                        "mx" => Question::Exchanges(target.to_owned()),
                        _ => Question::Addresses(target.to_owned()),
                    };
                    let void = matches!(known(facts, question)?, Answer::Empty | Answer::Absent);
                    account.void += usize::from(void);
                }
            }
            "ptr" => {
                account.lookups += 1;
                account.ptr = true;
            }
            _ => {}
        }
    }
    Ok(())
}

fn follow(
    facts: &Facts,
    target: &str,
    account: &mut Account,
    left: &mut usize,
) -> Result<(), Unasked> {
    if target.contains('%') {
        return Ok(());
    }
    // Beyond the limit a receiver has given up; walking on would only ask strangers' name servers.
    if account.lookups > LOOKUPS_MAX + VOID_LOOKUPS_MAX {
        return Ok(());
    }
    match record_of(facts, target)? {
        Ok(record) => walk(facts, target, record, account, left)?,
        Err(Unreadable::None) => {
            let texts = facts.get(&Question::Texts(target.to_owned()));
            account.void += usize::from(matches!(texts, Some(Answer::Empty | Answer::Absent)));
            account.broken.get_or_insert(format!("`{target}`, which it includes, has no record"));
        }
        Err(Unreadable::Broken(why)) => {
            account.broken.get_or_insert(why);
        }
        Err(Unreadable::Trouble(why)) => {
            account.trouble.get_or_insert(why);
        }
    }
    Ok(())
}

/// What a receiver may still look up.
struct Left {
    lookups: usize,
    void: usize,
}

/// What a receiver would say of an address that sends for a domain (RFC 7208 §4).
pub fn judge(facts: &Facts, domain: &str, address: IpAddr) -> Result<Verdict, Unasked> {
    let mut left = Left { lookups: LOOKUPS_MAX, void: VOID_LOOKUPS_MAX };
    judge_within(facts, domain, address, &mut left)
}

fn judge_within(
    facts: &Facts,
    domain: &str,
    address: IpAddr,
    left: &mut Left,
) -> Result<Verdict, Unasked> {
    let record = match record_of(facts, domain)? {
        Ok(record) => record,
        Err(Unreadable::None) => return Ok(Verdict::None),
        Err(Unreadable::Broken(_)) => return Ok(Verdict::PermError),
        Err(Unreadable::Trouble(_)) => return Ok(Verdict::TempError),
    };
    let Ok(terms) = terms(record) else { return Ok(Verdict::PermError) };
    for term in &terms {
        let costs = matches!(term.name.as_str(), "include" | "a" | "mx" | "exists" | "ptr");
        if costs && left.lookups == 0 {
            return Ok(Verdict::PermError);
        }
        left.lookups -= usize::from(costs);
        let hit = match hits(facts, domain, term, address, left)? {
            Ok(hit) => hit,
            Err(verdict) => return Ok(verdict),
        };
        if hit {
            return Ok(match term.qualifier {
                '-' => Verdict::Fail,
                '~' => Verdict::SoftFail,
                '?' => Verdict::Neutral,
                _ => Verdict::Pass,
            });
        }
    }
    match terms.iter().find(|term| term.name == "redirect=") {
        Some(_) if left.lookups == 0 => Ok(Verdict::PermError),
        Some(term) if term.value.contains('%') => Ok(Verdict::Depends),
        Some(term) => {
            left.lookups -= 1;
            match judge_within(facts, term.value, address, left)? {
                Verdict::None => Ok(Verdict::PermError),
                other => Ok(other),
            }
        }
        None => Ok(Verdict::Neutral),
    }
}

/// What is at a name, if that may still be asked: too many names that are nothing end it. Of
/// addresses one kind is asked for, and a name that has only the other kind is nothing as well.
fn look<'a>(
    facts: &'a Facts,
    question: Question,
    of: Kind,
    left: &mut Left,
) -> Result<Result<&'a Answer, Verdict>, Unasked> {
    let answer = known(facts, question)?;
    let is_void = match answer {
        Answer::Trouble(_) => return Ok(Err(Verdict::TempError)),
        Answer::Empty | Answer::Absent => true,
        Answer::Addresses(found) => !found.iter().any(|one| of.is(one)),
        _ => false,
    };
    if is_void && left.void == 0 {
        return Ok(Err(Verdict::PermError));
    }
    left.void -= usize::from(is_void);
    Ok(Ok(answer))
}

/// A kind of addresses.
#[derive(Clone, Copy)]
enum Kind {
    V4,
    V6,
}

impl Kind {
    fn of(address: IpAddr) -> Kind {
        if address.is_ipv4() { Kind::V4 } else { Kind::V6 }
    }

    fn is(self, address: &IpAddr) -> bool {
        address.is_ipv4() == matches!(self, Kind::V4)
    }
}

/// Whether a term holds for an address, or what ends the judgement.
fn hits(
    facts: &Facts,
    domain: &str,
    term: &Term<'_>,
    address: IpAddr,
    left: &mut Left,
) -> Result<Result<bool, Verdict>, Unasked> {
    let target = if term.value.is_empty() { domain } else { term.value };
    if target.contains('%') && !term.name.ends_with('=') {
        return Ok(Err(Verdict::Depends));
    }
    Ok(match term.name.as_str() {
        "all" => Ok(true),
        "ip4" | "ip6" => {
            Ok(target.parse().is_ok_and(|network| is_within(address, network, term.bits)))
        }
        "a" | "exists" => {
            // `exists` asks for the older kind, whatever kind the sender has (RFC 7208 §5.7).
            let of = if term.name == "a" { Kind::of(address) } else { Kind::V4 };
            let asked = Question::Addresses(target.to_owned());
            look(facts, asked, of, left)?.map(|found| match found {
                Answer::Addresses(found) if term.name == "exists" => !found.is_empty(),
                Answer::Addresses(found) => {
                    found.iter().any(|network| is_within(address, *network, term.bits))
                }
                _ => false,
            })
        }
        "mx" => exchange_hits(facts, target, term.bits, address, left)?,
        "include" => match judge_within(facts, target, address, left)? {
            Verdict::Pass => Ok(true),
            Verdict::Fail | Verdict::SoftFail | Verdict::Neutral => Ok(false),
            Verdict::None | Verdict::PermError => Err(Verdict::PermError),
            Verdict::TempError => Err(Verdict::TempError),
            Verdict::Depends => Err(Verdict::Depends),
        },
        // Not: following the name back. It is discouraged, slow, and said so in a finding.
        "ptr" => Err(Verdict::Depends),
        _ => Ok(false),
    })
}

fn exchange_hits(
    facts: &Facts,
    target: &str,
    bits: (u8, u8),
    address: IpAddr,
    left: &mut Left,
) -> Result<Result<bool, Verdict>, Unasked> {
    let exchanges = match look(facts, Question::Exchanges(target.to_owned()), Kind::V4, left)? {
        Ok(Answer::Exchanges(exchanges)) => exchanges,
        Ok(_) => return Ok(Ok(false)),
        Err(verdict) => return Ok(Err(verdict)),
    };
    // Limit: ten names of one `mx` (RFC 7208 §4.6.4).
    if exchanges.len() > LOOKUPS_MAX {
        return Ok(Err(Verdict::PermError));
    }
    for (_, host) in exchanges.iter().filter(|(_, host)| !host.is_empty()) {
        match known(facts, Question::Addresses(host.clone()))? {
            Answer::Addresses(found)
                if found.iter().any(|network| is_within(address, *network, bits)) =>
            {
                return Ok(Ok(true));
            }
            Answer::Trouble(_) => return Ok(Err(Verdict::TempError)),
            _ => {}
        }
    }
    Ok(Ok(false))
}

fn is_within(address: IpAddr, network: IpAddr, (fourth, sixth): (u8, u8)) -> bool {
    let same = |address: u128, network: u128, width: u32, bits: u8| {
        let shift = width - u32::from(bits).min(width);
        let cut = |value: u128| value.checked_shr(shift).unwrap_or(0);
        cut(address) == cut(network)
    };
    match (address.to_canonical(), network.to_canonical()) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            same(u32::from(address).into(), u32::from(network).into(), 32, fourth)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            same(address.into(), network.into(), 128, sixth)
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

/// The record among these texts with one more address, before what it says of everybody else.
pub(crate) fn with_term(texts: &[String], kind: &str, address: IpAddr) -> Option<String> {
    let [record] = records(texts)[..] else { return None };
    let term = format!("{kind}:{address}");
    let mut words: Vec<&str> = record.split(' ').filter(|word| !word.is_empty()).collect();
    words.insert(1, &term);
    Some(words.join(" "))
}
