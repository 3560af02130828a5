"""Parses composed messages with Python's e-mail package and verifies their signatures with dkimpy.

Reads one JSON object per line: `raw` (base64), `records` (DNS name to text), and, unless only the
signatures are asked about, the expected `subject`, `from`, `to` (name and address), `text`, `html`,
`headers`. Writes a summary; its exit code says whether everything agreed.
"""

import base64
import email
import email.policy
import email.utils
import json
import sys
from email.header import decode_header, make_header

import dkim

checked = signatures = tampered = 0
failures = []


def fail(number, what, found, expected):
    failures.append({"message": number, "what": what, "found": found, "expected": expected})


def lines(text):
    return None if text is None else text.replace("\r\n", "\n").rstrip("\n")


def parts(message):
    if message.get_content_type() != "multipart/alternative":
        return message, None
    text, html = message.get_payload()
    return text, html


def addresses(raw, name):
    # Not: the new policy's `addresses`. Python 3.11 puts a blank between adjacent encoded words of
    # a display name, against RFC 2047; its older decoder does not.
    value = email.message_from_bytes(raw)[name]
    return [
        [str(make_header(decode_header(phrase))), address]
        for phrase, address in email.utils.getaddresses([value])
    ]


def verify(raw, records, index):
    def answer(name, timeout=5):
        return records[name.decode().rstrip(".")].encode()

    try:
        return dkim.DKIM(raw).verify(idx=index, dnsfunc=answer)
    except dkim.DKIMException as error:
        return str(error) or False


def compare(message, raw, expected, same):
    for part in message.walk():
        same("defects", [str(d) for d in part.defects], [])
    for name in message.keys():
        same("defects of " + name, [str(d) for d in message[name].defects], [])
    for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"):
        same("count of " + name, len(message.get_all(name, [])), 1)
    same("subject", str(message["subject"]), expected["subject"])
    same("from", addresses(raw, "from"), [expected["from"]])
    same("to", addresses(raw, "to"), [expected["to"]])
    for name, value in expected["headers"]:
        same(name, str(message[name]), value)
    text, html = parts(message)
    same("text type", text.get_content_type(), "text/plain")
    same("text", lines(text.get_content()), lines(expected["text"]))
    same("html", lines(html.get_content()) if html else None, lines(expected["html"]))


for number, line in enumerate(sys.stdin):
    expected = json.loads(line)
    raw = base64.b64decode(expected["raw"])
    message = email.message_from_bytes(raw, policy=email.policy.SMTP)
    checked += 1

    def same(what, found, want):
        if found != want:
            fail(number, what, found, want)

    if "subject" in expected:
        compare(message, raw, expected, same)
    count = len(message.get_all("DKIM-Signature", []))
    same("signatures", count, len(expected["records"]))
    for index in range(count):
        signatures += 1
        same("signature %d" % index, verify(raw, expected["records"], index), True)
    if number < 25 and count:
        head, _, body = raw.partition(b"\r\n\r\n")
        for what, changed in (
            ("a changed body", head + b"\r\n\r\n" + body.replace(b"=_msg", b"=_nsg") + b"x\r\n"),
            ("a second Subject", b"Subject: other\r\n" + raw),
            ("a second Reply-To", b"Reply-To: x@example.com\r\n" + raw),
            ("a removed List-Unsubscribe", raw.replace(b"\r\nList-Unsubscribe:", b"\r\nX-Unsubscribe:")),
        ):
            for index in range(count):
                tampered += 1
                if verify(changed, expected["records"], index) is True:
                    fail(number, what, "verified", "not verified")

print(json.dumps({
    "checked": checked,
    "signatures": signatures,
    "tampered": tampered,
    "failures": len(failures),
    "first": failures[:5],
}))
sys.exit(1 if failures else 0)
