//! Doors that exist once: one file spells the encoding, one file opens connections.

use super::lexer::Token;
use super::tree::{Finding, Tree};

const RULE: &str = "fences";
const CODEC: &str = "crates/cauce-engine/src/codec.rs";
const EGRESS: &str = "crates/cauce-channels/src/egress.rs";
/// Programs beside the product: the benchmarks call our own server on loopback.
const PROGRAMS: &str = "crates/cauce-server/benches/";
/// Every way out of the process that our libraries offer; a path is matched from its first name.
const WAYS_OUT: &[&[&str]] = &[
    &["TcpStream", "::", "connect"],
    &["TcpStream", "::", "connect_timeout"],
    &["TcpSocket"],
    &["lookup_host"],
    &["to_socket_addrs"],
    &["HttpConnector"],
];

/// Every crate of the product.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust("crates/") {
        let tokens = file.tokens();
        let dials = ["crates/cauce-channels/", "crates/cauce-server/"]
            .iter()
            .any(|start| file.path.starts_with(start))
            && file.path != EGRESS
            && !file.path.starts_with(PROGRAMS);
        for (at, token) in tokens.iter().enumerate() {
            let place = (file.path.as_str(), token.line);
            if token.is("postcard") && file.path != CODEC && !file.path.contains("/tests/") {
                let way_out = format!("encode through {CODEC}: a format is changed in one place");
                findings.push(Finding::new(place, RULE, "an encoding outside the codec", way_out));
            }
            let way = WAYS_OUT.iter().find(|way| begins(&tokens[at..], way));
            if let Some(way) = way.filter(|_| dials && !token.test) {
                let what = format!("`{}` dials out", way.concat());
                let way_out = format!("go through {EGRESS}, which refuses private addresses");
                findings.push(Finding::new(place, RULE, what, way_out));
            }
        }
    }
    findings
}

fn begins(tokens: &[Token<'_>], words: &[&str]) -> bool {
    tokens.len() >= words.len() && words.iter().zip(tokens).all(|(word, token)| token.is(word))
}

#[cfg(test)]
mod tests {
    use super::super::tree::expect;
    use super::*;

    fn check_one(path: &str, source: &str, expected: &[&str]) {
        expect(&check(&Tree::of(&[(path, source)])), expected);
    }

    #[test]
    fn one_file_spells_the_encoding() {
        check_one(CODEC, "postcard::to_allocvec(a)", &[]);
        check_one(
            "crates/cauce-engine/src/load.rs",
            "// postcard\npostcard::from_bytes(a)",
            &["crates/cauce-engine/src/load.rs:2 an encoding outside the codec"],
        );
    }

    #[test]
    fn one_file_dials() {
        check_one(EGRESS, "TcpSocket::new_v4()", &[]);
        let path = "crates/cauce-channels/src/smtp.rs";
        check_one(
            path,
            "TcpStream::connect(a)",
            &["crates/cauce-channels/src/smtp.rs:1 `TcpStream::connect` dials out"],
        );
        for way in ["TcpSocket", "lookup_host", "HttpConnector"] {
            let what = format!("crates/cauce-channels/src/smtp.rs:1 `{way}` dials out");
            check_one(path, &format!("use tokio::net::{way};"), &[&what]);
        }
        check_one(path, "#[cfg(test)] mod tests { fn a() { TcpStream::connect(a) } }", &[]);
        check_one("crates/cauce-channels/tests/a.rs", "TcpStream::connect(a)", &[]);
        check_one("crates/cauce-server/benches/figures.rs", "TcpStream::connect(a)", &[]);
    }
}
