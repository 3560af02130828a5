//! The plain part of a letter whose author wrote none: what its HTML says, where its links lead.

/// Columns: whoever reads breaks the lines, so that no address is broken by us.
const WIDTH: usize = 10_000;
/// Limit: of larger HTML nothing is made, and it goes alone. Gmail shows no more either; and tags
/// that are never closed take time by the square of their number.
const HTML_BYTES_MAX: usize = 100 * 1024;

/// The plain part of a letter: its author's, else what the HTML says, if that is anything in words.
pub(super) fn of(own: Option<String>, html: Option<&str>) -> Option<String> {
    let says = |text: &String| !text.trim().is_empty();
    own.filter(says).or_else(|| html.map(read).filter(says))
}

/// The plain part as a template, of HTML whose holes are values and nothing else: read once, and
/// filled for each letter as fast as one that somebody wrote. None where tags of the template
/// decide what is there, since a link in a loop would be one link, behind the loop.
pub(super) fn template_of(html: &str) -> Option<String> {
    if html.contains("{%") || html.contains(HOLE) {
        return None;
    }
    // Each hole travels as a number that no HTML means anything by: what is inside may have quotes
    // and angles, in the middle of an attribute.
    let (mut marked, mut holes, mut rest) = (String::new(), Vec::new(), html);
    while let Some((before, from)) = rest.split_once("{{") {
        let (hole, after) = from.split_once("}}")?;
        let name = |filter: &str| {
            filter.trim_matches([' ', '-']).split([':', ' ']).next().map(str::to_owned)
        };
        if hole.split('|').skip(1).filter_map(name).any(|name| MARKUP.contains(&name.as_str())) {
            return None;
        }
        marked.push_str(before);
        marked.push_str(&format!("{HOLE}{}{HOLE}", holes.len()));
        holes.push(hole);
        rest = after;
    }
    marked.push_str(rest);
    let read = read(&marked);
    let mut text = String::new();
    for (place, piece) in read.split(HOLE).enumerate() {
        match piece.parse::<usize>() {
            Ok(number) if place % 2 == 1 => {
                text.push_str(&format!("{{{{{}}}}}", holes.get(number)?));
            }
            _ => text.push_str(piece),
        }
    }
    Some(text).filter(|text| !text.trim().is_empty())
}

/// Filters whose result is markup, which is read only when it is there.
const MARKUP: [&str; 6] = ["escape", "escape_once", "h", "newline_to_br", "raw", "safe"];
/// Stands around the number of a hole: of the private use area, so that no text has it.
const HOLE: char = '\u{f8f0}';

