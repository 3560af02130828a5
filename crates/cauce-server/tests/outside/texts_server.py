"""A provider of text messages with an HTTP API, on loopback: what `examples/recipes/generic-sms` asks.

It counts parts by itself, signs its reports, and tells the test what it was asked. Written with the
standard library only, from the recipe's page and not from the code that is tested.
"""

import hashlib
import hmac
import json
import sys
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY, REPORTS = sys.argv[1:3]
BASIC = (
    "@\u00a3$\u00a5\u00e8\u00e9\u00f9\u00ec\u00f2\u00c7\n\u00d8\u00f8\r\u00c5\u00e5"
    "\u0394_\u03a6\u0393\u039b\u03a9\u03a0\u03a8\u03a3\u0398\u039e\u00c6\u00e6\u00df\u00c9"
    " !\"#\u00a4%&'()*+,-./0123456789:;<=>?\u00a1ABCDEFGHIJKLMNOPQRSTUVWXYZ\u00c4\u00d6\u00d1\u00dc"
    "\u00a7\u00bfabcdefghijklmnopqrstuvwxyz\u00e4\u00f6\u00f1\u00fc\u00e0"
)
EXTENDED = "^{}\\[~]|\u20ac\f"
asked, faults = [], []


def segments(text):
    """Parts by GSM 03.38 and UCS-2; good enough where no character stands at a border."""
    if all(c in BASIC or c in EXTENDED for c in text):
        units, single, several = sum(2 if c in EXTENDED else 1 for c in text), 160, 153
    else:
        units, single, several = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if units <= single else -(-units // several)


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, {"asked": asked, "faults": faults})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/say":
            return self.say(json.loads(body))
        if self.headers.get("authorization") != f"Bearer {KEY}":
            return self.answer(401, {"error": "who-are-you"})
        try:
            wanted = json.loads(body)
            names = {"reference", "from", "to", "text", "unicode", "validity"}
            assert set(wanted) == names, f"fields {sorted(wanted)}"
            assert wanted["to"].startswith("+") and wanted["to"][1:].isdigit(), "no number"
            assert isinstance(wanted["unicode"], bool) and isinstance(wanted["validity"], int)
            assert self.headers.get("idempotency-key") == wanted["reference"], "no key"
        except (ValueError, AssertionError) as fault:
            faults.append(f"{fault}: {body.decode(errors='replace')}")
            return self.answer(400, {"error": "malformed"})
        asked.append(wanted)
        last = wanted["to"][-1]
        if last == "9":
            return self.answer(422, {"error": "invalid-number"})
        if last == "8" and sum(one["to"] == wanted["to"] for one in asked) == 1:
            return self.answer(429, {"error": "too-fast", "retry_in": 1})
        parts = segments(wanted["text"])
        self.answer(202, {"id": f"sms-{len(asked)}", "segments": parts})

    def say(self, what):
        """Tells the process something, signed if it is a report."""
        body = json.dumps(what["document"]).encode()
        at = str(int(time.time()) - what.get("age", 0))
        key = what.get("key", REPORTS).encode()
        signature = hmac.new(key, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {
            "content-type": "application/json",
            "x-timestamp": at,
            "x-signature": signature,
        }
        request = urllib.request.Request(what["url"], body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                status = reply.status
        except urllib.error.HTTPError as error:
            status = error.code
        self.answer(200, {"status": status})


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
