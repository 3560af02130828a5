// A Node smtp-server for the outside tests: it offers PIPELINING, which aiosmtpd does not.
//
// Arguments: certificate, key, how many messages one connection takes before it is closed.
// Writes the port as its first line, then one JSON line per message. Ends with its input.

const fs = require("fs");
const { SMTPServer } = require("smtp-server");

const [certificate, key, share] = process.argv.slice(2);
const out = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const refuse = (code, text) => Object.assign(new Error(text), { responseCode: code });
const taken = new Map();

const server = new SMTPServer({
  authOptional: true,
  cert: fs.readFileSync(certificate),
  key: fs.readFileSync(key),
  logger: false,
  onMailFrom(_address, session, done) {
    const count = (taken.get(session.id) || 0) + 1;
    taken.set(session.id, count);
    done(count > Number(share) ? refuse(421, "4.7.0 enough for one connection") : null);
  },
  onRcptTo(address, _session, done) {
    const known = !address.address.startsWith("nobody");
    done(known ? null : refuse(550, "5.1.1 nobody of that name"));
  },
  onData(stream, session, done) {
    const chunks = [];
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("end", () => {
      out({
        to: session.envelope.rcptTo.map((rcpt) => rcpt.address),
        tls: Boolean(session.secure),
        session: session.id,
        bytes: Buffer.concat(chunks).toString("base64"),
      });
      done();
    });
  },
});

server.on("error", () => {});
server.listen(0, "127.0.0.1", () => out(server.server.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
