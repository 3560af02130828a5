// Counts parts by sms-segments-calculator: texts as lines of JSON come in, for each a line goes
// out: encoding, parts, and the lengths of what it takes for characters, in units.

const { SegmentedMessage } = require("sms-segments-calculator");
const lines = require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
const out = lines.map((line) => {
  const seen = new SegmentedMessage(JSON.parse(line));
  const sizes = seen.encodedChars.map((c) => c.codeUnits.length);
  return JSON.stringify([seen.encodingName, seen.segmentsCount, sizes]);
});
process.stdout.write(out.join("\n") + "\n");
