//! Mail addresses as the wire needs them.

/// An address that is safe in an envelope and in a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `local@domain`, the domain in its ASCII form, the local part as it was given.
    pub wire: String,
    /// Whether the local part has letters beyond ASCII, which only SMTPUTF8 carries.
    pub international: bool,
}

/// Reads an address, refusing whatever could end a command or a header early.
///
/// Not: rewriting the local part. Only its own server knows what it means (RFC 6531), so it is
/// either carried as it is or not at all.
pub fn parse(text: &str) -> Result<Address, String> {
    let no = |why: &str| Err(format!("`{}` is no mail address: {why}", shown(text)));
    let Some((local, domain)) = text.rsplit_once('@') else {
        return no("it has no `@`");
    };
    if local.is_empty() || local.len() > 64 {
        return no("the part before `@` has 1 to 64 bytes");
    }
    if text.chars().any(|c| c.is_control() || c == '<' || c == '>' || is_separator(c)) {
        return no("it has characters that mail cannot carry");
    }
    if !is_local(local) {
        return no("the part before `@` would need quotes that are not there");
    }
    let ascii = if let Some(inner) = domain.strip_prefix('[').and_then(|d| d.strip_suffix(']')) {
        if !inner.bytes().all(|b| b.is_ascii_alphanumeric() || b":.-".contains(&b)) {
            return no("the address literal is malformed");
        }
        domain.to_owned()
    } else {
        self::domain(domain)
            .map_err(|why| format!("`{}` is no mail address: {why}", shown(text)))?
    };
    Ok(Address { wire: format!("{local}@{ascii}"), international: !local.is_ascii() })
}

/// The ASCII form of a domain (UTS 46, non-transitional: `straße.de` is not `strasse.de`).
pub fn domain(text: &str) -> Result<String, String> {
    match idna::domain_to_ascii_strict(text) {
        Ok(ascii) if !ascii.is_empty() && ascii.len() <= 253 => Ok(ascii),
        Ok(_) | Err(_) => Err(format!("the domain `{}` is malformed", shown(text))),
    }
}

/// Line and paragraph separators that some software takes for line ends.
fn is_separator(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A dot-atom (RFC 5321, extended by RFC 6531) or a quoted string.
fn is_local(local: &str) -> bool {
    if let Some(inner) = local.strip_prefix('"').and_then(|l| l.strip_suffix('"')) {
        let mut escaped = false;
        for c in inner.chars() {
            match (escaped, c) {
                (true, _) => escaped = false,
                (false, '\\') => escaped = true,
                (false, '"') => return false,
                (false, _) => {}
            }
        }
        return !escaped;
    }
    local.split('.').all(|atom| {
        !atom.is_empty()
            && atom.chars().all(|c| {
                !c.is_ascii() || c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
            })
    })
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_becomes_ascii_and_the_local_part_stays() {
        let check = |text: &str| parse(text).map(|a| (a.wire, a.international));
        assert_eq!(check("Anna.K@Straße.de"), Ok(("Anna.K@xn--strae-oqa.de".into(), false)));
        assert_eq!(check("jürgen@example.com"), Ok(("jürgen@example.com".into(), true)));
        assert_eq!(check("\"a b\"@example.com"), Ok(("\"a b\"@example.com".into(), false)));
        assert_eq!(check("a@[127.0.0.1]"), Ok(("a@[127.0.0.1]".into(), false)));
        for bad in [
            "",
            "a",
            "@example.com",
            "a@",
            "a b@example.com",
            "a..b@example.com",
            "a@exa mple.com",
            "a@example.com>\r\nRCPT TO:<b@example.com",
            "a\r\n@example.com",
            "<a@example.com>",
            "\"a\"b\"@example.com",
            "\"a\\\"@example.com",
            "a@b@example.com",
            "a\0@example.com",
            "a@[1.2.3.4]>",
            "a,b@example.com",
        ] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
