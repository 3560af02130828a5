//! How large a thing may become before it must be cut.

use std::collections::BTreeMap;

use super::lexer::{Kind, Token};
use super::tree::{File, Finding, Tree};

const RULE: &str = "sizes";
/// Limit: lines of a file without its tests.
const FILE_LINES_MAX: usize = 800;
/// Limit: characters of a line.
const LINE_CHARS_MAX: usize = 100;
/// Limit: Rust files of a folder.
const FOLDER_FILES_MAX: usize = 12;
/// Folders that are a table of contents (ARCHITECTURE, "Rooms of the core"). May only shrink.
const CROWDED: [(&str, usize); 3] = [
    ("crates/cauce-core/src", 21),
    ("crates/cauce-core/src/segment", 14),
    ("crates/cauce-sim/src", 16),
];
/// Limit: lines of a function; clippy counts them, tidy sees that it is told to.
const FUNCTION_LINES_MAX: usize = 70;
/// Limit: lines of a document that is meant to be read in one sitting.
const DOCUMENTS: &[(&str, usize)] = &[("ARCHITECTURE.md", 200), ("STYLE.md", 150)];

/// Functions that were allowed to be longer: path and name. This list may only shrink.
const LONG_FUNCTIONS: &[(&str, &str)] = &[];

/// Every size.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for file in tree.files.iter().filter(|file| file.is_rust()) {
        check_file(file, &mut findings);
        *folders.entry(file.path.rsplit_once('/').map_or("", |(folder, _)| folder)).or_default() +=
            1;
    }
    let most = |folder: &str| {
        let known = CROWDED.iter().find(|(name, _)| *name == folder);
        known.map_or(FOLDER_FILES_MAX, |(_, files)| *files)
    };
    for (folder, files) in folders.into_iter().filter(|(folder, files)| *files > most(folder)) {
        let what = format!("{files} Rust files in one folder, {FOLDER_FILES_MAX} at most");
        findings.push(Finding::new((folder, 0), RULE, what, "give a group of them a folder"));
    }
    for (path, lines_max) in DOCUMENTS {
        let lines = tree.get(path).map_or(0, |file| file.text.lines().count());
        if lines > *lines_max {
            let what = format!("{lines} lines, {lines_max} at most");
            findings.push(Finding::new((path, lines_max + 1), RULE, what, "say less, or link"));
        }
    }
    check_threshold(tree, &mut findings);
    check_long_functions(tree, LONG_FUNCTIONS, &mut findings);
    findings
}

fn check_file(file: &File, findings: &mut Vec<Finding>) {
    let own = file.text.find("#[cfg(test)]\nmod tests").unwrap_or(file.text.len());
    let lines = file.text[..own].lines().count();
    if lines > FILE_LINES_MAX && !file.is_test() {
        let what = format!("{lines} lines without tests, {FILE_LINES_MAX} at most");
        let way_out = "cut it where its table of contents would have a heading";
        findings.push(Finding::new((&file.path, FILE_LINES_MAX + 1), RULE, what, way_out));
    }
    for (number, line) in file.text.lines().enumerate() {
        let chars = line.chars().count();
        if chars > LINE_CHARS_MAX {
            let what = format!("{chars} characters, {LINE_CHARS_MAX} at most");
            findings.push(Finding::new((&file.path, number + 1), RULE, what, "break the line"));
        }
    }
}

/// A crate's own `clippy.toml` replaces the root's, so each must repeat the threshold.
fn check_threshold(tree: &Tree, findings: &mut Vec<Finding>) {
    let expected = format!("too-many-lines-threshold = {FUNCTION_LINES_MAX}");
    for file in tree.files.iter().filter(|file| file.path.ends_with("clippy.toml")) {
        if !file.text.lines().any(|line| line.trim() == expected) {
            let what = "clippy is not told how long a function may be";
            let way_out = format!("write `{expected}`");
            findings.push(Finding::new((&file.path, 1), RULE, what, way_out));
        }
    }
    if tree.get("clippy.toml").is_none() {
        let way_out = format!("write it, with `{expected}`");
        findings.push(Finding::new(("clippy.toml", 0), RULE, "the file is missing", way_out));
    }
}

