// Verifies signatures with mailauth, whose code is JavaScript's and Node's: RSA and Ed25519.
//
// Reads what messages.py reads, and of that `raw` and `records` alone; writes the same summary.

const readline = require("readline");
const { dkimVerify } = require("mailauth/lib/dkim/verify");

// The results of a message's signatures, by algorithm. Names are answered here, from what is known.
async function verify(raw, records) {
  const resolver = async (name, type) => {
    if (type !== "TXT" || !(name in records)) {
      throw Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
    }
    return [records[name].match(/.{1,255}/gs)];
  };
  const { results } = await dkimVerify(raw, { resolver });
  return results.map((one) => [one.algo, one.status.result]);
}

async function main() {
  let checked = 0;
  let signatures = 0;
  let tampered = 0;
  const failures = [];
  const fail = (what, found) => failures.push({ message: checked, what, found });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const expected = JSON.parse(line);
    const raw = Buffer.from(expected.raw, "base64");
    const found = await verify(raw, expected.records);
    const algorithms = found.map(([algorithm]) => algorithm).sort();
    if (algorithms.join() !== "ed25519-sha256,rsa-sha256") fail("algorithms", found);
    for (const [algorithm, result] of found) {
      if (result === "pass") signatures += 1;
      else fail(algorithm, found);
    }
    if (checked < 25) {
      // Latin-1 keeps every byte as it is.
      const text = raw.toString("latin1");
      const changed = {
        "a changed body": text + "x\r\n",
        "a second Subject": "Subject: other\r\n" + text,
        "a second Reply-To": "Reply-To: x@example.com\r\n" + text,
        "a removed List-Unsubscribe": text.replace("\r\nList-Unsubscribe:", "\r\nX-Unsubscribe:"),
      };
      for (const [what, other] of Object.entries(changed)) {
        const results = await verify(Buffer.from(other, "latin1"), expected.records);
        tampered += results.length;
        if (results.some(([, result]) => result === "pass")) fail(what, results);
      }
    }
    checked += 1;
  }
  const summary = { checked, signatures, tampered, failures: failures.length };
  summary.first = failures.slice(0, 5);
  process.stdout.write(JSON.stringify(summary) + "\n");
  process.exit(failures.length ? 1 : 0);
}

main();
