//! Every direct dependency is a choice that is written down.

use super::tree::{Finding, Tree};
use std::collections::BTreeSet;

const RULE: &str = "dependencies";
const MANIFEST: &str = "Cargo.toml";
const PAGE: &str = "docs/decisions/0043-what-we-depend-on.md";

/// The workspace's dependencies and the page of decisions that lists them are the same.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let text = |path: &str| tree.files.iter().find(|file| file.path == path).map(|file| &file.text);
    let (Some(manifest), Some(page)) = (text(MANIFEST), text(PAGE)) else { return Vec::new() };
    let (wanted, listed) = (dependencies(manifest), listed(page));
    let finding = |path: &str, name: &String, what: &str, way_out: &str| {
        Finding::new((path, 1), RULE, format!("`{name}` {what}"), way_out.to_owned())
    };
    let unlisted = wanted.difference(&listed).map(|name| {
        finding(MANIFEST, name, "is not listed", &format!("say what it is for in {PAGE}"))
    });
    let gone = listed
        .difference(&wanted)
        .map(|name| finding(PAGE, name, "is no dependency", "take it out of the table"));
    unlisted.chain(gone).collect()
}

/// Names in `[workspace.dependencies]` that are not our own.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let lines = manifest.lines().skip_while(|line| *line != "[workspace.dependencies]").skip(1);
    let names = lines.take_while(|line| !line.starts_with('[')).filter_map(|line| {
        let (name, value) = line.split_once(" = ")?;
        (!value.contains("path = ")).then(|| name.to_owned())
    });
    names.collect()
}

/// What stands between signs of code in the first column of the table.
fn listed(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    rows.flat_map(|cell| cell.split(", ")).map(|name| name.trim_matches('`').to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::expect;
    use super::*;

    #[test]
    fn both_ways_are_looked_at() {
        let manifest = "[workspace.dependencies]\nours = { path = \"ours\" }\nserde = \"1\"\n\
                        toml = { version = \"1\" }\n\n[profile.dev]\nopt-level = 1\n";
        let page = "# 43\n| Crate | What for |\n| --- | --- |\n| `serde`, `clap` | forms |\n";
        let tree = Tree::of(&[(MANIFEST, manifest), (PAGE, page)]);
        let found = [
            "Cargo.toml:1 `toml` is not listed",
            "docs/decisions/0043-what-we-depend-on.md:1 `clap` is no dependency",
        ];
        expect(&check(&tree), &found);
    }
}
