// Amazon's own validator of SNS: reads the port of the emulator as argument and one body per line,
// in base64; answers each with a line, `true` or why not. Its certificates are fetched from the
// emulator instead of from Amazon, at the path that the envelope names.
"use strict";
const http = require("http");
const https = require("https");
const readline = require("readline");

const port = Number(process.argv[2]);
https.get = (url, heard) =>
  http.get({ host: "127.0.0.1", port, path: new URL(url).pathname }, heard);
const Validator = require("sns-validator");

const validator = new Validator();
// Limit: what is no envelope at all it throws at, as it is used from programs that catch.
const judge = (body) =>
  new Promise((resolve) => {
    try {
      validator.validate(body, (error) => resolve(error ? String(error.message) : true));
    } catch (error) {
      resolve(String(error));
    }
  });

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const said = await judge(Buffer.from(line, "base64").toString("utf8"));
    process.stdout.write(JSON.stringify(said) + "\n");
  }
  process.exit(0);
}

main();
