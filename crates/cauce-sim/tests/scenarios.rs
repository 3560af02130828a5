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

/// One row more than a profile may have takes the oldest one, of another list: whoever was in a
/// segment by it is not any more.
#[test]
fn a_row_that_the_bound_takes_moves_its_own_list() {
    let most = cauce_core::limits::LIST_ENTRIES_MAX;
    let mut told = String::new();
    for n in 0..=most {
        told.push_str(&format!("define list l{n} {{\"namespace\": \"user_id\"}}\n----\n\n"));
    }
    told.push_str("define segment first {\"rule\": \"in list \\\"l0\\\"\"}\n----\n\n");
    for n in 0..=most {
        told.push_str(&format!("upload l{n} user_id:1\n----\n\n"));
    }
    let happened = play(&told);
    assert!(happened.contains("p1 enters first"), "{happened}");
    let last = happened.rsplit("upload ").next().unwrap_or_default();
    assert!(last.contains("p1 leaves first (event)"), "{last}");
}
