//! One word per thing: reads the tables of `GLOSSARY.md` and looks for the banned words in names.

use super::lexer::{Kind, Token};
use super::tree::{File, Finding, Tree};

const RULE: &str = "words";
const GLOSSARY: &str = "GLOSSARY.md";
/// First words of function names that say nothing.
const VERBS: &[&str] = &["handle", "process", "manage", "do", "run_inner"];
/// Words that say nothing in any name.
const EMPTY: &[&str] =
    &["helper", "helpers", "util", "utils", "common", "manager", "service", "processor"];

/// The tables of the glossary, read.
#[derive(Debug, Default)]
struct Glossary {
    bans: Vec<Ban>,
    foreign: Vec<Foreign>,
}

/// A word that must not be part of a name, or must not be the name.
#[derive(Debug)]
struct Ban {
    words: Vec<String>,
    whole: bool,
    instead: String,
}

/// Words of somebody else's protocol, and the paths in which they are allowed (none: everywhere).
#[derive(Debug)]
struct Foreign {
    words: Vec<String>,
    paths: Vec<String>,
}

/// What sort of thing is named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// A function: verbs are free, except the empty ones.
    Function,
    /// A constant.
    Constant,
    /// A type, module, field, file, table or API path.
    Noun,
}

/// Every name in the tree.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let Some(file) = tree.get(GLOSSARY) else {
        let way_out = "restore it: the banned words are read from it";
        return vec![Finding::new((GLOSSARY, 0), RULE, "the glossary is missing", way_out)];
    };
    let glossary = parse(&file.text);
    if glossary.bans.is_empty() {
        let way_out = "keep the header `| Word | Means | Never in a name | Never the whole name |`";
        return vec![Finding::new((GLOSSARY, 0), RULE, "no banned word was read", way_out)];
    }
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| is_source(&file.path)) {
        for part in file.path.split('/').skip(2) {
            let stem = part.split('.').next().unwrap_or_default();
            glossary.judge(file, 0, Sort::Noun, stem, &mut findings);
        }
        if file.is_rust() {
            for (line, sort, name) in names(file) {
                glossary.judge(file, line, sort, &name, &mut findings);
            }
        }
    }
    findings
}

fn is_source(path: &str) -> bool {
    let ours = ["crates/", "xtask/", "ui/src/"].iter().any(|start| path.starts_with(start));
    ours && [".rs", ".ts", ".tsx"].iter().any(|end| path.ends_with(end))
}

fn parse(text: &str) -> Glossary {
    let mut glossary = Glossary::default();
    let mut header = String::new();
    for line in text.lines() {
        let line = line.trim();
        let Some(row) = line.strip_prefix('|').and_then(|l| l.strip_suffix('|')) else {
            header.clear();
            continue;
        };
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        if header.is_empty() {
            header = cells[0].to_owned();
        } else if header == "Word" && cells.len() >= 4 {
            for (column, whole) in [(2, false), (3, true)] {
                let instead = cells[0].to_owned();
                let bans = phrases(cells[column]);
                let ban = |words| Ban { words, whole, instead: instead.clone() };
                glossary.bans.extend(bans.into_iter().map(ban));
            }
        } else if header == "Protocol word" && cells.len() >= 3 {
            let paths: Vec<_> = cells[2].split('`').skip(1).step_by(2).map(str::to_owned).collect();
            let foreign = |words| Foreign { words, paths: paths.clone() };
            glossary.foreign.extend(phrases(cells[0]).into_iter().map(foreign));
        }
    }
    glossary
}

/// The phrases of a cell: separated by commas; only letters count, so that a dash is no word.
fn phrases(cell: &str) -> Vec<Vec<String>> {
    cell.split(',').map(split).filter(|words| !words.is_empty()).collect()
}

/// The words of a name, lower case: `userId`, `user_id`, `USER-ID` are `user`, `id`.
fn split(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut fresh = true;
    let mut lower_before = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            fresh = true;
            continue;
        }
        if fresh || (c.is_uppercase() && lower_before) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
        (fresh, lower_before) = (false, c.is_lowercase());
    }
    words
}

