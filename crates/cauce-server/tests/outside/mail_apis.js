// Mailgun's and Postmark's own clients against the emulator of mail_apis.py: node mail_apis.js PORT.
"use strict";
const FormData = require("form-data");
const Mailgun = require("mailgun.js").default || require("mailgun.js");
const postmark = require("postmark");

const port = Number(process.argv[2]);
const raw =
  "From: Shop <hello@shop.example>\r\nTo: sdk@example.com\r\nSubject: Your code 17\r\n" +
  "Message-ID: <sdk@shop.example>\r\n\r\n17\r\n";

async function main() {
  const mailgun = new Mailgun(FormData).client({
    username: "api",
    key: "mailgun-test-key",
    url: `http://127.0.0.1:${port}`,
  });
  const queued = await mailgun.messages.create("mg.shop.example", {
    to: "sdk@example.com",
    message: raw,
    "o:tracking": "no",
    "o:tracking-clicks": "no",
    "o:tracking-opens": "no",
    "v:cauce-message": "sdk",
  });
  if (!queued.id) throw new Error(JSON.stringify(queued));
  const client = new postmark.ServerClient("postmark-test-token", {
    useHttps: false,
    requestHost: `127.0.0.1:${port}`,
  });
  const sent = await client.sendEmail({
    From: '"Shop" <hello@shop.example>',
    To: "sdk@example.com",
    Subject: "Your code 17",
    TextBody: "17",
    Headers: [{ Name: "Auto-Submitted", Value: "auto-generated" }],
    Metadata: { "cauce-message": "sdk" },
    TrackOpens: false,
    TrackLinks: "None",
    MessageStream: "outbound",
  });
  if (sent.ErrorCode !== 0) throw new Error(JSON.stringify(sent));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
