//! Forms as HTTP carries them.

/// Fields as `application/x-www-form-urlencoded` (WHATWG URL, 5.2).
pub fn encode<'f>(fields: impl IntoIterator<Item = (&'f str, &'f str)>) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        if !text.is_empty() {
            text.push('&');
        }
        escape(name, &mut text);
        text.push('=');
        escape(value, &mut text);
    }
    text
}

fn escape(value: &str, text: &mut String) {
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                text.push(char::from(byte));
            }
            b' ' => text.push('+'),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_could_be_mistaken_is_escaped() {
        let fields = [("To", "+34600112233"), ("Body", "a b&c=d\né 👋")];
        let text = "To=%2B34600112233&Body=a+b%26c%3Dd%0A%C3%A9+%F0%9F%91%8B";
        assert_eq!(super::encode(fields), text);
    }
}
