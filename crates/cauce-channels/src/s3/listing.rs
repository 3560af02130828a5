//! Reading what a store answers: the objects of a listing, and what it says of an error.

/// An object of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// What names its content.
    pub etag: String,
    /// Its bytes.
    pub bytes: u64,
}

/// One page of a listing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Listing {
    pub objects: Vec<Object>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// Reads a page. Nothing if it is none.
pub(super) fn parse(text: &str) -> Option<Listing> {
    let inside = element(text, "ListBucketResult")?.0;
    let mut listing = Listing::default();
    let encoded = value(inside, "EncodingType").is_some_and(|kind| kind == "url");
    let mut rest = inside;
    while let Some((contents, after)) = element(rest, "Contents") {
        rest = after;
        let key = value(contents, "Key")?;
        listing.objects.push(Object {
            key: if encoded { decode(&key)? } else { key },
            etag: value(contents, "ETag")?.trim_matches('"').to_owned(),
            bytes: value(contents, "Size")?.parse().ok()?,
        });
    }
    if value(inside, "IsTruncated").is_some_and(|truth| truth == "true") {
        listing.next = Some(value(inside, "NextContinuationToken")?);
    }
    Some(listing)
}

/// What an error says: its code and its words.
pub(super) fn error(text: &str) -> Option<String> {
    let inside = element(text, "Error")?.0;
    let words = value(inside, "Message").unwrap_or_default();
    Some(format!("{}: {words}", value(inside, "Code")?))
}

/// The inside of the first element of a name, and what comes behind it.
fn element<'t>(text: &'t str, name: &str) -> Option<(&'t str, &'t str)> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut from = 0;
    let start = loop {
        let at = from + text.get(from..)?.find(&open)?;
        let behind = at + open.len();
        match text.as_bytes().get(behind)? {
            b'>' => break behind + 1,
            b' ' | b'\n' | b'\r' | b'\t' => break behind + text.get(behind..)?.find('>')? + 1,
            // A longer name that begins alike, or an element of nothing.
            _ => from = behind,
        }
    };
    let end = start + text.get(start..)?.find(&close)?;
    Some((&text[start..end], &text[end + close.len()..]))
}

fn value(text: &str, name: &str) -> Option<String> {
    element(text, name).map(|(inside, _)| unescape(inside))
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').unwrap_or(0);
        let named = rest.get(1..end).unwrap_or_default();
        let number = named.strip_prefix('#').and_then(|digits| match digits.strip_prefix('x') {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => digits.parse().ok(),
        });
        let letter = match named {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => number.and_then(char::from_u32),
        };
        match letter {
            Some(letter) => {
                plain.push(letter);
                rest = &rest[end + 1..];
            }
            None => {
                plain.push('&');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// A key that was encoded for an address.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &rest[2..];
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &str) {
        let said = match parse(text) {
            None => "nothing".to_owned(),
            Some(listing) => {
                let shown = |o: &Object| format!("{} {} {}", o.key, o.etag, o.bytes);
                let objects: Vec<String> = listing.objects.iter().map(shown).collect();
                format!("{} next {:?}", objects.join(", "), listing.next)
            }
        };
        assert_eq!(said, expected, "{text}");
    }

    #[test]
    fn a_page_names_its_objects() {
        let one = "<Contents><Key>a%2Fb%20c+d.csv</Key><ETag>&quot;e1&quot;</ETag>\
                   <Size>3</Size></Contents>";
        let of = |inside: &str| {
            format!(
                "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"x\">{inside}</ListBucketResult>"
            )
        };
        check(&of(&format!("<EncodingType>url</EncodingType>{one}")), "a/b c d.csv e1 3 next None");
        check(&of(one), "a%2Fb%20c+d.csv e1 3 next None");
        let more = "<IsTruncated>true</IsTruncated><NextContinuationToken>t&amp;&#x41;\
                    </NextContinuationToken>";
        check(&of(more), " next Some(\"t&A\")");
        check(&of("<IsTruncated>true</IsTruncated>"), "nothing");
        check(&of("<Contents><Key>a</Key></Contents>"), "nothing");
        check("<html>", "nothing");
        let said = error("<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>");
        assert_eq!(said.as_deref(), Some("NoSuchKey: gone"));
    }

    proptest! {
        #[test]
        fn no_answer_panics(text in "[<>&;/a-zé%+#x ]{0,60}", tag in "(Key|Contents|ETag|Size)") {
            let inside = format!("<ListBucketResult><{tag}>{text}</{tag}></ListBucketResult>");
            for text in [&text, &inside] {
                let _ = (parse(text), error(text), decode(text), unescape(text));
            }
        }
    }
}
