//! Whether anybody can have a number, and what kind of line it is: every number of every region, as
//! libphonenumber knows it, in one automaton over digits.

/// Made by `tests/outside/phone_numbers.py`; its first lines say how it is read.
const NUMBERS: &str = include_str!("numbers.txt");

/// Bytes of a state: a label, ten times three digits of base 36, the end of the line.
const STATE_BYTES: usize = 32;

/// What kind of line a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// A mobile, or one that may be: in America nobody can tell.
    Mobile,
    /// A landline.
    Fixed,
    /// Who calls it pays for it: premium rate, shared cost.
    Premium,
    /// Free of charge, over the internet, a pager, a mailbox.
    Other,
}

/// What kind of line a number in the form of E.164 is; nothing, if it is assigned to nobody.
pub fn line(number: &str) -> Option<Line> {
    let digits = number.strip_prefix('+')?;
    let states = states();
    let mut at = states.len() / STATE_BYTES - 1;
    for digit in digits.bytes() {
        let digit = usize::from(digit.checked_sub(b'0').filter(|digit| *digit < 10)?);
        let place = at * STATE_BYTES + 1 + digit * 3;
        at = states[place..place + 3].iter().fold(0, |sum, letter| sum * 36 + base36(*letter));
        if at == 0 {
            return None;
        }
    }
    match states[at * STATE_BYTES] {
        b'1' => Some(Line::Other),
        b'2' => Some(Line::Fixed),
        b'3' => Some(Line::Mobile),
        b'4' => Some(Line::Premium),
        _ => None,
    }
}

/// The states, behind what is said of them.
fn states() -> &'static [u8] {
    let start = NUMBERS.rfind("\n#").map_or(0, |at| at + 1);
    let start = start + NUMBERS[start..].find('\n').map_or(0, |at| at + 1);
    &NUMBERS.as_bytes()[start..]
}

fn base36(letter: u8) -> usize {
    match letter {
        b'0'..=b'9' => usize::from(letter - b'0'),
        b'a'..=b'z' => usize::from(letter - b'a') + 10,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As phonenumbers 9.0.43 says.
    #[test]
    fn numbers_are_somebodys_or_nobodys() {
        let check = |number: &str, expected| assert_eq!(line(number), expected, "{number}");
        check("+34600112233", Some(Line::Mobile));
        check("+34911112222", Some(Line::Fixed));
        check("+34803112233", Some(Line::Premium));
        check("+12025550123", Some(Line::Mobile));
        check("+18005551234", Some(Line::Other));
        check("+80012345678", Some(Line::Other));
        check("+390612345678", Some(Line::Fixed));
        check("+447911123456", Some(Line::Mobile));
        // Kept free for films and plays.
        check("+447700900123", None);
        check("+3460011223", None);
        check("+346001122334", None);
        check("+34100112233", None);
        check("+210123456", None);
        check("+123456789012345", None);
        for bad in ["", "+", "34600112233", "+34 600112233", "+٣٤٦٠٠١١٢٢٣٣", "+346001122/3"]
        {
            check(bad, None);
        }
    }

    #[test]
    fn the_automaton_has_no_loose_end() {
        let states = states();
        assert_eq!(states.len() % STATE_BYTES, 0);
        let count = states.len() / STATE_BYTES;
        assert!(count > 1_000);
        for (at, state) in states.chunks(STATE_BYTES).enumerate() {
            assert_eq!(state[31], b'\n', "state {at}");
            assert!((b'0'..=b'4').contains(&state[0]), "state {at}");
            for next in state[1..31].chunks(3) {
                let next = next.iter().fold(0, |sum, letter| sum * 36 + base36(*letter));
                // What is behind a state stands before it: no number is endless.
                assert!(next < at || next == 0, "state {at} leads to {next}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn anything_is_read(text in "\\PC{0,24}|\\+[0-9]{0,24}") {
            let _ = line(&text);
        }
    }
}
