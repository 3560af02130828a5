"""An HTTP server that verifies Standard Webhooks signatures with the standard's own library.

Argument: the secret. Writes the port as its first line. Answers with whether the request verified.
Ends when its standard input ends.
"""

import http.server
import json
import sys
import threading

from standardwebhooks.webhooks import Webhook

verifier = Webhook(sys.argv[1])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            verifier.verify(body, headers)
            fine, why = True, ""
        except Exception as error:
            fine, why = False, repr(error)
        changed = False
        try:
            verifier.verify(body + b" ", headers)
            changed = True
        except Exception:
            pass
        answer = json.dumps({"verified": fine and not changed, "why": why, "id": headers["webhook-id"]})
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
