//! A text with less to pay: characters that GSM 03.38 lacks, written with those that it has. Only
//! where an author asks for it, since it changes what people read.

use super::alphabet::septets;
use crate::prelude::*;
use unicode_normalization::UnicodeNormalization;

/// What typesetting and keyboards put where a telephone's alphabet has something plainer.
///
/// Source: names and compatibility mappings of the Unicode Character Database, version 17.0
/// (September 2025); chosen by us. Letters with marks need no line: they are decomposed, and lose
/// the marks. Alphabets other than Latin, and pictures, stay as they are.
const PLAIN: [(&str, &str); 24] = [
    ("‘’‚‛′ʹʻʼʽˈ´`", "'"),
    ("“”„‟″«»‹›＂", "\""),
    ("‐‑‒–—―−⁃﹣－", "-"),
    ("…", "..."),
    ("•‣◦∙·●▪", "*"),
    ("\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}", " "),
    ("\u{2008}\u{2009}\u{200a}\u{202f}\u{205f}\u{3000}\t", " "),
    ("\u{200b}\u{2060}\u{feff}\u{ad}\u{200e}\u{200f}\u{fe0e}\u{fe0f}", ""),
    ("\u{2028}\u{2029}\u{85}\u{b}", "\n"),
    ("⁄∕÷", "/"),
    ("×", "x"),
    ("№", "No"),
    ("™", "(TM)"),
    ("©", "(C)"),
    ("®", "(R)"),
    ("°º", "o"),
    ("ª", "a"),
    ("ł", "l"),
    ("Ł", "L"),
    ("đð", "d"),
    ("ĐÐ", "D"),
    ("ı", "i"),
    ("Œ", "OE"),
    ("œ", "oe"),
];

/// The text with plainer characters where there are some; what has none stays.
pub fn transliterate(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    // Composed first: `e` and an accent after it are the `é` of the alphabet.
    for c in text.nfc() {
        if septets(c).is_some() {
            plain.push(c);
        } else if let Some((_, instead)) = PLAIN.iter().find(|(from, _)| from.contains(c)) {
            plain.push_str(instead);
        } else {
            without_marks(c, &mut plain);
        }
    }
    plain
}

/// A letter without its marks, or a compatible form (`ﬁ`, `①`, `²`), if the alphabet has all of
/// it; else the character as it is.
fn without_marks(c: char, plain: &mut String) {
    let kept = plain.len();
    for part in core::iter::once(c).nfkd() {
        if septets(part).is_some() {
            plain.push(part);
        } else if !unicode_normalization::char::is_combining_mark(part) {
            plain.truncate(kept);
            plain.push(c);
            return;
        }
    }
    if plain.len() == kept {
        // A mark alone, after something that cannot carry it: it is part of a picture or of
        // another alphabet.
        plain.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::super::encoding_of;
    use super::*;
    use crate::message::content::sms::Encoding;

    fn check(text: &str, expected: &str) {
        assert_eq!(transliterate(text), expected, "{text}");
        assert_eq!(transliterate(expected), expected, "{text} twice");
    }

    #[test]
    fn plain_where_it_can_be() {
        check("It’s “here” — now…", "It's \"here\" - now...");
        check("¡Olé, mañana en Ávila! 12 €", "¡Olé, mañana en Avila! 12 €");
        check("Zażółć gęślą jaźń", "Zazolc gesla jazn");
        check("Příliš žluťoučký kůň", "Prilis zlutoucky kun");
        check("garc\u{327}on, o\u{f9}", "garcon, où");
        check("ﬁve ② m² №5", "five 2 m2 No5");
        check("Fiançailles d’été\u{a0}: 5\u{202f}€", "Fiancailles d'été : 5 €");
        assert_eq!(encoding_of(&transliterate("L’Œuvre — 20 % de réduction")), Encoding::Gsm7);
    }

    #[test]
    fn what_has_no_plainer_form_stays() {
        for text in ["Привет", "你好", "👩\u{200d}👧", "Ω = 5", "क्षि"] {
            check(text, text);
        }
    }

    proptest::proptest! {
        #[test]
        fn what_the_alphabet_has_stays(text in "[ -_a-z{|}~€¡¿ñäöüàèéùìòÇØøÅåÆæßÉ\n]{0,60}") {
            proptest::prop_assert_eq!(transliterate(&text), text);
        }

        #[test]
        fn any_text_is_written(text in "\\PC{0,60}") {
            transliterate(&text);
        }
    }
}