impl Glossary {
    fn judge(&self, file: &File, line: usize, sort: Sort, name: &str, out: &mut Vec<Finding>) {
        let words = self.without_foreign(split(name), &file.path);
        let place = (file.path.as_str(), line);
        for ban in &self.bans {
            let found = match ban.whole {
                true => sort == Sort::Noun && is_phrase(&words, &ban.words),
                false => words.windows(ban.words.len()).any(|w| is_phrase(w, &ban.words)),
            };
            if found {
                let what = format!("`{name}` says `{}`", ban.words.join(" "));
                let way_out = format!("our word is {} (see GLOSSARY.md)", ban.instead);
                out.push(Finding::new(place, RULE, what, way_out));
            }
        }
        if let Some(word) = words.iter().find(|word| EMPTY.contains(&word.as_str())) {
            let what = format!("`{name}` says `{word}`, which says nothing");
            out.push(Finding::new(place, RULE, what, "name it after what it does or holds"));
        }
        let empty = |verb: &&&str| name == **verb || name.starts_with(&format!("{verb}_"));
        if sort == Sort::Function
            && let Some(verb) = VERBS.iter().find(empty)
        {
            let what = format!("function `{name}` is called after the empty verb `{verb}`");
            out.push(Finding::new(
                place,
                RULE,
                what,
                "say what it does: take, decide, parse, put…",
            ));
        }
    }

    /// Cuts protocol words out where they are allowed; a gap keeps the neighbours apart.
    fn without_foreign(&self, mut words: Vec<String>, path: &str) -> Vec<String> {
        for foreign in &self.foreign {
            let allowed = foreign.paths.is_empty()
                || foreign.paths.iter().any(|fragment| path.contains(fragment.as_str()));
            let length = foreign.words.len();
            let mut at = 0;
            while allowed && at + length <= words.len() {
                if is_phrase(&words[at..at + length], &foreign.words) {
                    words.splice(at..at + length, [String::new()]);
                }
                at += 1;
            }
        }
        words
    }
}

/// Whether these are the words, the last one perhaps in the plural.
fn is_phrase(words: &[String], phrase: &[String]) -> bool {
    words.len() == phrase.len()
        && words.iter().zip(phrase).enumerate().all(|(at, (word, expected))| {
            word == expected
                || (at + 1 == phrase.len() && word.strip_suffix('s') == Some(expected.as_str()))
        })
}

/// What a file names outside its tests.
fn names(file: &File) -> Vec<(usize, Sort, String)> {
    let tokens = file.tokens();
    let mut names = Vec::new();
    let http = file.path.starts_with("crates/cauce-server/src/http");
    let tables = file.path == super::tables::PATH;
    let mut body_until = 0; // within the braces of a struct or enum up to this token
    for at in 0..tokens.len() {
        let token = tokens[at];
        if token.test {
            continue;
        }
        let after = tokens.get(at + 1);
        if let Some(sort) = declares(&token)
            && let Some(name) = after.filter(|name| name.kind == Kind::Ident && !name.is("fn"))
        {
            names.push((name.line, sort, name.text.to_owned()));
            if token.is("struct") || token.is("enum") {
                body_until = at + body_length(&tokens[at..]);
            }
        }
        if at < body_until && token.kind == Kind::Ident && after.is_some_and(|t| t.is(":")) {
            names.push((token.line, Sort::Noun, token.text.to_owned()));
        }
        if http && token.kind == Kind::Text && token.text.starts_with('/') {
            let parts = token.text.split('/').filter(|part| !part.contains(char::is_whitespace));
            names.extend(parts.map(|part| (token.line, Sort::Noun, part.to_owned())));
        }
        let named = at > 1 && tokens[at - 1].is(":") && tokens[at - 2].is("name");
        if tables && named && token.kind == Kind::Text {
            names.push((token.line, Sort::Noun, token.text.to_owned()));
        }
    }
    names
}

fn declares(token: &Token<'_>) -> Option<Sort> {
    match token.text {
        _ if token.kind != Kind::Ident => None,
        "fn" => Some(Sort::Function),
        "const" | "static" => Some(Sort::Constant),
        "struct" | "enum" | "trait" | "type" | "mod" => Some(Sort::Noun),
        _ => None,
    }
}

