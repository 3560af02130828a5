//! A test in a world of its own: a network namespace that has a loopback interface and no other.
//! What listens on every interface there is heard by nobody outside.

use std::process::{Command, Stdio};

/// By this a test knows that it is inside.
const INSIDE: &str = "CAUCE_ALONE";

/// Whether this is the inside, where the test is to run. Outside it plays the same test once more
/// inside, and fails as that does; where that is not possible it says that it did not run.
pub fn is_alone(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let within = |words: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["-rn", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"]).args(words);
        command
    };
    let found = within(&["true"]).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        let text = format!("not run: {test}: no network namespace can be made (unshare, ip)");
        // Not a failure anywhere: what a kernel does not allow, nothing installs.
        println!("{text}");
        return false;
    }
    let own = std::env::current_exe().unwrap();
    let words = [own.to_str().unwrap(), test, "--exact", "--nocapture"];
    let output = within(&words).env(INSIDE, "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "`{test}` failed inside");
    // A name that is no test's would pass with nothing done.
    assert!(said.contains("1 passed"), "`{test}` was not found inside");
    false
}