/// The HTML without its marks, styles and scripts; links are numbered and listed at the end.
fn read(html: &str) -> String {
    if html.len() > HTML_BYTES_MAX {
        return String::new();
    }
    // Mails are laid out in tables: cells are read one after the other, and have no frames.
    let reader = html2text::config::plain().raw_mode(true);
    let text = reader.string_from_read(html.as_bytes(), WIDTH).unwrap_or_default();
    let text = text.trim();
    match text.is_empty() {
        true => String::new(),
        false => format!("{text}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_and_links_stay_and_nothing_of_what_machines_read() {
        let html = "<html><head><title>Shop</title><style>p { color: #c0ffee }</style></head>\
            <body><script>let secret = 1;</script><style>.x{}</style>\
            <table width=\"600\"><tr><td><p>Hello Ana &amp; Bo &lt;3</p></td>\
            <td><a href=\"https://shop.example/a?b=1&amp;c=2\">Look</a></td></tr></table>\
            <img src=\"cid:logo\" alt=\"Kettle\"><img src=\"https://x.example/pixel.gif\"></body>";
        let text = of(None, Some(html)).unwrap();
        for wanted in ["Hello Ana & Bo <3", "Look", "https://shop.example/a?b=1&c=2", "Kettle"] {
            assert!(text.contains(wanted), "{wanted} in {text}");
        }
        for machine in ["c0ffee", "secret", ".x", "600", "cid:", "pixel", "&amp;", "─", "|"] {
            assert!(!text.contains(machine), "{machine} in {text}");
        }
        assert_eq!(of(Some("Own\n".into()), Some(html)).as_deref(), Some("Own\n"));
    }

    #[test]
    fn a_template_with_values_alone_is_read_once() {
        use cauce_core::template::{self, Escape, Options};
        use cauce_core::time::Timestamp;
        let html = "<p>Hello {{ profile.name | default: \"you\" }} &amp; {{ profile.friend }},</p>\
            <a href=\"{{ links.shop | append: \"?a=<b>\" }}\">look</a>\
            <img alt=\"{{ profile.pet }}\" src=x>";
        let values = serde_json::json!({ "links": { "shop": "https://shop.example/a" },
            "profile": { "friend": "Bo", "pet": "Cat" } });
        let values: cauce_core::value::Value = serde_json::from_value(values).unwrap();
        let fill = |text: &str, escape| {
            let parsed = template::parse(text, &Default::default()).unwrap();
            let options = Options { escape, ..Options::new(Timestamp(0)) };
            template::render(&parsed, &values, &options).unwrap()
        };
        let text = template_of(html).unwrap();
        let filled_then_read = read(&fill(html, Escape::Html));
        assert_eq!(fill(&text, Escape::None), filled_then_read, "{text}");
        assert!(filled_then_read.contains("Hello you & Bo,"), "{filled_then_read}");
        assert_eq!(template_of("<p>{{ event.note | newline_to_br }}</p>"), None);
        for other in
            ["{% for a in b %}<a href=\"{{ a }}\">x</a>{% endfor %}", "<img src=x>", "{{ a"]
        {
            assert_eq!(template_of(other), None, "{other}");
        }
    }

    #[test]
    fn where_nothing_is_said_in_words_there_is_none() {
        for html in ["", " \n", "<p>&nbsp;</p>", "<img src=\"a.png\">", "<style>p{}</style>"] {
            assert_eq!(of(None, Some(html)), None, "{html}");
        }
        assert_eq!(of(Some(" \n".into()), None), None);
        assert_eq!(of(Some(" \n".into()), Some("<p>Hi</p>")).as_deref(), Some("Hi\n"));
        assert_eq!(of(None, None), None);
    }

    #[test]
    fn html_that_nobody_would_write_takes_no_long_time() {
        let half = HTML_BYTES_MAX / 2;
        let cases = [
            "<div>".repeat(half / 5),
            "<blockquote><p>".repeat(half / 15),
            "<table><tr><td>".repeat(half / 15),
            format!("<table><tr><td colspan={0}>a<td colspan={0}>b</table>", u64::MAX / 3),
            "<a href=x>y".repeat(half / 11),
            "<p>".repeat(half / 3),
        ];
        for html in cases {
            let started = std::time::Instant::now();
            let made = of(None, Some(&html)).map_or(0, |text| text.len());
            let took = started.elapsed();
            let begin: String = html.chars().take(40).collect();
            assert!(took.as_secs() < 30, "{begin}: {took:?}, {made} bytes");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_nothing_breaks(
            parts in proptest::collection::vec(prop_oneof![
                proptest::sample::select(vec![
                    "<table>", "<tr>", "<td rowspan=9>", "<td colspan=0>", "</table>", "<ul>",
                    "<ol start=-9>", "<li>", "<pre>", "<a href='x'>", "</a>", "<img alt=b>",
                    "<s>", "<sup>2", "<dl><dt>", "<dd>", "<blockquote>", "<h1>", "</p>",
                    "<svg><title>", "<template>", "<br>", "<!--", "<style>", "\t",
                ]).prop_map(str::to_owned),
                "[a-z&;\u{200d}\u{4f60}\u{202e} \n]{0,12}",
            ], 0..40),
        ) {
            of(None, Some(&parts.concat()));
        }
    }

    #[test]
    fn an_address_is_never_broken_however_long() {
        let address = format!("https://shop.example/{}", "a-b/".repeat(400));
        let html = format!("<p>{} <a href=\"{address}\">here</a></p>", "word ".repeat(900));
        assert!(of(None, Some(&html)).unwrap().contains(&address));
    }
}
