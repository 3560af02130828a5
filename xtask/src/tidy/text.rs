//! What stands in a file whatever its language: a sign, nothing unfinished, no trace of a machine.

use super::lexer::{Kind, Token, lex};
use super::tree::{File, Finding, Tree};

// Put together so that this file does not find itself.
const UNFINISHED_MACROS: &[&str] = &[concat!("to", "do"), concat!("unimple", "mented")];
const UNFINISHED_WORDS: &[&str] = &[concat!("FIX", "ME"), concat!("X", "XX"), concat!("TO", "DO")];
const MACHINE_PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/")];
/// Lines that point at a registry: which one is used is the machine's business, not ours.
const REGISTRY_KEYS: &[&str] =
    &[concat!("index", "-url"), concat!("npm", "_config_registry"), concat!("replace", "-with")];
const CARGO_INDEX: &str = "registry+https://github.com/rust-lang/crates.io-index";
const NPM_REGISTRY: &str = "https://registry.npmjs.org/";

/// Every file.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        if file.is_rust() {
            check_sign(file, &mut findings);
            check_macros(file, &mut findings);
            check_examples(file, &mut findings);
        }
        check_words(file, &mut findings);
        check_machine(file, &mut findings);
    }
    findings
}

fn check_sign(file: &File, findings: &mut Vec<Finding>) {
    let first = file.text.lines().next().unwrap_or_default();
    if first.strip_prefix("//!").is_none_or(|sign| sign.trim().is_empty()) {
        let way_out = "begin with `//! ` and one sentence: what this room is for";
        let place = (file.path.as_str(), 1);
        findings.push(Finding::new(place, "sign", "no sign at the door", way_out));
    }
}

fn check_macros(file: &File, findings: &mut Vec<Finding>) {
    let tokens = file.tokens();
    for pair in tokens.windows(2) {
        let place = (file.path.as_str(), pair[0].line);
        if UNFINISHED_MACROS.contains(&pair[0].text) && pair[1].is("!") {
            let what = format!("`{}!`: the code is not finished", pair[0].text);
            findings.push(Finding::new(place, "unfinished", what, "finish it, or leave it out"));
        }
        if pair[0].is("[") && pair[1].is("ignore") {
            let way_out = "repair the test, or delete it and say why in the commit";
            findings.push(Finding::new(place, "unfinished", "a test that never runs", way_out));
        }
    }
}

/// An example that rustdoc would run is never run: the crates build none.
fn check_examples(file: &File, findings: &mut Vec<Finding>) {
    let mut inside = false;
    for (at, line) in file.text.lines().enumerate() {
        let line = line.trim_start();
        let comment = line.strip_prefix("///").or(line.strip_prefix("//!")).map(str::trim);
        let Some(fence) = comment.and_then(|comment| comment.strip_prefix("```")) else { continue };
        if !inside && fence != "text" {
            let way_out = "make it a test beside the code, or say ```text";
            let place = (file.path.as_str(), at + 1);
            findings.push(Finding::new(place, "example", "an example that never runs", way_out));
        }
        inside = !inside;
    }
}

/// Words that put work off, in comments only: a text may speak of them.
fn check_words(file: &File, findings: &mut Vec<Finding>) {
    let comments: Vec<(usize, &str)> = if file.is_rust() {
        let tokens = lex(&file.text);
        tokens.iter().filter(|t| t.kind == Kind::Comment).map(as_comment).collect()
    } else {
        let scripts = [".ts", ".tsx", ".js", ".py", ".sh", ".toml", ".css"];
        if !scripts.iter().any(|end| file.path.ends_with(end)) {
            return;
        }
        let lines = file.text.lines().enumerate();
        lines.filter_map(|(at, line)| Some((at + 1, &line[comment(line)?..]))).collect()
    };
    for (line, text) in comments {
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        if let Some(word) = words.find(|word| UNFINISHED_WORDS.contains(word)) {
            let what = format!("`{word}` in a comment");
            let place = (file.path.as_str(), line);
            let way_out = "do it, or open an issue and say what holds today";
            findings.push(Finding::new(place, "unfinished", what, way_out));
        }
    }
}

