//! Definitions as the documentation shows them: `cauce check` has nothing against any of them.

use crate::world::cauce::command;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");

/// What pages speak of and do not define: files by their names.
const AROUND: [(&str, &str); 9] = [
    ("senders/shop.yaml", "from: { name: Shop, address: hello@shop.example }\nsms: { from: Shop }"),
    ("senders/news.yaml", "from: { name: News, address: news@shop.example }"),
    ("topics/news.yaml", "title: News"),
    ("providers/own-servers.yaml", "channel: email\ncatch-all: {}"),
    ("providers/relay.yaml", "channel: email\ncatch-all: {}"),
    ("providers/spare.yaml", "channel: email\ncatch-all: {}"),
    ("providers/madrid.yaml", "channel: sms\ncatch-all: {}"),
    ("providers/world.yaml", "channel: sms\ncatch-all: {}"),
    ("providers/phones.yaml", "channel: push\ncatch-all: {}"),
];

/// The blocks of YAML of a page, without the blanks by which lists indent them.
fn blocks(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for line in page.lines() {
        match &mut open {
            None if line.trim_start() == "```yaml" => {
                open = Some((line.len() - line.trim_start().len(), String::new()));
            }
            None => {}
            Some((_, block)) if line.trim() == "```" => {
                found.push(std::mem::take(block));
                open = None;
            }
            Some((indent, block)) => {
                block.push_str(line.get(*indent..).unwrap_or_default());
                block.push('\n');
            }
        }
    }
    found
}

/// The file that a line begins: `# providers/mail.yaml: and what it is`.
fn named(line: &str) -> Option<String> {
    let name = line.strip_prefix("# ")?.split([' ', ':']).next()?;
    (name.contains('/') && name.ends_with(".yaml")).then(|| name.to_owned())
}

/// The files of a block, each from its name to the next one. A block that begins with a blank goes
/// on with the file before it.
fn files(block: &str, last: &mut Option<(String, String)>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    if !block.starts_with(' ') {
        *last = None;
    }
    for line in block.lines() {
        if let Some(name) = named(line) {
            *last = Some((name, String::new()));
        }
        if let Some((name, text)) = last {
            text.push_str(line);
            text.push('\n');
            found.insert(name.clone(), text.clone());
        }
    }
    found
}

/// What `cauce check` says of files, and whether it has anything against them.
fn check(files: &BTreeMap<String, String>) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let around = AROUND.iter().map(|(name, text)| (*name, *text));
    // What the page defines itself stands in the place of what stands around it.
    for (name, text) in around.chain(files.iter().map(|(n, t)| (n.as_str(), t.as_str()))) {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let said = command().arg("check").arg(folder.path()).output().unwrap();
    let words = String::from_utf8_lossy(&said.stdout) + String::from_utf8_lossy(&said.stderr);
    (said.status.success(), words.into_owned())
}

fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    pages
}

#[test]
fn what_the_documentation_defines_can_be_published() {
    let mut checked = 0;
    for folder in ["providers", "guide", "operate"] {
        for page in pages(&Path::new(DOCS).join(folder)) {
            let shown = page.strip_prefix(DOCS).unwrap().display();
            let text = std::fs::read_to_string(&page).unwrap();
            let mut last = None;
            for block in blocks(&text) {
                let files = files(&block, &mut last);
                if files.is_empty() {
                    // A guide shows parts of definitions too; a provider's page is copied from.
                    assert_ne!(folder, "providers", "{shown}: a block without a name:\n{block}");
                    continue;
                }
                let (fine, said) = check(&files);
                assert!(fine, "{shown}:\n{block}\n{said}");
                checked += files.len();
            }
        }
    }
    assert!(checked >= 25, "{checked} definitions were found");
}

#[test]
fn a_definition_that_cannot_be_published_is_found() {
    let page = "1. Text:\n\n   ```yaml\n   # providers/mail.yaml\n   channel: email\n   \
                smtp:\n     \
                hots: mx.shop.example\n   ```\n";
    let found = files(&blocks(page)[0], &mut None);
    let (fine, said) = check(&found);
    assert!(!fine && said.contains("hots"), "{said}");
    let mended = found.into_iter().map(|(name, text)| (name, text.replace("hots", "host")));
    let (fine, said) = check(&mended.collect());
    assert!(fine, "{said}");
}
