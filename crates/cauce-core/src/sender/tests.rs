//! Senders of made-up zones, examined.

use super::*;

/// What a made-up zone says.
#[derive(Default)]
struct Zone {
    texts: Vec<(&'static str, &'static str)>,
    addresses: Vec<(&'static str, &'static str)>,
    exchanges: Vec<(&'static str, u16, &'static str)>,
    names: Vec<(&'static str, &'static str)>,
}

impl Zone {
    fn answer(&self, question: &Question) -> Answer {
        let none = Answer::Absent;
        match question {
            Question::Texts(name) => {
                let found: Vec<String> = self
                    .texts
                    .iter()
                    .filter(|(at, _)| at == name)
                    .map(|(_, text)| (*text).to_owned())
                    .collect();
                if found.is_empty() { none } else { Answer::Texts(found) }
            }
            Question::Addresses(name) => {
                let found: Vec<IpAddr> = self
                    .addresses
                    .iter()
                    .filter(|(at, _)| at == name)
                    .map(|(_, address)| address.parse().unwrap())
                    .collect();
                if found.is_empty() { none } else { Answer::Addresses(found) }
            }
            Question::Exchanges(name) => {
                let found: Vec<(u16, String)> = self
                    .exchanges
                    .iter()
                    .filter(|(at, ..)| at == name)
                    .map(|(_, preference, host)| (*preference, (*host).to_owned()))
                    .collect();
                if found.is_empty() { none } else { Answer::Exchanges(found) }
            }
            Question::Names(address) => {
                let found: Vec<String> = self
                    .names
                    .iter()
                    .filter(|(at, _)| at.parse::<IpAddr>().unwrap() == *address)
                    .map(|(_, name)| (*name).to_owned())
                    .collect();
                if found.is_empty() { none } else { Answer::Names(found) }
            }
            Question::Page(_) => Answer::Status(404),
        }
    }

    /// Looks everything up that is asked for, round after round.
    fn facts(&self, subject: &Subject) -> Facts {
        let mut facts = Facts::new();
        for round in 0.. {
            let next = questions(subject, &facts);
            if next.is_empty() {
                break;
            }
            assert!(round < 100, "it never ends: {next:?}");
            for question in next {
                let answer = self.answer(&question);
                assert!(facts.insert(question.clone(), answer).is_none(), "{question:?} twice");
            }
        }
        facts
    }

    fn examined(&self, subject: &Subject) -> Vec<Finding> {
        examine(subject, &self.facts(subject))
    }
}

const KEY: &str = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A";

fn subject() -> Subject {
    Subject {
        domain: "shop.com".into(),
        return_domain: "rp.shop.com".into(),
        signatures: vec![Signature {
            selector: "s1".into(),
            domain: "shop.com".into(),
            record: Ok(KEY.into()),
        }],
        egress: vec!["192.0.2.10".parse().unwrap()],
        helo_name: "mail.shop.com".into(),
        public_url: "https://go.shop.com".into(),
    }
}

fn good() -> Zone {
    Zone {
        texts: vec![
            ("rp.shop.com", "v=spf1 ip4:192.0.2.0/28 -all"),
            ("rp.shop.com", "something else"),
            ("s1._domainkey.shop.com", "v=DKIM1; k=rsa; p=MIIBIjANBgkqhki G9w0BAQEFAAOCAQ8A"),
            ("_dmarc.shop.com", "v=DMARC1; p=none; rua=mailto:d@shop.com"),
        ],
        addresses: vec![("mail.shop.com", "192.0.2.10")],
        exchanges: vec![("rp.shop.com", 10, "mail.shop.com")],
        names: vec![("192.0.2.10", "mail.shop.com")],
    }
}

fn codes(zone: &Zone, subject: &Subject) -> Vec<String> {
    let bad = |finding: &Finding| finding.weight != Weight::Fine;
    zone.examined(subject).into_iter().filter(bad).map(|finding| finding.code).collect()
}

