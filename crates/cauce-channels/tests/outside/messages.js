// Parses composed messages with mailparser: a second reader besides Python's.
//
// Reads what messages.py reads; writes the same summary.

const readline = require("readline");
const { simpleParser } = require("mailparser");

const lines = (text) => (text || "").replace(/\r\n/g, "\n").replace(/\n+$/, "");

async function main() {
  let checked = 0;
  const failures = [];
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const expected = JSON.parse(line);
    const mail = await simpleParser(Buffer.from(expected.raw, "base64"), {
      skipTextToHtml: true,
      skipHtmlToText: true,
      skipTextLinks: true,
    });
    const same = (what, found, want) => {
      if (JSON.stringify(found) !== JSON.stringify(want)) {
        failures.push({ message: checked, what, found, expected: want });
      }
    };
    const mailbox = (header) => header.value.map((one) => [one.name, one.address]);
    same("subject", mail.subject, expected.subject);
    same("from", mailbox(mail.from), [expected.from]);
    same("to", mailbox(mail.to), [expected.to]);
    same("text", lines(mail.text), lines(expected.text));
    same("html", lines(mail.html || ""), lines(expected.html));
    same("attachments", mail.attachments.length, 0);
    checked += 1;
  }
  const summary = { checked, failures: failures.length, first: failures.slice(0, 5) };
  process.stdout.write(JSON.stringify(summary) + "\n");
  process.exit(failures.length ? 1 : 0);
}

main();
