//! Agreement with software that we did not write: parts of text messages with
//! sms-segments-calculator, regions and zones of numbers with phonenumbers.
//!
//! `CAUCE_NODE` and `CAUCE_PYTHON` name other programs than `node` and `python3`; they find what
//! `tests/outside/` lists beside it, or where `CAUCE_NODE_MODULES` says. Without them these tests
//! say that they did not run; with `CAUCE_OUTSIDE=1` that is a failure.

// Where other people's programs are is asked of the environment, as by all tests beside them.
#![allow(clippy::disallowed_methods)]

use cauce_core::message::content::sms::Encoding;
use cauce_core::phone::{self, Plan};
use cauce_core::sms::{Limits, preview};
use std::io::Write;
use std::process::{Command, Stdio};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outside");

/// Runs a program with an input; nothing after saying so, if it lacks something.
fn run(variable: &str, usual: &str, probe: &[&str], args: &[&str], input: &str) -> Option<String> {
    let program = std::env::var(variable).unwrap_or_else(|_| usual.to_owned());
    let command = || {
        let mut command = Command::new(&program);
        command.current_dir(FOLDER);
        if let Some(modules) = std::env::var_os("CAUCE_NODE_MODULES") {
            command.env("NODE_PATH", modules);
        }
        command
    };
    let status = command().args(probe).stderr(Stdio::null()).status();
    if !status.is_ok_and(|status| status.success()) {
        let text = format!("not run: `{program}` lacks what {FOLDER} lists");
        assert!(std::env::var("CAUCE_OUTSIDE").as_deref() != Ok("1"), "{text}");
        println!("{text}");
        return None;
    }
    let mut child =
        command().args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_owned());
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Small and good enough: xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// What texts are made of: each kind of text draws from some of these.
const ALPHABETS: [&[&str]; 6] = [
    &["a", "b", "e", " ", "Z", "1", "@", "Ω", "ñ", "Ç", "ß", "\n", "\r\n", "\r", "¿"],
    &["a", "€", "^", "{", "}", "[", "]", "~", "|", "\\", "\u{c}", "n"],
    &["a", "á", "ç", "’", "“", "–", "…", "\t", "ő", "e\u{301}", "€"],
    &["я", "ж", " ", "中", "文", "日", "क्षि", "नि", "ก", "กำ", "ಕ", "عربي", "שלום"],
    &[
        "👍",
        "👍🏽",
        "👩\u{200d}👩\u{200d}👧\u{200d}👦",
        "🇪🇸",
        "🇫🇷",
        "❤\u{fe0f}",
        "1\u{fe0f}\u{20e3}",
        "x",
        "😀",
    ],
    &["\u{301}", "\u{200d}", "\u{fe0f}", "𝒳", "\u{1f3fd}", "각", "ᄀ", "ᅡ", "ᆨ", "a", "\u{ad}"],
];

fn texts(count: usize) -> Vec<String> {
    let mut random = Random(0x5eed_2026);
    let mut all = Vec::with_capacity(count);
    while all.len() < count {
        let mixed = random.below(4) == 0;
        let kind = random.below(ALPHABETS.len());
        // Around the bounds, where mistakes are.
        let bounds = [20, 66, 70, 134, 152, 160, 306, 460];
        let wanted = bounds[random.below(bounds.len())] + random.below(5);
        let mut text = String::new();
        for _ in 0..wanted {
            let kind = if mixed { random.below(ALPHABETS.len()) } else { kind };
            text.push_str(ALPHABETS[kind][random.below(ALPHABETS[kind].len())]);
        }
        all.push(text);
    }
    all
}

/// Parts that hold these sizes in this order.
fn packed(sizes: &[usize], limits: Limits) -> usize {
    if sizes.iter().sum::<usize>() <= limits.single {
        return 1;
    }
    let (mut parts, mut used) = (1, 0);
    for size in sizes {
        if used + size > limits.part {
            (parts, used) = (parts + 1, 0);
        }
        used += size;
    }
    parts
}

