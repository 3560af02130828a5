//! Every public error code has a page, and every page an error.

use super::lexer::Kind;
use super::tree::{Finding, Tree};

const RULE: &str = "errors";
const LIST: &str = "crates/cauce-server/src/http/error.rs";
const PAGES: &str = "docs/errors/";

/// `code!("…")` in any crate, and `code: "…"` in the list of the server.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let codes = codes(tree);
    let mut findings = Vec::new();
    for (path, line, code) in &codes {
        let page = format!("{PAGES}{code}.md");
        if tree.get(&page).is_none() {
            let what = format!("code `{code}` has no page");
            let way_out = format!("write {page}: what it means, why, what to do");
            findings.push(Finding::new((path, *line), RULE, what, way_out));
        }
    }
    for file in tree.files.iter().filter(|_| tree.get(LIST).is_some()) {
        let name = file.path.strip_prefix(PAGES).and_then(|name| name.strip_suffix(".md"));
        let known = |name: &str| name == "README" || codes.iter().any(|(_, _, code)| code == name);
        if let Some(name) = name.filter(|name| !known(name)) {
            let what = format!("no error has the code `{name}`");
            let way_out = "delete the page, or say in it which code replaced this one and rename";
            findings.push(Finding::new((&file.path, 1), RULE, what, way_out));
        }
    }
    findings
}

/// What passes because there is nothing to look at yet.
pub fn vacuous(tree: &Tree) -> Option<String> {
    tree.get(LIST)
        .is_none()
        .then(|| format!("[{RULE}] {LIST} is absent: no list of codes to check"))
}

fn codes(tree: &Tree) -> Vec<(String, usize, String)> {
    let mut codes = Vec::new();
    for file in tree.rust("crates/") {
        let tokens = file.tokens();
        for (at, token) in tokens.iter().enumerate().skip(2) {
            if token.kind != Kind::Text || token.test {
                continue;
            }
            let [earlier, before] = [&tokens[at - 2], &tokens[at - 1]];
            let called = at > 2
                && tokens[at - 3].is("code")
                && earlier.is("!")
                && (before.is("(") || before.is("["));
            // `Name = "code", STATUS;` in the list of the server.
            let stated = before.is("=") && tokens.get(at + 1).is_some_and(|next| next.is(","));
            let listed = file.path == LIST && (stated || earlier.is("code") && before.is(":"));
            if called || listed {
                codes.push((file.path.clone(), token.line, token.text.to_owned()));
            }
        }
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::super::tree::expect;
    use super::*;

    #[test]
    fn codes_and_pages_belong_together() {
        let source = "a(code!(\"no-consent\"));\nB { code: \"too-large\" }";
        let tree = Tree::of(&[(LIST, source), ("docs/errors/no-consent.md", "")]);
        expect(
            &check(&tree),
            &["crates/cauce-server/src/http/error.rs:2 code `too-large` has no page"],
        );
        let tree = Tree::of(&[(LIST, ""), ("docs/errors/gone.md", "")]);
        expect(&check(&tree), &["docs/errors/gone.md:1 no error has the code `gone`"]);
        assert!(vacuous(&tree).is_none() && vacuous(&Tree::of(&[])).is_some());
    }

    #[test]
    fn codes_are_found_in_every_crate() {
        let tree = Tree::of(&[("crates/a/src/b.rs", "x(code!(\"late\")); code: \"free\"")]);
        expect(&check(&tree), &["crates/a/src/b.rs:1 code `late` has no page"]);
    }
}
