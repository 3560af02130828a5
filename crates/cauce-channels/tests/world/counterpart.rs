//! Other people's programs that a test talks to: there, left out by name, or a failure.

/// What was found of a program, or nothing after saying that the test did not run. Where programs
/// were promised (`CAUCE_OUTSIDE=1`, as `cargo xtask test` sets it) its absence is a failure,
/// unless whoever runs the tests leaves it out by name: `CAUCE_WITHOUT=postfix,exim`.
pub fn found<T>(program: &str, test: &str, lacking: &str, found: Option<T>) -> Option<T> {
    let without = std::env::var("CAUCE_WITHOUT").unwrap_or_default();
    if without.split(',').any(|name| name.trim() == program) {
        println!("not run: {test}: CAUCE_WITHOUT leaves out {program}");
        return None;
    }
    if found.is_none() {
        let text = format!("not run: {test}: {lacking}");
        let promised = std::env::var("CAUCE_OUTSIDE").as_deref() == Ok("1");
        assert!(!promised, "{text}; `cargo xtask test setup` says how to get it");
        println!("{text}");
    }
    found
}

/// Whether these tests run as root, whom Postfix needs.
pub fn is_root() -> bool {
    let own = std::process::Command::new("id").arg("-u").output();
    own.is_ok_and(|own| own.stdout == b"0\n")
}

/// The folder into which Postfix was unpacked, where it can run.
pub fn postfix(test: &str) -> Option<std::path::PathBuf> {
    let folder = std::env::var_os("CAUCE_POSTFIX").map(std::path::PathBuf::from);
    let lacking = match folder {
        Some(_) => "Postfix runs as root only, and these tests do not",
        None => "CAUCE_POSTFIX names no folder into which Postfix was unpacked",
    };
    found("postfix", test, lacking, folder.filter(|_| is_root()))
}
