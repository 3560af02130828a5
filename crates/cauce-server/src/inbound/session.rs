//! One SMTP conversation in which we are spoken to, without the wire: lines in, replies out. It
//! takes mail for addresses with our signature in them and for nobody else, and never sends any.

use cauce_core::ids::MessageId;

/// Limit: bytes of one command line. RFC 5321 asks for 512; SMTPUTF8 and parameters take more.
pub const LINE_BYTES_MAX: usize = 2_048;
/// Limit: recipients of one mail; RFC 5321 asks for 100.
pub const RECIPIENTS_MAX: usize = 100;
/// Limit: commands that cannot be followed, wrong recipients among them, in one conversation; then
/// it ends, so that guessing tokens is slow.
const FAULTS_MAX: u32 = 20;
/// Limit: commands of one conversation.
const COMMANDS_MAX: u32 = 10_000;
/// What a mail may have, all in all: beyond what any provider takes.
pub const SIZE_MAX: usize = 64 << 20;

/// What an address of ours is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desk {
    /// What came of a message.
    Return(MessageId),
    /// Its reader wants no more.
    Unsubscribe(MessageId),
    /// Its reader wrote back; whom it is for has the mail as well.
    Answer(MessageId),
    /// Whoever keeps this server. Feedback loops write there by agreement, and the message of which
    /// they complain is named by what they quote of it.
    Keeper,
}

/// What follows a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Say this.
    Say(String),
    /// Say this, and read the content of a mail.
    Content(String),
    /// Say this, and go on under TLS: with nothing that came before it.
    Secure(String),
    /// Say this, and hang up.
    End(String),
}

/// For whom a mail is, and who says that he sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Who sends; empty for what nobody may answer to.
    pub sender: String,
    /// For whom.
    pub desks: Vec<Desk>,
}

/// Where a conversation stands.
pub struct Session {
    name: String,
    /// Whether TLS can still be had.
    offers_tls: bool,
    greeted: bool,
    envelope: Option<Envelope>,
    faults: u32,
    commands: u32,
    /// Recipients that have no signature of ours.
    pub strangers: u32,
}

/// The words of a reply and their code.
fn say(text: &str) -> Step {
    Step::Say(format!("{text}\r\n"))
}

impl Session {
    /// Begins, under our name.
    pub fn new(name: &str, offers_tls: bool) -> Session {
        Session {
            name: name.to_owned(),
            offers_tls,
            greeted: false,
            envelope: None,
            faults: 0,
            commands: 0,
            strangers: 0,
        }
    }

    /// What is said first.
    pub fn greeting(&self) -> String {
        format!("220 {} ESMTP\r\n", self.name)
    }