/// Tokens from the keyword to the end of the braces; none for tuples and units.
fn body_length(tokens: &[Token<'_>]) -> usize {
    let Some(open) = tokens.iter().position(|t| t.is("{") || t.is(";") || t.is("(")) else {
        return 0;
    };
    if !tokens[open].is("{") {
        return 0;
    }
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        depth += i32::from(token.is("{")) - i32::from(token.is("}"));
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::super::tree::expect;
    use super::*;

    const TABLE: &str = "\
| Word | Means | Never in a name | Never the whole name | Nor in speech |
| --- | --- | --- | --- | --- |
| profile | a person | user, contact, recipient | – | – |
| segment | a rule | – | group | list |
| outcome | an answer | delivery status | – | – |

| Protocol word | Whose | Where |
| --- | --- | --- |
| user id, user agent | Segment | anywhere |
| recipient | SMTP | `smtp` |
";

    fn check_at(path: &str, source: &str, expected: &[&str]) {
        expect(&check(&Tree::of(&[("GLOSSARY.md", TABLE), (path, source)])), expected);
    }

    fn check_one(source: &str, expected: &[&str]) {
        check_at("crates/c/src/a.rs", source, expected);
    }

    #[test]
    fn banned_words_are_found_in_names() {
        check_one("struct UserRow;", &["crates/c/src/a.rs:1 `UserRow` says `user`"]);
        check_one(
            "\nfn list_contacts() {}",
            &["crates/c/src/a.rs:2 `list_contacts` says `contact`"],
        );
        check_one("struct A { user: u8 }", &["crates/c/src/a.rs:1 `user` says `user`"]);
        check_one("enum A { B { user: u8 } }", &["crates/c/src/a.rs:1 `user` says `user`"]);
        check_one(
            "const DELIVERY_STATUS: u8 = 1;",
            &["crates/c/src/a.rs:1 `DELIVERY_STATUS` says `delivery status`"],
        );
        check_at("crates/c/src/user/a.rs", "", &["crates/c/src/user/a.rs:0 `user` says `user`"]);
    }

    #[test]
    fn whole_names_only_where_the_word_is_ordinary() {
        check_one("mod groups;", &["crates/c/src/a.rs:1 `groups` says `group`"]);
        check_one("fn group() {} struct GroupCommit;", &[]);
    }

    #[test]
    fn words_of_protocols_are_free() {
        check_one("struct A { user_id: u8, userId: u8 } const USER_AGENT: u8 = 1;", &[]);
        check_one("fn recipient() {}", &["crates/c/src/a.rs:1 `recipient` says `recipient`"]);
        check_at("crates/c/src/smtp.rs", "fn recipient() {}", &[]);
    }

    #[test]
    fn uses_texts_and_tests_are_free() {
        check_one("use user::User; fn a() { let user = \"user\"; }", &[]);
        check_one("#[cfg(test)] mod tests { fn user() {} }", &[]);
    }

    #[test]
    fn empty_words_are_found() {
        check_one(
            "fn do_event() {}",
            &["crates/c/src/a.rs:1 function `do_event` is called after the empty verb `do`"],
        );
        check_one("fn done() {}", &[]);
        check_one(
            "struct RunManager;",
            &["crates/c/src/a.rs:1 `RunManager` says `manager`, which says nothing"],
        );
        check_at(
            "crates/c/tests/it/common.rs",
            "",
            &["crates/c/tests/it/common.rs:0 `common` says `common`, which says nothing"],
        );
    }

    #[test]
    fn api_paths_and_tables_are_names() {
        let path = "crates/cauce-server/src/http/a.rs";
        check_at(
            path,
            "a(\"/v1/users/{id}\")",
            &["crates/cauce-server/src/http/a.rs:1 `users` says `user`"],
        );
        let path = "crates/cauce-engine/src/tables.rs";
        check_at(
            path,
            "Table { name: \"groups\" }",
            &["crates/cauce-engine/src/tables.rs:1 `groups` says `group`"],
        );
    }

    #[test]
    fn a_glossary_that_bans_nothing_is_a_fault() {
        expect(
            &check(&Tree::of(&[("GLOSSARY.md", "")])),
            &["GLOSSARY.md:0 no banned word was read"],
        );
        expect(&check(&Tree::of(&[])), &["GLOSSARY.md:0 the glossary is missing"]);
    }
}
