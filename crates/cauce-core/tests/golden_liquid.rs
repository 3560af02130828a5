//! The golden suite of the Liquid dialect, whose cases all pass with the reference engine.
#![allow(clippy::disallowed_methods)] // a test may read its data and its environment

use cauce_core::template::{Datum, Options, Text, parse, render_record};
use cauce_core::time::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// Cases of the suite.
const CASES: usize = 1054;
/// Cases that cannot pass, each with its reason in `docs/guide/liquid.md`.
const SKIPPED: [&str; 1] = [
    // Reads a malformed `when` leniently; its twin, which wants an error, passes.
    "tags, case, unexpected when token",
];

#[derive(Deserialize)]
struct Suite {
    tests: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    template: String,
    #[serde(default)]
    data: Given,
    #[serde(default)]
    templates: BTreeMap<String, String>,
    result: Option<String>,
    results: Option<Vec<String>>,
    #[serde(default)]
    invalid: bool,
}

/// JSON whose objects keep their order and whose numbers keep their point, as the suite expects.
struct Given(Datum<'static>);

impl Default for Given {
    fn default() -> Given {
        Given(Datum::record(Vec::new()))
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Given, D::Error> {
        deserializer.deserialize_any(Reader).map(Given)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Datum<'static>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Datum<'static>, E> {
        Ok(Datum::Nil)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Datum<'static>, E> {
        Ok(Datum::Bool(truth))
    }

    fn visit_i64<E>(self, whole: i64) -> Result<Datum<'static>, E> {
        Ok(Datum::Int(whole))
    }

    fn visit_u64<E>(self, whole: u64) -> Result<Datum<'static>, E> {
        Ok(Datum::Int(i64::try_from(whole).expect("the suite's numbers are small")))
    }

    fn visit_f64<E>(self, float: f64) -> Result<Datum<'static>, E> {
        Ok(Datum::Float(float))
    }

    fn visit_str<E>(self, text: &str) -> Result<Datum<'static>, E> {
        Ok(Datum::text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Datum<'static>, A::Error> {
        let mut items = Vec::new();
        while let Some(Given(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Datum::list(items))
    }

    /// An object, or a number in the form that exact numbers take here.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Datum<'static>, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == "$serde_json::private::Number" {
                let text: String = map.next_value()?;
                return Ok(match text.parse() {
                    Ok(whole) => Datum::Int(whole),
                    Err(_) => Datum::Float(text.parse().expect("a JSON number")),
                });
            }
            let Given(value) = map.next_value()?;
            fields.push((Text::from(name), value));
        }
        Ok(Datum::record(fields))
    }
}

fn suite() -> Option<Suite> {
    let shared = std::env::var("CAUCE_SHARED")
        .map(PathBuf::from)
        .unwrap_or_else(|_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let text = std::fs::read(shared.join("data/golden-liquid/golden_liquid.json")).ok()?;
    Some(serde_json::from_slice(&text).expect("the suite is JSON of the form its README tells"))
}

/// What the case gives, or why it gives nothing.
fn play(case: &Case) -> Result<String, String> {
    let template = parse(&case.template, &case.templates).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        faults.join("; ")
    })?;
    let options = Options::new(Timestamp(0));
    render_record(&template, case.data.0.clone(), &options).map_err(|fault| fault.to_string())
}

fn passes(case: &Case, outcome: &Result<String, String>) -> bool {
    match outcome {
        Err(_) => case.invalid,
        Ok(text) => {
            case.result.as_ref() == Some(text)
                || case.results.as_ref().is_some_and(|results| results.contains(text))
        }
    }
}

#[test]
fn the_golden_suite_passes() {
    let Some(suite) = suite() else {
        assert!(std::env::var_os("CAUCE_SHARED").is_none(), "the shared data has no suite");
        println!("golden-liquid: did not run, the shared data is absent");
        return;
    };
    let mut failing = Vec::new();
    for case in &suite.tests {
        let outcome = play(case);
        if !passes(case, &outcome) {
            failing.push(case.name.as_str());
            println!("{}: {:?} gives {outcome:?}, not {:?}", case.name, case.template, case.result);
        }
    }
    println!("golden-liquid: {} of {}", suite.tests.len() - failing.len(), suite.tests.len());
    // By name: a case that breaks cannot hide behind another that is mended.
    assert_eq!(failing, SKIPPED);
    assert_eq!(suite.tests.len(), CASES);
}