#[test]
fn a_sender_in_order_has_nothing_but_fine_findings() {
    assert_eq!(codes(&good(), &subject()), Vec::<String>::new());
    let fine: Vec<String> =
        good().examined(&subject()).into_iter().map(|finding| finding.code).collect();
    let check =
        ["spf", "dkim-aligned", "dmarc", "return-path", "unsubscribe", "spf-pass", "ptr", "dkim"];
    assert_eq!(fine, check);
}

type Change = fn(&mut Zone, &mut Subject);

/// One slip, what it is called, and what is to be published against it.
fn slip(change: Change, code: &str, record: Option<&str>) {
    let (mut zone, mut subject) = (good(), subject());
    change(&mut zone, &mut subject);
    let all = zone.examined(&subject);
    let found = all.iter().find(|finding| finding.code == code);
    let found = found.unwrap_or_else(|| panic!("no {code} in {all:#?}"));
    assert_ne!(found.weight, Weight::Fine, "{code}");
    let line = found.publish.as_ref().map(Record::zone_line);
    assert_eq!(line.as_deref(), record, "{code}");
}

#[test]
fn every_slip_of_spf_is_found_and_mended_by_what_is_to_be_published() {
    let check = slip;
    check(
        |zone, _| zone.texts[0].1 = "nothing",
        "spf-absent",
        Some("rp.shop.com. 3600 IN TXT \"v=spf1 ip4:192.0.2.10 -all\""),
    );
    check(|zone, _| zone.texts[1].1 = "v=spf1 -all", "spf-broken", None);
    check(|zone, _| zone.texts[0].1 = "v=spf1 ip4:300.0.0.1 -all", "spf-broken", None);
    check(
        |zone, _| zone.texts[0].1 = "v=spf1 ip4:198.51.100.0/24 ~all",
        "spf-foreign",
        Some("rp.shop.com. 3600 IN TXT \"v=spf1 ip4:192.0.2.10 ip4:198.51.100.0/24 ~all\""),
    );
    check(|zone, _| zone.texts[0].1 = "v=spf1 +all", "spf-everybody", None);
    check(|zone, _| zone.texts[0].1 = "v=spf1 ip4:192.0.2.10", "spf-open", None);
    check(|zone, _| zone.texts[0].1 = "v=spf1 ptr ip4:192.0.2.10 -all", "spf-ptr", None);
    check(
        |zone, _| zone.texts[0].1 = "v=spf1 a:x1.test a:x2.test mx:x3.test ip4:192.0.2.10 -all",
        "spf-void",
        None,
    );
}

#[test]
fn every_other_slip_is_found_and_mended_by_what_is_to_be_published() {
    let check = slip;
    check(
        |zone, _| {
            zone.texts[2].1 = "v=DKIM1; p=";
        },
        "dkim-revoked",
        Some(&format!("s1._domainkey.shop.com. 3600 IN TXT \"{KEY}\"")),
    );
    check(
        |zone, _| zone.texts[2].1 = "v=DKIM1; p=AAAA",
        "dkim-other-key",
        Some(&format!("s1._domainkey.shop.com. 3600 IN TXT \"{KEY}\"")),
    );
    check(|_, subject| subject.signatures.clear(), "dkim-unsigned", None);
    check(|_, subject| subject.signatures[0].domain = "relay.net".into(), "dkim-unaligned", None);
    check(|_, subject| subject.return_domain = "rp.relay.net".into(), "spf-unaligned", None);
    check(
        |zone, _| zone.texts[3].0 = "_dmarc.shop.net",
        "dmarc-absent",
        Some("_dmarc.shop.com. 3600 IN TXT \"v=DMARC1; p=none; rua=mailto:dmarc@shop.com\""),
    );
    check(|zone, _| zone.texts[3].1 = "v=DMARC1; p=none", "dmarc-unreported", None);
    check(
        |zone, _| zone.texts[1] = ("_dmarc.shop.com", "v=DMARC1; p=reject"),
        "dmarc-broken",
        None,
    );
    check(
        |zone, _| zone.names.clear(),
        "ptr-absent",
        Some("10.2.0.192.in-addr.arpa. 3600 IN PTR mail.shop.com."),
    );
    check(|zone, _| zone.names[0].1 = "other.shop.com", "ptr-one-way", None);
    check(|_, subject| subject.helo_name = "localhost".into(), "helo-foreign", None);
    check(
        |zone, _| zone.exchanges.clear(),
        "return-path-absent",
        Some("rp.shop.com. 3600 IN MX 10 mail.shop.com."),
    );
    check(|zone, _| zone.exchanges[0].2 = "", "return-path-null", None);
    check(|zone, _| zone.exchanges[0].2 = "gone.shop.com", "return-path-lost", None);
    check(|_, subject| subject.public_url = "http://go.shop.com".into(), "unsubscribe-plain", None);
}