/// Where the two differ, it is for one of two reasons: their list of what belongs together is that
/// of Unicode 10 (2017) and ours is today's, so that a newer emoji or a syllable of an Indian
/// script is one character to us and several to them; or what belongs together is longer than a
/// part, and then they send a part that is too long, and we tear it.
#[test]
fn parts_are_those_of_the_calculator() {
    // A hundred thousand keep the calculator busy for minutes: `CAUCE_TEXTS=100000` for all of
    // them.
    let count = std::env::var("CAUCE_TEXTS").ok().and_then(|n| n.parse().ok()).unwrap_or(15_000);
    let texts = texts(count);
    let input: String =
        texts.iter().map(|text| serde_json::to_string(text).unwrap() + "\n").collect();
    let probe = ["-e", "require('sms-segments-calculator')"];
    let Some(output) = run("CAUCE_NODE", "node", &probe, &["segments.js"], &input) else { return };
    let (mut alike, mut clusters, mut torn) = (0, 0, 0);
    for (text, line) in texts.iter().zip(output.lines()) {
        let theirs: (String, usize, Vec<usize>) = serde_json::from_str(line).unwrap();
        let ours = preview(text);
        let encoding = if theirs.0 == "GSM-7" { Encoding::Gsm7 } else { Encoding::Ucs2 };
        let limits = Limits::short_reference(encoding);
        assert_eq!(ours.encoding, encoding, "{text:?}");
        assert_eq!(ours.units, theirs.2.iter().sum::<usize>(), "{text:?}");
        if ours.parts == theirs.1 {
            alike += 1;
        } else if theirs.2.iter().any(|size| *size > limits.part) {
            torn += 1;
        } else {
            assert_eq!(packed(&theirs.2, limits), theirs.1, "not for its characters: {text:?}");
            clusters += 1;
        }
    }
    println!("{alike} alike, {clusters} for other characters, {torn} torn");
    assert_eq!(alike + clusters + torn, texts.len());
    assert!(alike * 10 >= texts.len() * 9, "{alike} of {} alike", texts.len());
}

#[test]
fn regions_and_zones_are_those_of_phonenumbers() {
    let probe = ["-c", "import phonenumbers"];
    let args = ["phones.py", "7", "20000"];
    let Some(output) = run("CAUCE_PYTHON", "python3", &probe, &args, "") else { return };
    let (mut count, mut wider, mut narrower) = (0, 0, Vec::new());
    let (mut other, mut foreign, mut short) = (0, 0, 0);
    for line in output.lines() {
        let mut words = line.split(' ');
        let mut next = || words.next().unwrap();
        let (number, region, home) = (next(), next(), next());
        if home != "-" {
            let plan = Plan::of(region).unwrap();
            foreign += usize::from(plan.international(home) != number);
        }
        let theirs: Vec<&str> = words.filter(|zone| *zone != "Etc/Unknown").collect();
        // Some islands and services have numbers that are shorter than any phone's.
        if number.len() < 8 {
            short += 1;
            continue;
        }
        assert!(phone::is_e164(number), "{number}");
        let ours = phone::zones(number);
        count += 1;
        if !theirs.iter().all(|zone| ours.contains(zone)) {
            narrower.push(format!("{number}: {ours:?}, not {theirs:?}"));
        } else if ours.len() > theirs.len() {
            wider += 1;
        }
        other += usize::from(phone::region(number) != Some(region));
    }
    let few = narrower.len();
    println!("{count}: {wider} wider, {few} narrower, {other} elsewhere, {foreign} read otherwise");
    assert_eq!(count + short, 20_000);
    assert!(short <= 50, "{short}");
    // A zone too many delays a message; a zone too few wakes somebody. Where one number in some
    // hundred thousand under a prefix is an exception, the prefix does not say so: observed were
    // 10 narrower, 31 wider, 3 elsewhere.
    assert!(few <= 30, "{few}: {narrower:#?}");
    assert!(wider <= 100 && other <= 20, "{wider} wider, {other} elsewhere");
    // Two regions have rules of their own: `8 0…` in Belarus, `15` of mobiles in Argentina.
    assert!(foreign <= 200, "{foreign} are written otherwise");
}

/// Twenty countries whose plans differ most: lengths that vary (Germany, Austria), zeros that are
/// part of the number (Italy), one code for many (America, Kazakhstan), kinds by the third digit.
const COUNTRIES: &str = "ES,US,GB,FR,DE,IT,BR,MX,IN,JP,CN,AU,ZA,NG,RU,KZ,AT,AR,ID,CI";

#[test]
fn numbers_are_valid_where_phonenumbers_says_so() {
    let probe = ["-c", "import phonenumbers"];
    let args = ["lines.py", "11", "40000", COUNTRIES];
    let Some(output) = run("CAUCE_PYTHON", "python3", &probe, &args, "") else { return };
    let (mut valid, mut nobodys) = (0, 0);
    for line in output.lines() {
        let mut words = line.split(' ');
        let mut next = || words.next().unwrap();
        let (number, region, theirs) = (next(), next(), next());
        let ours = match phone::line(number) {
            None => "-",
            Some(phone::Line::Mobile) => "mobile",
            Some(phone::Line::Fixed) => "fixed",
            Some(phone::Line::Premium) => "premium",
            Some(phone::Line::Other) => "other",
        };
        assert_eq!(ours, theirs, "{number} of {region}");
        if theirs == "-" {
            nobodys += 1;
        } else {
            valid += 1;
        }
    }
    println!("{valid} are somebody's, {nobodys} nobody's");
    assert_eq!(valid + nobodys, 40_000);
    assert!(valid > 5_000 && nobodys > 5_000, "{valid} and {nobodys}");
}
