//! Tells cargo when the files of the console changed. It never runs npm: `cargo build` works
//! without Node, and then a page says how the console is built.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let ui = Path::new("../../ui");
    // Not: a folder that is absent, for cargo would build this crate anew each time.
    for folder in [ui.join("dist"), ui.to_path_buf()] {
        if folder.is_dir() {
            println!("cargo::rerun-if-changed={}", folder.display());
            return;
        }
    }
}
