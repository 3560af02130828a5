//! Every table says whether it holds personal data, and only one file spells tables.

use super::lexer::{Kind, Token};
use super::tree::{File, Finding, Tree};

const RULE: &str = "tables";
/// The only file that spells a storage key.
pub const PATH: &str = "crates/cauce-engine/src/tables.rs";
/// By what erasure finds a person's rows: a profile, an address, a message; or it has none to find.
const PERSONAL: &[&str] = &["profile", "address", "message", "none"];

/// Every literal of a table.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust("crates/") {
        if file.path == PATH {
            check_declarations(file, &mut findings);
            continue;
        }
        let tokens = file.tokens();
        for pair in tokens.windows(2).filter(|p| p[0].is("Table") && p[1].is("{")) {
            let way_out = format!("declare it in {PATH}, where erasure looks for it");
            let place = (file.path.as_str(), pair[0].line);
            findings.push(Finding::new(place, RULE, "a table outside the list of tables", way_out));
        }
    }
    findings
}

/// What passes because there is nothing to look at yet.
pub fn vacuous(tree: &Tree) -> Option<String> {
    tree.get(PATH).is_none().then(|| format!("[{RULE}] {PATH} is absent: no table to check"))
}

fn check_declarations(file: &File, findings: &mut Vec<Finding>) {
    let tokens = file.tokens();
    for at in 0..tokens.len().saturating_sub(1) {
        let literal = tokens[at].is("Table") && tokens[at + 1].is("{");
        if !literal || tokens[at].test || is_item(&tokens[..at]) {
            continue;
        }
        let personal = personal(&tokens[at + 1..]);
        let place = (file.path.as_str(), tokens[at].line);
        let choices = PERSONAL.join(" | ");
        match personal {
            Some(value) if PERSONAL.contains(&value.as_str()) => {}
            Some(value) => {
                let what = format!("`personal: {value}` is no answer erasure understands");
                findings.push(Finding::new(place, RULE, what, format!("say {choices}")));
            }
            None => {
                let what = "a table that does not say whether it holds personal data";
                let way_out = format!("add `personal: {choices}`");
                findings.push(Finding::new(place, RULE, what, way_out));
            }
        }
    }
}

/// Whether what stands before `Table {` makes it a type, an implementation or a return type.
fn is_item(before: &[Token<'_>]) -> bool {
    let Some(last) = before.last() else { return false };
    let returned = last.is(">") && before.iter().rev().nth(1).is_some_and(|token| token.is("-"));
    returned || ["struct", "impl", "for", "enum"].iter().any(|word| last.is(word))
}

/// The last name of the value of `personal`, lower case, within these braces.
fn personal(tokens: &[Token<'_>]) -> Option<String> {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        depth += i32::from(token.is("{")) - i32::from(token.is("}"));
        if depth == 0 {
            return None;
        }
        if depth == 1 && token.is("personal") && tokens.get(at + 1)?.is(":") {
            let value = tokens[at + 2..].iter().take_while(|t| !t.is(",") && !t.is("}"));
            let names = value.filter(|t| matches!(t.kind, Kind::Ident | Kind::Text));
            return names.last().map(|name| name.text.to_lowercase());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::tree::expect;
    use super::*;

    fn check_one(source: &str, expected: &[&str]) {
        expect(&check(&Tree::of(&[(PATH, source)])), expected);
    }

    #[test]
    fn every_table_answers() {
        check_one("const A: Table = Table { n: 1, personal: Personal::Profile };", &[]);
        check_one("pub struct Table { n: u8 } impl Table { } fn a() -> Table { }", &[]);
        check_one(
            "\n[Table { n: B { personal: None }, m: 2 }]",
            &["crates/cauce-engine/src/tables.rs:2 \
             a table that does not say whether it holds personal data"],
        );
        check_one(
            "1 => Table { }",
            &["crates/cauce-engine/src/tables.rs:1 \
             a table that does not say whether it holds personal data"],
        );
        check_one(
            "Table { personal: Personal::Maybe }",
            &["crates/cauce-engine/src/tables.rs:1 \
             `personal: maybe` is no answer erasure understands"],
        );
    }

    #[test]
    fn tables_live_in_one_file() {
        let path = "crates/cauce-engine/src/scan.rs";
        expect(
            &check(&Tree::of(&[(path, "a(Table { })")])),
            &["crates/cauce-engine/src/scan.rs:1 a table outside the list of tables"],
        );
    }

    #[test]
    fn an_absent_list_is_said_aloud() {
        assert!(vacuous(&Tree::of(&[])).is_some());
        assert!(vacuous(&Tree::of(&[(PATH, "")])).is_none());
    }
}