#[test]
fn the_cost_of_a_record_is_that_of_everything_it_includes() {
    let mut zone = good();
    zone.texts[0].1 = "v=spf1 include:a.test include:b.test mx -all";
    zone.texts.extend([
        ("a.test", "v=spf1 include:c.test a:mail.shop.com ~all"),
        ("b.test", "v=spf1 redirect=c.test"),
        ("c.test", "v=spf1 ip4:192.0.2.10 exists:%{i}.x.test ?all"),
    ]);
    let facts = zone.facts(&subject());
    let account = spf::account(&facts, "rp.shop.com").ok().unwrap();
    // include a, include c, a, exists; include b, redirect c, exists; mx.
    assert_eq!((account.lookups, account.void, account.broken), (8, 0, None));
    assert_eq!(account.rest, "-all");
    let pass = spf::judge(&facts, "rp.shop.com", "192.0.2.10".parse().unwrap());
    assert_eq!(pass.ok(), Some(spf::Verdict::Pass));
}

#[test]
fn a_record_that_includes_itself_ends() {
    let mut zone = good();
    zone.texts[0].1 = "v=spf1 include:rp.shop.com -all";
    assert!(codes(&zone, &subject()).contains(&"spf-lookups".to_owned()));
}

#[test]
fn addresses_are_judged_as_receivers_would() {
    let check = |record: &'static str, address: &str, verdict: spf::Verdict| {
        let zone = Zone {
            texts: vec![("d.test", record), ("i.test", "v=spf1 ip4:192.0.2.1 -all")],
            addresses: vec![("d.test", "192.0.2.7"), ("m.test", "2001:db8::7")],
            exchanges: vec![("d.test", 10, "m.test")],
            names: vec![],
        };
        let mut facts = Facts::new();
        let address = address.parse().unwrap();
        let found = loop {
            match spf::judge(&facts, "d.test", address) {
                Ok(found) => break found,
                Err(Unasked(question)) => {
                    let answer = zone.answer(&question);
                    facts.insert(question, answer);
                }
            }
        };
        assert_eq!(found, verdict, "{record} {address}");
    };
    use spf::Verdict::{Depends, Fail, Neutral, PermError, SoftFail};
    let pass = spf::Verdict::Pass;
    check("v=spf1 a -all", "192.0.2.7", pass);
    check("v=spf1 a/24 -all", "192.0.2.99", pass);
    check("v=spf1 a//64 -all", "192.0.2.8", Fail);
    check("v=spf1 mx//32 -all", "2001:db8:1::1", pass);
    check("v=spf1 ip6:2001:db8::/32 ~all", "2001:db8::1", pass);
    check("v=spf1 ip6:2001:db8::/32 ~all", "192.0.2.1", SoftFail);
    check("v=spf1 include:i.test ?all", "192.0.2.1", pass);
    check("v=spf1 include:i.test ?all", "192.0.2.2", Neutral);
    check("v=spf1 include:none.test -all", "192.0.2.1", PermError);
    check("v=spf1 redirect=i.test", "192.0.2.2", Fail);
    check("v=spf1 exists:%{i}.d.test -all", "192.0.2.1", Depends);
    check("v=spf1 -ip4:192.0.2.1 +all", "192.0.2.1", Fail);
    check("v=spf1 foo:bar -all", "192.0.2.1", PermError);
    check("v=spf1 exp=why.test -all", "192.0.2.1", Fail);
    check("V=SPF1 A -ALL", "192.0.2.7", pass);
    check("v=spf10 a -all", "192.0.2.7", spf::Verdict::None);
}