    /// One line without its end. `desk` says what an address of ours is for.
    pub fn line(&mut self, line: &[u8], desk: &dyn Fn(&str) -> Option<Desk>) -> Step {
        self.commands += 1;
        if self.commands > COMMANDS_MAX {
            return self.end("421 4.7.0 too many commands");
        }
        let Ok(line) = str::from_utf8(line) else { return self.fault("500 5.5.2 not UTF-8") };
        if line.bytes().any(|byte| byte < b' ' && byte != b'\t') {
            return self.fault("500 5.5.2 control characters");
        }
        let (verb, rest) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.greet(rest, true),
            "HELO" => self.greet(rest, false),
            "MAIL" => self.mail(rest),
            "RCPT" => self.recipient(rest, desk),
            "DATA" => self.data(rest),
            "RSET" => {
                self.envelope = None;
                say("250 2.0.0 ok")
            }
            "NOOP" => say("250 2.0.0 ok"),
            // Not: saying whether an address is one of ours.
            "VRFY" => say("252 2.5.0 send it and see"),
            "QUIT" => self.end("221 2.0.0 bye"),
            "STARTTLS" if self.offers_tls && rest.is_empty() => {
                self.offers_tls = false;
                self.greeted = false;
                self.envelope = None;
                Step::Secure("220 2.0.0 go ahead\r\n".to_owned())
            }
            _ => self.fault("502 5.5.1 not known here"),
        }
    }

    /// The envelope of a mail whose content came; the next mail begins anew.
    pub fn taken(&mut self) -> Envelope {
        self.envelope.take().unwrap_or_default()
    }

    /// A line that is none: too long, or ended by a lone line feed.
    pub fn broken(&mut self, why: &str) -> Step {
        self.fault(&format!("500 5.5.2 {why}"))
    }

    fn end(&self, text: &str) -> Step {
        Step::End(format!("{text}\r\n"))
    }

    fn fault(&mut self, text: &str) -> Step {
        self.faults += 1;
        if self.faults > FAULTS_MAX {
            return self.end("421 4.7.0 too many errors");
        }
        say(text)
    }

    fn greet(&mut self, name: &str, extended: bool) -> Step {
        if name.trim().is_empty() {
            return self.fault("501 5.5.4 who are you");
        }
        self.greeted = true;
        self.envelope = None;
        if !extended {
            return Step::Say(format!("250 {}\r\n", self.name));
        }
        let mut said = format!(
            "250-{}\r\n250-PIPELINING\r\n250-SIZE {SIZE_MAX}\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n",
            self.name
        );
        if self.offers_tls {
            said.push_str("250-STARTTLS\r\n");
        }
        said.push_str("250 ENHANCEDSTATUSCODES\r\n");
        Step::Say(said)
    }

    fn mail(&mut self, rest: &str) -> Step {
        if !self.greeted {
            return self.fault("503 5.5.1 say EHLO first");
        }
        if self.envelope.is_some() {
            return self.fault("503 5.5.1 one mail at a time");
        }
        let Some((sender, parameters)) = path(rest, "FROM:") else {
            return self.fault("501 5.5.4 MAIL FROM:<address>");
        };
        for parameter in parameters.split_ascii_whitespace() {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name.to_ascii_uppercase().as_str() {
                "SIZE" if value.parse::<usize>().is_ok_and(|size| size <= SIZE_MAX) => {}
                "SIZE" => return self.fault("552 5.3.4 too large"),
                "BODY" | "SMTPUTF8" | "AUTH" | "RET" | "ENVID" => {}
                _ => return self.fault("555 5.5.4 a parameter is not known here"),
            }
        }
        self.envelope = Some(Envelope { sender: sender.to_owned(), desks: Vec::new() });
        say("250 2.1.0 ok")
    }

    fn recipient(&mut self, rest: &str, desk: &dyn Fn(&str) -> Option<Desk>) -> Step {
        let Some(envelope) = &mut self.envelope else {
            return self.fault("503 5.5.1 say MAIL first");
        };
        let Some((address, _)) = path(rest, "TO:") else {
            return self.fault("501 5.5.4 RCPT TO:<address>");
        };
        if envelope.desks.len() >= RECIPIENTS_MAX {
            return say("452 4.5.3 too many recipients");
        }
        match desk(address) {
            Some(found) => {
                envelope.desks.push(found);
                say("250 2.1.5 ok")
            }
            None => {
                self.strangers += 1;
                self.fault("550 5.1.1 no such address")
            }
        }
    }

    fn data(&mut self, rest: &str) -> Step {
        if !rest.is_empty() {
            return self.fault("501 5.5.4 DATA");
        }
        match &self.envelope {
            None => self.fault("503 5.5.1 say MAIL first"),
            Some(envelope) if envelope.desks.is_empty() => {
                self.fault("554 5.5.1 no valid recipients")
            }
            Some(_) => Step::Content("354 end with a line that is a dot\r\n".to_owned()),
        }
    }
}

/// The address of `FROM:<a@b> …` and what stands behind it.
fn path<'l>(rest: &'l str, word: &str) -> Option<(&'l str, &'l str)> {
    let head = rest.get(..word.len())?;
    let rest = head.eq_ignore_ascii_case(word).then(|| &rest[word.len()..])?;
    let inner = rest.trim_start().strip_prefix('<')?;
    let (address, behind) = inner.split_once('>')?;
    if !(behind.is_empty() || behind.starts_with(' ')) || address.contains('<') {
        return None;
    }
    // Limit: RFC 5321, 256 octets; some write more.
    (address.len() <= 512).then_some((address, behind))
}

/// The content of a mail as it comes: without the dots that were put in, up to the line that is
/// one. Only CR LF ends a line here, so that no two servers read one mail as two.
#[derive(Default)]
pub struct Content {
    /// What is kept of it.
    pub kept: Vec<u8>,
    /// Bytes, all in all.
    pub bytes: usize,
    state: Place,
    keep: usize,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    LineStart,
    Dot,
    DotReturn,
    Inside,
    Return,
}

impl Content {
    /// Keeps the first so many bytes; the rest is read and let go.
    pub fn keeping(keep: usize) -> Content {
        Content { keep, ..Content::default() }
    }

    fn put(&mut self, byte: u8) {
        self.bytes += 1;
        if self.kept.len() < self.keep {
            self.kept.push(byte);
        }
    }

    /// Takes bytes; says how many of them belong to the content if it is whole.
    pub fn take(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().copied().enumerate() {
            self.state = match (self.state, byte) {
                (Place::LineStart, b'.') => Place::Dot,
                (Place::Dot, b'\r') => Place::DotReturn,
                (Place::DotReturn, b'\n') => return Some(at + 1),
                (Place::DotReturn, byte) => {
                    self.put(b'\r');
                    self.after_return(byte)
                }
                (Place::Return, byte) => self.after_return(byte),
                (_, b'\r') => {
                    self.put(b'\r');
                    Place::Return
                }
                (_, byte) => {
                    self.put(byte);
                    Place::Inside
                }
            };
        }
        None
    }

