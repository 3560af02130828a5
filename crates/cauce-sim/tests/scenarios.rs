//! Plays every story below `scenarios/`. `BLESS=1` rewrites their lower halves.

use cauce_sim::scenario::play;
use std::path::{Path, PathBuf};

fn stories(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).expect("the folder is there").flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            stories(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "txt") {
            found.push(path);
        }
    }
}

#[test]
fn stories_happen_as_they_are_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut found = Vec::new();
    stories(&folder, &mut found);
    assert!(found.len() >= 12, "{} stories", found.len());
    let mut different = Vec::new();
    for path in found {
        let told = std::fs::read_to_string(&path).expect("a story can be read");
        let happened = play(&told);
        if happened == told {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &happened).expect("a story can be written");
        } else {
            let first = told.lines().zip(happened.lines()).find(|(a, b)| a != b);
            different.push(format!("{}: {first:?}", path.display()));
        }
    }
    assert!(different.is_empty(), "BLESS=1 rewrites them:\n{}", different.join("\n"));
}
