//! The files that rules look at, and what a rule says about one.

use anyhow::{Context, Result};
use std::fmt;
use std::path::Path;
use std::process::Command;

use super::lexer::{Token, lex};

/// One file of the repository.
#[derive(Debug)]
pub struct File {
    /// Its path from the root, with `/`.
    pub path: String,
    /// Its text; files that are not UTF-8 have none and are left out.
    pub text: String,
}

impl File {
    /// Whether it is Rust.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether the whole file is test code.
    pub fn is_test(&self) -> bool {
        let mut folders = self.path.split('/');
        let name = folders.next_back().unwrap_or_default();
        name == "tests.rs" || folders.any(|folder| folder == "tests" || folder == "benches")
    }

    /// Its tokens without comments; those of tests marked.
    pub fn tokens(&self) -> Vec<Token<'_>> {
        let mut tokens = lex(&self.text);
        tokens.retain(|token| token.kind != super::lexer::Kind::Comment);
        if self.is_test() {
            tokens.iter_mut().for_each(|token| token.test = true);
        }
        tokens
    }
}

/// All files.
#[derive(Debug, Default)]
pub struct Tree {
    /// In the order of their paths.
    pub files: Vec<File>,
}

impl Tree {
    /// What git would commit: tracked files and new ones that are not ignored.
    pub fn read(root: &Path) -> Result<Tree> {
        let output = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output();
        let paths = match output {
            Ok(output) if output.status.success() => {
                let text = String::from_utf8(output.stdout).context("a path is not UTF-8")?;
                text.split_terminator('\0').map(str::to_owned).collect()
            }
            _ => walk(root).context("listing the files")?, // an unpacked archive has no git
        };
        let mut files = Vec::new();
        for path in paths {
            // A deleted file is still listed until it is staged; a fixture may be binary.
            if let Ok(text) = std::fs::read_to_string(root.join(&path)) {
                files.push(File { path, text });
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        Ok(Tree { files })
    }

    /// Made by hand, for the tests of the rules.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Tree {
        let file =
            |(path, text): &(&str, &str)| File { path: (*path).into(), text: (*text).into() };
        Tree { files: files.iter().map(file).collect() }
    }

    /// The file at a path.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The Rust files whose path begins so.
    pub fn rust<'t>(&'t self, prefix: &'t str) -> impl Iterator<Item = &'t File> {
        self.files.iter().filter(move |file| file.is_rust() && file.path.starts_with(prefix))
    }
}

/// Every file below `root`, without what builds leave behind.
pub fn walk(root: &Path) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let skipped = ["target", "node_modules", ".git", ".venv"];
            if skipped.iter().any(|s| name == *s) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if let Ok(path) = entry.path().strip_prefix(root) {
                paths.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    paths.sort();
    Ok(paths)
}

/// One thing out of order.
#[derive(Debug)]
pub struct Finding {
    /// Where.
    pub path: String,
    /// Its line, from 1; 0 where the whole file is meant.
    pub line: usize,
    /// Which rule.
    pub rule: &'static str,
    /// What is wrong.
    pub what: String,
    /// The way out.
    pub way_out: String,
}

impl Finding {
    /// Made from its parts.
    pub fn new(
        place: (&str, usize),
        rule: &'static str,
        what: impl Into<String>,
        way_out: impl Into<String>,
    ) -> Finding {
        Finding {
            path: place.0.to_owned(),
            line: place.1,
            rule,
            what: what.into(),
            way_out: way_out.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { path, line, rule, what, way_out } = self;
        write!(f, "{path}:{line}: [{rule}] {what}; {way_out}")
    }
}

/// Asserts that the findings are these, each as `path:line what`; for the tests of the rules.
#[cfg(test)]
pub fn expect(findings: &[Finding], expected: &[&str]) {
    let shown: Vec<_> =
        findings.iter().map(|f| format!("{}:{} {}", f.path, f.line, f.what)).collect();
    assert_eq!(shown, expected);
}