    fn after_return(&mut self, byte: u8) -> Place {
        self.put(byte);
        match byte {
            b'\n' => Place::LineStart,
            b'\r' => Place::Return,
            _ => Place::Inside,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk(address: &str) -> Option<Desk> {
        address.starts_with("b-").then_some(Desk::Return(MessageId(1)))
    }

    fn check(session: &mut Session, line: &str, expected: &str) {
        let said = match session.line(line.as_bytes(), &desk) {
            Step::Say(said) => said,
            Step::Content(said) => format!("content {said}"),
            Step::Secure(said) => format!("secure {said}"),
            Step::End(said) => format!("end {said}"),
        };
        assert!(said.starts_with(expected), "{line}: {said}");
    }

    #[test]
    fn mail_is_taken_for_signed_addresses_only() {
        let mut session = Session::new("mx.example", true);
        check(&mut session, "MAIL FROM:<>", "503");
        check(&mut session, "EHLO there", "250-mx.example\r\n");
        check(&mut session, "RCPT TO:<b-1@rp.example>", "503");
        check(&mut session, "mail from:<> SIZE=1000 BODY=8BITMIME", "250");
        check(&mut session, "MAIL FROM:<>", "503");
        check(&mut session, "DATA", "554");
        check(&mut session, "RCPT TO:<ada@rp.example>", "550 5.1.1");
        check(&mut session, "rcpt to:<b-1@rp.example> NOTIFY=NEVER", "250");
        check(&mut session, "DATA", "content 354");
        let envelope = session.taken();
        assert_eq!(envelope.desks, [Desk::Return(MessageId(1))]);
        assert_eq!(session.strangers, 1);
        check(&mut session, "MAIL FROM:<a@b.example> SIZE=99999999999", "552");
        check(&mut session, "MAIL FROM:a@b.example", "501");
        check(&mut session, "STARTTLS", "secure 220");
        // What was said in the open does not hold any more.
        check(&mut session, "MAIL FROM:<>", "503");
        check(&mut session, "STARTTLS", "502");
        check(&mut session, "QUIT", "end 221");
    }

    #[test]
    fn who_guesses_is_cut_off() {
        let mut session = Session::new("mx.example", false);
        check(&mut session, "EHLO there", "250");
        check(&mut session, "MAIL FROM:<>", "250");
        for _ in 0..FAULTS_MAX {
            check(&mut session, "RCPT TO:<x@rp.example>", "550");
        }
        check(&mut session, "RCPT TO:<x@rp.example>", "end 421");
        let mut session = Session::new("mx.example", false);
        check(&mut session, "HELO there", "250 mx.example");
        check(&mut session, "MAIL FROM:<a@b.example>", "250");
        for _ in 0..RECIPIENTS_MAX {
            check(&mut session, "RCPT TO:<b-1@rp.example>", "250");
        }
        check(&mut session, "RCPT TO:<b-1@rp.example>", "452");
    }

    #[test]
    fn only_a_line_that_is_a_dot_ends_the_content() {
        let check = |bytes: &[u8], kept: &[u8], rest: Option<&[u8]>| {
            // Whole, and byte by byte.
            for step in [bytes.len(), 1] {
                let mut content = Content::keeping(1_000);
                let mut end = None;
                for (at, part) in bytes.chunks(step).enumerate() {
                    if let Some(length) = content.take(part) {
                        end = Some(at * step + length);
                        break;
                    }
                }
                let shown = String::from_utf8_lossy(bytes);
                assert_eq!(content.kept, kept, "{shown:?}");
                assert_eq!(end.map(|end| &bytes[end..]), rest, "{shown:?}");
            }
        };
        check(b"a\r\n.\r\nQUIT\r\n", b"a\r\n", Some(b"QUIT\r\n"));
        check(b".\r\n", b"", Some(b""));
        check(b"..a\r\n...\r\n.\r\n", b".a\r\n..\r\n", Some(b""));
        // Smuggled ends are none.
        for smuggled in ["a\n.\nb", "a\n.\r\nb", "a\r.\rb", "a\r\n.\nb", "a\r\n.\rb", "a\r.\r\nb"] {
            let mut content = Content::keeping(1_000);
            assert_eq!(content.take(smuggled.as_bytes()), None, "{smuggled:?}");
        }
        let mut content = Content::keeping(3);
        assert_eq!(content.take(b"abcdef\r\n.\r\n"), Some(11));
        assert_eq!((content.kept.as_slice(), content.bytes), (&b"abc"[..], 8));
    }
}
