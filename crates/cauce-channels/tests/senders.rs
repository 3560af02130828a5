//! Judgements over SPF records beside those of pyspf and checkdmarc, on zones that dnsmasq serves.
//!
//! `CAUCE_PYTHON` names a Python that has what `tests/outside/requirements.txt` lists.

mod world;

use cauce_channels::email::inquiry::Inquiry;
use cauce_core::sender::spf::{self, Account, Verdict};
use cauce_core::sender::{Facts, Unasked};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::IpAddr;
use std::process::{Command, Stdio};
use world::zone::Zone;
use world::*;

/// Domains with their records, and what else is in the zone.
const ZONE: &str = r#"
txt-record=plain.test,"v=spf1 ip4:192.0.2.0/28 -all"
txt-record=soft.test,"v=spf1 ip6:2001:db8::/32 ~all"
txt-record=open.test,"v=spf1 ip4:192.0.2.1 ?all"
txt-record=silent.test,"v=spf1 ip4:192.0.2.99"
txt-record=nothing.test,"hello"
txt-record=twice.test,"v=spf1 -all"
txt-record=twice.test,"v=spf1 +all"
txt-record=broken.test,"v=spf1 ip4:192.0.2.300 -all"
txt-record=unknown.test,"v=spf1 colour:red -all"
txt-record=upper.test,"V=SPF1 IP4:192.0.2.1 -ALL"
txt-record=cut.test,"v=spf1 ip4:192.0.2",".1 -all"
txt-record=a.test,"v=spf1 a -all"
host-record=a.test,192.0.2.1
txt-record=net.test,"v=spf1 a/24 -all"
host-record=net.test,192.0.2.200
txt-record=mx.test,"v=spf1 mx -all"
mx-host=mx.test,mail.test,10
host-record=mail.test,192.0.2.1
txt-record=include.test,"v=spf1 include:plain.test include:soft.test -all"
txt-record=lost.test,"v=spf1 include:gone.test -all"
txt-record=redirect.test,"v=spf1 redirect=plain.test"
txt-record=redirected.test,"v=spf1 ip4:198.51.100.1 redirect=gone.test"
txt-record=minus.test,"v=spf1 -ip4:192.0.2.1 +all"
txt-record=modifier.test,"v=spf1 exp=why.test unknown=x ip4:192.0.2.1 -all"
txt-record=exists.test,"v=spf1 exists:mail.test -all"
txt-record=void.test,"v=spf1 a:x1.gone.test a:x2.gone.test a:x3.gone.test ip4:192.0.2.1 -all"
txt-record=deep.test,"v=spf1 include:d1.test -all"
txt-record=d1.test,"v=spf1 include:d2.test a:mail.test -all"
txt-record=d2.test,"v=spf1 include:plain.test mx:mx.test -all"
txt-record=ill-include.test,"v=spf1 include:ill.test -all"
"#;

const DOMAINS: [&str; 29] = [
    "plain.test",
    "soft.test",
    "open.test",
    "silent.test",
    "nothing.test",
    "twice.test",
    "broken.test",
    "unknown.test",
    "upper.test",
    "cut.test",
    "a.test",
    "net.test",
    "mx.test",
    "include.test",
    "lost.test",
    "redirect.test",
    "redirected.test",
    "minus.test",
    "modifier.test",
    "exists.test",
    "many.test",
    "ten.test",
    "deep.test",
    "ill-include.test",
    "gone.test",
    "d1.test",
    "d2.test",
    "mail.test",
    "void.test",
];

const ADDRESSES: [&str; 5] =
    ["192.0.2.1", "192.0.2.77", "198.51.100.1", "2001:db8::7", "2001:db9::7"];

/// Follows questions until there is a judgement.
async fn follow<T>(
    inquiry: &Inquiry,
    facts: &mut Facts,
    judge: impl Fn(&Facts) -> Result<T, Unasked>,
) -> T {
    loop {
        match judge(facts) {
            Ok(found) => return found,
            Err(Unasked(question)) => {
                let answer = inquiry.answer(&question).await;
                facts.insert(question, answer);
            }
        }
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::SoftFail => "softfail",
        Verdict::Neutral => "neutral",
        Verdict::None => "none",
        Verdict::PermError => "permerror",
        Verdict::TempError => "temperror",
        Verdict::Depends => "depends",
    }
}

#[tokio::test]
async fn pyspf_and_checkdmarc_judge_records_as_we_do() {
    let python = std::env::var("CAUCE_PYTHON").unwrap_or("python3".to_owned());
    let probe = Command::new(&python).args(["-c", "import spf, checkdmarc"]).status();
    if !probe.is_ok_and(|status| status.success()) {
        let text = format!("not run: SPF beside pyspf: `{python}` lacks pyspf or checkdmarc");
        assert!(std::env::var("CAUCE_OUTSIDE").as_deref() != Ok("1"), "{text}");
        println!("{text}");
        return;
    }
    let (eleven, ten) = (" a:mail.test".repeat(11), " a:a.test".repeat(10));
    let lines = format!(
        "{ZONE}txt-record=many.test,\"v=spf1{eleven} ip4:192.0.2.1 -all\"\n\
         txt-record=ten.test,\"v=spf1{ten} -all\"\n"
    );
    let Some(zone) = Zone::start(&lines) else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outside/spf_judges.py");
    let mut child = Command::new(&python)
        .args([script, &zone.port.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let inquiry = Inquiry { resolver: zone.resolver(), egress: open_egress(), tls: tls(None) };
    let mut judged = 0;
    for domain in DOMAINS {
        for address in ADDRESSES {
            writeln!(input, "{domain} {address}").unwrap();
            let theirs: Value = serde_json::from_str(&output.next().unwrap().unwrap()).unwrap();
            let mut facts = Facts::new();
            let from: IpAddr = address.parse().unwrap();
            let ours = follow(&inquiry, &mut facts, |facts| spf::judge(facts, domain, from)).await;
            assert_eq!(word(ours), theirs["verdict"], "{domain} {address}: {theirs}");
            judged += 1;
            // checkdmarc takes capital letters for a fault, which they are not (RFC 7208 §4.6.1).
            if domain == "upper.test" {
                continue;
            }
            let account: Account =
                follow(&inquiry, &mut facts, |facts| spf::account(facts, domain)).await;
            if theirs["error"].is_null() && account.record.is_some() {
                let lookups = theirs["lookups"].as_u64().unwrap() as usize;
                let void = theirs["void"].as_u64().unwrap() as usize;
                assert_eq!((account.lookups, account.void), (lookups, void), "{domain}: {theirs}");
            } else {
                let said = account.record.is_none()
                    || account.broken.is_some()
                    || account.trouble.is_some()
                    || account.lookups > spf::LOOKUPS_MAX
                    || account.void > spf::VOID_LOOKUPS_MAX;
                assert!(said, "{domain}: checkdmarc found a fault and we none: {theirs}");
            }
        }
    }
    drop(input);
    child.wait().unwrap();
    println!("{judged} judgements as pyspf's");
}
