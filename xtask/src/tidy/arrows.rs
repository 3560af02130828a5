//! Which crate may depend on which. The map is `ARCHITECTURE.md`; this is its fence.

use serde_json::Value;

use super::tree::Finding;

const RULE: &str = "arrows";

/// What a crate may depend on, and what it must not.
struct Arrow {
    name: &'static str,
    crates: &'static [&'static str],
    /// The complete list of outside crates, where there is one.
    only: Option<&'static [&'static str]>,
    never: &'static [&'static str],
}

/// A new crate is added here only when the compiler must forbid a dependency or a second program
/// needs the code.
const ARROWS: &[Arrow] = &[
    Arrow {
        name: "cauce-core",
        crates: &[],
        only: Some(&[
            "blake2",
            "jiff",
            "litemap",
            "psl",
            "roaring",
            "semver",
            "serde",
            "serde_json",
            "unicode-normalization",
            "unicode-segmentation",
            "winnow",
            "xxhash-rust",
        ]),
        never: &[],
    },
    Arrow { name: "cauce-store", crates: &[], only: None, never: &["tokio"] },
    Arrow {
        name: "cauce-engine",
        crates: &["cauce-core", "cauce-store"],
        only: None,
        never: &["tokio", "hyper", "axum"],
    },
    // Its tests use its own test server, so it depends on itself for them.
    Arrow {
        name: "cauce-channels",
        crates: &["cauce-channels", "cauce-core"],
        only: None,
        never: &["fjall"],
    },
    Arrow {
        name: "cauce-server",
        crates: &["cauce-channels", "cauce-core", "cauce-engine", "cauce-store"],
        only: None,
        never: &["fjall", "postcard"],
    },
    Arrow {
        name: "cauce-sim",
        crates: &["cauce-core", "cauce-engine", "cauce-store"],
        only: None,
        never: &["tokio"],
    },
    Arrow {
        name: "cauce-fuzz",
        crates: &["cauce-channels", "cauce-core", "cauce-engine", "cauce-server", "cauce-store"],
        only: None,
        never: &["tokio"],
    },
    Arrow { name: "xtask", crates: &[], only: None, never: &["tokio"] },
];

/// Reads the output of `cargo metadata --no-deps`.
pub fn check(metadata: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    let root = metadata["workspace_root"].as_str().unwrap_or_default();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let manifest = package["manifest_path"].as_str().unwrap_or_default();
        let path = manifest.strip_prefix(root).unwrap_or(manifest).trim_start_matches('/');
        let Some(arrow) = ARROWS.iter().find(|arrow| arrow.name == name) else {
            let what = format!("crate `{name}` is not on the map");
            let way_out = "put its lines into a crate that exists, or draw its arrows in \
                           xtask/src/tidy/arrows.rs and ARCHITECTURE.md";
            findings.push(Finding::new((path, 1), RULE, what, way_out));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let on = dependency["name"].as_str().unwrap_or_default();
            let for_tests = dependency["kind"].as_str() == Some("dev");
            if let Some(way_out) = arrow.objection(on, for_tests) {
                let what = format!("`{name}` must not depend on `{on}`");
                findings.push(Finding::new((path, 1), RULE, what, way_out));
            }
        }
    }
    findings
}

impl Arrow {
    /// Why not, and what to do instead. Outside crates are free in tests; arrows are not.
    fn objection(&self, on: &str, for_tests: bool) -> Option<String> {
        if on.starts_with("cauce-") || on == "xtask" {
            let allowed = self.crates.join(", ");
            let allowed = if allowed.is_empty() { "none of ours" } else { &allowed };
            let way_out = format!("it may depend on {allowed}: move the line to the room it needs");
            return (!self.crates.contains(&on)).then_some(way_out);
        }
        if for_tests {
            return None;
        }
        if let Some(only) = self.only {
            let way_out = format!("its outside crates are {}: pass the result in", only.join(", "));
            return (!only.contains(&on)).then_some(way_out);
        }
        let way_out = "that belongs to another room, see ARCHITECTURE.md".to_owned();
        self.never.contains(&on).then_some(way_out)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::expect;
    use super::*;

    fn check_one(name: &str, on: &str, kind: &str, expected: &[&str]) {
        let metadata = serde_json::json!({
            "workspace_root": "/w",
            "packages": [{
                "name": name,
                "manifest_path": "/w/c/Cargo.toml",
                "dependencies": [{ "name": on, "kind": kind }],
            }],
        });
        expect(&check(&metadata), expected);
    }

    #[test]
    fn arrows_point_one_way() {
        check_one("cauce-server", "cauce-engine", "", &[]);
        check_one("cauce-store", "proptest", "dev", &[]);
        check_one("cauce-core", "proptest", "dev", &[]);
        let bad = ["c/Cargo.toml:1 `cauce-core` must not depend on `rand`"];
        check_one("cauce-core", "rand", "", &bad);
        let bad = ["c/Cargo.toml:1 `cauce-engine` must not depend on `cauce-channels`"];
        check_one("cauce-engine", "cauce-channels", "dev", &bad);
        let bad = ["c/Cargo.toml:1 `cauce-sim` must not depend on `tokio`"];
        check_one("cauce-sim", "tokio", "", &bad);
        check_one(
            "cauce-extra",
            "serde",
            "",
            &["c/Cargo.toml:1 crate `cauce-extra` is not on the map"],
        );
    }
}
