// Takes messages apart with mailparser: one line of base64 in, one of JSON out.

const readline = require("readline");
const { simpleParser } = require("mailparser");

const lines = (text) => (text ? text.replace(/\r\n/g, "\n").replace(/\n+$/, "") : null);

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const mail = await simpleParser(Buffer.from(line, "base64"), {
      skipTextToHtml: true,
      skipHtmlToText: true,
      skipTextLinks: true,
      keepCidLinks: true,
    });
    const files = mail.attachments.map((one) => [
      one.filename,
      one.contentType,
      one.contentId ? one.contentId.replace(/[<>]/g, "") : null,
      one.content.toString("base64"),
    ]);
    const parts = { files, text: lines(mail.text), html: lines(mail.html || ""), defects: [] };
    process.stdout.write(JSON.stringify(parts) + "\n");
  }
}

main();