fn check_long_functions(tree: &Tree, listed: &[(&str, &str)], findings: &mut Vec<Finding>) {
    let mut found = Vec::new();
    for file in tree.files.iter().filter(|file| file.is_rust()) {
        let tokens = file.tokens();
        for (at, token) in tokens.iter().enumerate() {
            if token.kind == Kind::Ident && token.text == "too_many_lines" {
                let name = next_function(&tokens[at..]);
                if !listed.contains(&(file.path.as_str(), name)) {
                    let what = format!("`{name}` is allowed to be longer than everybody else");
                    let way_out = "cut the function; the list of exceptions may only shrink";
                    findings.push(Finding::new((&file.path, token.line), RULE, what, way_out));
                }
                found.push((file.path.clone(), name.to_owned()));
            }
        }
    }
    for (path, name) in listed {
        if !found.iter().any(|(p, n)| p == path && n == name) {
            let what = format!("`{name}` needs no exception any more");
            let way_out = "delete its line from LONG_FUNCTIONS in xtask/src/tidy/sizes.rs";
            findings.push(Finding::new((path, 0), RULE, what, way_out));
        }
    }
}

fn next_function<'s>(tokens: &[Token<'s>]) -> &'s str {
    let keyword = tokens.iter().position(|token| token.is("fn"));
    keyword.and_then(|at| tokens.get(at + 1)).map_or("a whole module", |name| name.text)
}

#[cfg(test)]
mod tests {
    use super::super::tree::expect;
    use super::*;

    const CLIPPY: (&str, &str) = ("clippy.toml", "too-many-lines-threshold = 70\n");

    fn check_one(path: &str, text: &str, expected: &[&str]) {
        expect(&check(&Tree::of(&[CLIPPY, (path, text)])), expected);
    }

    #[test]
    fn long_files_are_found_but_tests_do_not_count() {
        let long = "\n".repeat(801);
        check_one("a/b.rs", &long, &["a/b.rs:801 801 lines without tests, 800 at most"]);
        check_one("a/b.rs", &format!("#[cfg(test)]\nmod tests {{{long}}}"), &[]);
        check_one("a/tests.rs", &long, &[]);
    }

    #[test]
    fn long_lines_are_counted_in_characters() {
        check_one("a.rs", &"é".repeat(100), &[]);
        check_one(
            "a.rs",
            &format!("\n{}", "é".repeat(101)),
            &["a.rs:2 101 characters, 100 at most"],
        );
    }

    #[test]
    fn full_folders_are_found() {
        let paths: Vec<_> = (0..13).map(|n| format!("a/f{n}.rs")).collect();
        let mut files: Vec<_> = paths.iter().map(|path| (path.as_str(), "")).collect();
        files.push(CLIPPY);
        expect(&check(&Tree::of(&files)), &["a:0 13 Rust files in one folder, 12 at most"]);
        files.remove(0);
        expect(&check(&Tree::of(&files)), &[]);
    }

    #[test]
    fn long_documents_are_found() {
        check_one("STYLE.md", &"\n".repeat(151), &["STYLE.md:151 151 lines, 150 at most"]);
    }

    #[test]
    fn the_threshold_is_in_every_clippy_file() {
        let what = "c/clippy.toml:1 clippy is not told how long a function may be";
        check_one("c/clippy.toml", "too-many-lines-threshold = 700", &[what]);
        expect(&check(&Tree::of(&[])), &["clippy.toml:0 the file is missing"]);
    }

    #[test]
    fn exceptions_only_shrink() {
        let source = "#[allow(clippy::too_many_lines)]\nfn long() {}";
        check_one("a.rs", source, &["a.rs:1 `long` is allowed to be longer than everybody else"]);
        let mut findings = Vec::new();
        let tree = Tree::of(&[("a.rs", source)]);
        check_long_functions(&tree, &[("a.rs", "long"), ("a.rs", "gone")], &mut findings);
        expect(&findings, &["a.rs:0 `gone` needs no exception any more"]);
    }
}