fn as_comment<'s>(token: &Token<'s>) -> (usize, &'s str) {
    (token.line, token.text)
}

fn comment(line: &str) -> Option<usize> {
    ["//", "#", "/*"].iter().filter_map(|sign| line.find(sign)).min()
}

fn check_machine(file: &File, findings: &mut Vec<Finding>) {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    for (number, line) in file.text.lines().enumerate() {
        let place = (file.path.as_str(), number + 1);
        if let Some(path) = MACHINE_PATHS.iter().find(|path| names_path(line, path)) {
            let what = format!("a path of somebody's machine (`{path}`)");
            let way_out = "make it relative to the repository, or an argument";
            findings.push(Finding::new(place, "machine", what, way_out));
        }
        let strange = match name {
            "Cargo.lock" => line.starts_with("source = ") && !line.contains(CARGO_INDEX),
            "package-lock.json" => {
                line.contains("\"resolved\": \"http") && !line.contains(NPM_REGISTRY)
            }
            _ => REGISTRY_KEYS.iter().any(|key| line.contains(key)),
        };
        if strange {
            let way_out = "name no registry: which one is used is set on the machine";
            findings.push(Finding::new(place, "machine", "a registry is named", way_out));
        }
    }
}

/// Whether a line names an absolute path that begins so (and not a part of a longer one).
fn names_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back().unwrap_or(' ');
        !before.is_alphanumeric() && !"._-}/".contains(before)
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::expect;
    use super::*;

    fn check_one(path: &str, text: &str, expected: &[&str]) {
        expect(&check(&Tree::of(&[(path, text)])), expected);
    }

    #[test]
    fn every_door_has_a_sign() {
        check_one("a.rs", "//! A room.\nmod b;", &[]);
        check_one("a.rs", "mod b;", &["a.rs:1 no sign at the door"]);
        check_one("a.rs", "//!\nmod b;", &["a.rs:1 no sign at the door"]);
    }

    #[test]
    fn examples_that_nobody_runs_are_found() {
        let never = &["a.rs:2 an example that never runs"];
        check_one("a.rs", concat!("//! A room.\n/", "// ```\n/", "// a();\n/", "// ```\n"), never);
        check_one("a.rs", concat!("//! A room.\n/", "// ```text\n/", "// a\n/", "// ```\n"), &[]);
        check_one("a.rs", "//! A room.\n// ``` \n", &[]);
    }

    #[test]
    fn unfinished_code_is_found() {
        for name in UNFINISHED_MACROS {
            let what = format!("a.rs:2 `{name}!`: the code is not finished");
            check_one("a.rs", &format!("//! A.\n{name}!();"), &[&what]);
        }
        check_one(
            "a.rs",
            "//! A.\n#[ignore = \"slow\"] fn a() {}",
            &["a.rs:2 a test that never runs"],
        );
        for word in UNFINISHED_WORDS {
            let what = format!("a.rs:2 `{word}` in a comment");
            check_one("a.rs", &format!("//! A.\n// {word}: later"), &[&what]);
            check_one("a.rs", &format!("//! A.\nlet a = \"{word}\"; // {word}Y"), &[]);
            check_one(
                "a.py",
                &format!("x = 1 # {word}"),
                &[&format!("a.py:1 `{word}` in a comment")],
            );
        }
    }

    #[test]
    fn traces_of_a_machine_are_found() {
        for path in MACHINE_PATHS {
            let what = format!("a.md:1 a path of somebody's machine (`{path}`)");
            check_one("a.md", &format!("see {path}x"), &[&what]);
            check_one("a.md", &format!("see crates{path}x"), &[]);
        }
        let lock = "source = \"registry+https://mirror.example/index\"\n";
        check_one("Cargo.lock", lock, &["Cargo.lock:1 a registry is named"]);
        check_one("Cargo.lock", &format!("source = \"{CARGO_INDEX}\""), &[]);
        let lock = "\"resolved\": \"https://mirror.example/a.tgz\"";
        check_one("ui/package-lock.json", lock, &["ui/package-lock.json:1 a registry is named"]);
        for key in REGISTRY_KEYS {
            check_one("r.txt", &format!("--{key} x"), &["r.txt:1 a registry is named"]);
        }
    }
}
