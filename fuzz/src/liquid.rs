//! Templates as people write them, and as somebody wrote them who means harm.

use crate::{choose, text};
use cauce_core::template::{Escape, Options, Template, check, parse, render};
use cauce_core::time::Timestamp;
use cauce_core::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Small: a rendering that stops early is as good a try as one that goes on.
const FUEL: u64 = 5_000;
const OUTPUT_BYTES_MAX: usize = 20_000;

static PARTIALS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    BTreeMap::from([("p".to_owned(), "{{ p }}{% include q %}{% render 'p' %}".to_owned())])
});

static GLOBALS: LazyLock<Value> = LazyLock::new(|| {
    let json = r#"{"a":[1,"x",{"b":2.5}],"b":{"c":"<&>","d":null},"c":-7,"q":"p","é":"ß",
                   "t":"2026-11-24T16:00:00Z","n":1234567.891}"#;
    serde_json::from_str(json).expect("it is JSON")
});

/// A template is refused with places in its text, or renders within its bounds, always the same.
pub fn run(bytes: &[u8]) {
    let (escape, source) = choose(bytes, 3);
    let source = &*text(source);
    let template = match parse(source, &PARTIALS) {
        Ok(template) => template,
        Err(faults) => {
            assert!(!faults.is_empty(), "refused without a fault");
            for fault in faults {
                assert!(!fault.message.is_empty(), "{fault:?}");
                let Some((start, end)) = fault.span.filter(|_| !fault.path.contains("partial"))
                else {
                    continue;
                };
                let place = source.get(start as usize..end as usize);
                assert!(place.is_some(), "{fault:?} has no place in {source:?}");
            }
            return;
        }
    };
    let known = BTreeSet::from(["a".to_owned(), "b.c".to_owned()]);
    for finding in check(&template, &known) {
        assert!(!finding.message.is_empty(), "{finding:?}");
    }
    let escape = [Escape::None, Escape::Html, Escape::Json][escape];
    for strict in [false, true] {
        let first = fill(&template, escape, strict);
        assert_eq!(first, fill(&template, escape, strict), "the same template, another text");
    }
}

fn fill(template: &Template, escape: Escape, strict: bool) -> Result<String, String> {
    let options = Options {
        escape,
        fuel: FUEL,
        output_bytes_max: OUTPUT_BYTES_MAX,
        strict_variables: strict,
        forgiving: !strict,
        ..Options::new(Timestamp(1_760_000_000_000))
    };
    match render(template, &GLOBALS, &options) {
        Ok(output) => {
            assert!(output.len() <= OUTPUT_BYTES_MAX, "{} bytes", output.len());
            Ok(output)
        }
        // An author may abort with an empty message.
        Err(fault) => Err(format!("{} {:?} {fault}", fault.code.as_str(), fault.span)),
    }
}
