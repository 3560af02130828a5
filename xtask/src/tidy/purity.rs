//! What the compiler cannot forbid in the core: a way back to `std`, and floating point.

use super::lexer::{Kind, Token};
use super::tree::{Finding, Tree};

const RULE: &str = "purity";
const CORE: &str = "crates/cauce-core/src/";
/// Templates may print what a filter of theirs divided; nothing is decided there.
const FLOATS_ALLOWED: &str = "crates/cauce-core/src/template/";

/// Everything in the core that is not test code.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust(CORE) {
        let tokens = file.tokens();
        let floats_allowed = file.path.starts_with(FLOATS_ALLOWED);
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| !token.test) {
            let place = (file.path.as_str(), token.line);
            if token.is("extern") && is(&tokens, at + 1, "crate") && is(&tokens, at + 2, "std") {
                let way_out =
                    "put it under `#[cfg(test)]`: the core has no clock, files or sockets";
                findings.push(Finding::new(place, RULE, "`extern crate std` in the core", way_out));
            }
            if token.is("std") && is(&tokens, at + 1, "::") {
                let way_out = "use `core::`, `alloc::` or `crate::prelude::*`; else pass it in";
                findings.push(Finding::new(place, RULE, "a `std::` path in the core", way_out));
            }
            if !floats_allowed && is_float(&tokens, at) {
                let what = format!("floating point (`{}`) in the core", token.text);
                let way_out = "use `Decimal` or whole numbers: decisions must replay everywhere";
                findings.push(Finding::new(place, RULE, what, way_out));
            }
        }
    }
    findings
}

fn is(tokens: &[Token<'_>], at: usize, text: &str) -> bool {
    tokens.get(at).is_some_and(|token| token.is(text))
}

fn is_float(tokens: &[Token<'_>], at: usize) -> bool {
    let token = &tokens[at];
    let named = ["f32", "f64"];
    match token.kind {
        Kind::Ident => named.contains(&token.text),
        Kind::Number if token.text.starts_with("0x") => false,
        Kind::Number => {
            token.text.contains('.') || named.iter().any(|suffix| token.text.ends_with(suffix))
        }
        Kind::Text | Kind::Comment | Kind::Sign => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::expect;
    use super::*;

    fn check_one(path: &str, source: &str, expected: &[&str]) {
        expect(&check(&Tree::of(&[(path, source)])), expected);
    }

    #[test]
    fn std_and_floats_stay_outside() {
        let core = "crates/cauce-core/src/a.rs";
        check_one(
            core,
            "extern crate std;",
            &["crates/cauce-core/src/a.rs:1 `extern crate std` in the core"],
        );
        check_one(
            core,
            "\nuse std::fs;",
            &["crates/cauce-core/src/a.rs:2 a `std::` path in the core"],
        );
        for float in ["f64", "1.5", "1f32"] {
            let what =
                format!("crates/cauce-core/src/a.rs:1 floating point (`{float}`) in the core");
            check_one(core, &format!("a({float})"), &[&what]);
        }
    }

    #[test]
    fn tests_texts_tuples_and_others_are_free() {
        let core = "crates/cauce-core/src/a.rs";
        check_one(core, "#[cfg(test)] extern crate std; #[cfg(test)] mod t { use std::fs; }", &[]);
        check_one(core, "// std::fs 1.5\nx(\"std::fs\", y.0.1, 0..2, 0x1f64)", &[]);
        check_one("crates/cauce-core/src/template/a.rs", "f64", &[]);
        check_one("crates/cauce-engine/src/a.rs", "use std::fs;", &[]);
    }
}