#[test]
fn policies_are_found_by_list_and_by_walk() {
    let policy = |texts: &[(&'static str, &'static str)], domain: &str| {
        let zone = Zone { texts: texts.to_vec(), ..Zone::default() };
        let mut facts = Facts::new();
        loop {
            match dmarc::find(&facts, domain) {
                Ok(found) => break found,
                Err(Unasked(question)) => {
                    let answer = zone.answer(&question);
                    facts.insert(question, answer);
                }
            }
        }
    };
    let wish = |found: dmarc::Found| match found {
        dmarc::Found::Policy(policy) => format!("{} {}", policy.domain, policy.wish),
        dmarc::Found::Disputed(policy) => format!("? {} {}", policy.domain, policy.wish),
        other => format!("{other:?}"),
    };
    let house = ("_dmarc.shop.com", "v=DMARC1; p=reject; sp=none");
    let middle = ("_dmarc.eu.shop.com", "v=DMARC1;p=quarantine; psd=n");
    assert_eq!(wish(policy(&[house], "shop.com")), "shop.com reject");
    assert_eq!(wish(policy(&[house], "a.eu.shop.com")), "shop.com none");
    assert_eq!(wish(policy(&[house, middle], "a.eu.shop.com")), "? shop.com none");
    assert_eq!(wish(policy(&[middle], "a.eu.shop.com")), "? eu.shop.com quarantine");
    assert_eq!(wish(policy(&[], "shop.com")), "Absent");
    let unread = ("_dmarc.shop.com", "v=DMARC1; rua=mailto:a@b.c");
    assert_eq!(wish(policy(&[unread], "shop.com")), "shop.com none");
}

#[test]
fn long_texts_are_cut_for_a_zone_file() {
    let value = "x".repeat(600);
    let line = Record { name: "a.test".into(), kind: "TXT".into(), value }.zone_line();
    let strings: Vec<usize> = line.split('"').skip(1).step_by(2).map(str::len).collect();
    assert_eq!(strings, [255, 255, 90]);
}

mod anything {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_record_panics_or_goes_on_for_ever(
            spf in "(v=spf1 )?(([+~?-]?(include|a|mx|ip4|ip6|exists|ptr|all|redirect=?)\
                    [:/=]?[ -~]{0,12} ?){0,8})",
            dkim in "(v=DKIM1; ?)?[ -~]{0,40}",
            dmarc in "(v=DMARC1; ?)?(p=|sp=|psd=|rua=)?[ -~]{0,40}",
        ) {
            let facts_of = |question: &Question| match question {
                Question::Texts(name) if name.contains("_domainkey") => {
                    Answer::Texts(vec![dkim.clone()])
                }
                Question::Texts(name) if name.contains("_dmarc") => {
                    Answer::Texts(vec![dmarc.clone()])
                }
                Question::Texts(_) => Answer::Texts(vec![spf.clone()]),
                Question::Exchanges(_) => Answer::Exchanges(vec![(1, "mail.shop.com".into())]),
                Question::Addresses(_) => Answer::Addresses(vec!["2001:db8::1".parse().unwrap()]),
                Question::Names(_) => Answer::Names(vec!["mail.shop.com".into()]),
                Question::Page(_) => Answer::Status(200),
            };
            let subject = subject();
            let mut facts = Facts::new();
            for round in 0..200 {
                let next = questions(&subject, &facts);
                if next.is_empty() {
                    break;
                }
                prop_assert!(round < 199, "it never ends");
                for question in next {
                    let answer = facts_of(&question);
                    facts.insert(question, answer);
                }
            }
            for finding in examine(&subject, &facts) {
                if let Some(record) = finding.publish {
                    prop_assert!(!record.zone_line().contains('\n'));
                }
            }
        }
    }
}
