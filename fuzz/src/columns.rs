//! Parquet files: damaged, cut off, and lying about what they hold.

use cauce_server::cli::rehearse;
use std::path::Path;
use std::sync::Once;

const MAPPING: &str = "
zone: Europe/London
rules: [{event: ordered}]
aliases: {user_id: who}
occurred-at: at
";

static QUIET: Once = Once::new();

/// Every row becomes an event or is rejected, or the file is refused with a reason; the same twice.
pub fn run(bytes: &[u8]) {
    // The reader catches what the library panics at; libFuzzer would end the process before that.
    // A panic that nobody catches still ends it.
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    assert_eq!(play(bytes), play(bytes), "the same file, other events");
}

fn play(bytes: &[u8]) -> Result<Vec<String>, String> {
    let raw = Box::new(std::io::Cursor::new(bytes.to_vec()));
    let mut said = Vec::new();
    let done = rehearse(MAPPING, Path::new("x.parquet"), raw, &mut |told| {
        said.push(match told {
            Ok(event) => event.to_string(),
            Err((row, reason)) => {
                assert!(row >= 1 && !reason.is_empty(), "rejected without a place or a reason");
                format!("{row} {reason}")
            }
        });
    });
    done.map(|()| said).map_err(|error| format!("{error:#}"))
}
