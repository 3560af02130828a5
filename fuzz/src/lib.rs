//! What is tried on every parser of bytes that come from outside: one module per target.
//!
//! `run` panics where something does not hold. The programs in `targets/` let libFuzzer choose the
//! bytes (`cargo xtask fuzz`); the test below tries every seed once, wherever tests run.

pub mod columns;
pub mod events;
pub mod import;
pub mod liquid;
pub mod returned;
pub mod segment_text;
pub mod smpp;
pub mod smtp_replies;
pub mod store_formats;
pub mod tokens;

/// Bytes as text; what is no UTF-8 is replaced, so that no input is wasted.
fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// The first byte chooses what is tried with the rest.
fn choose(bytes: &[u8], among: usize) -> (usize, &[u8]) {
    match bytes.split_first() {
        // Digits choose by their value, so that a seed can be read.
        Some((first, rest)) => (usize::from(first.wrapping_sub(b'0')) % among, rest),
        None => (0, bytes),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    fn check(target: &str, run: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
        let mut seeds = 0;
        for seed in std::fs::read_dir(&folder).expect("every target has seeds") {
            let path = seed.expect("a readable folder").path();
            println!("{}", path.display());
            run(&std::fs::read(&path).expect("a readable seed"));
            seeds += 1;
        }
        assert!(seeds > 2, "{target} has {seeds} seeds");
        // Every beginning of a short text, and nothing at all.
        run(b"");
        (0..=255).for_each(|byte| run(&[byte]));
    }

    #[test]
    fn every_seed_holds() {
        check("events", super::events::run);
        check("import", super::import::run);
        check("liquid", super::liquid::run);
        check("returned", super::returned::run);
        check("segment_text", super::segment_text::run);
        check("smpp", super::smpp::run);
        check("smtp_replies", super::smtp_replies::run);
        check("store_formats", super::store_formats::run);
        check("tokens", super::tokens::run);
        // The last: it keeps panics that are caught from being printed.
        check("columns", super::columns::run);
    }
}
