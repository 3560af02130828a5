"""A stand-in for a browser's push service, and for browsers: it makes subscriptions, and decrypts
what is pushed to them with http-ece.

Arguments: how many browsers, and the status to answer each with as JSON (a list). Prints its port
with their subscriptions, and then a line of JSON for each push.
"""

import base64, json, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import http_ece
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
import os

statuses = json.loads(sys.argv[1])
browsers = [(ec.generate_private_key(ec.SECP256R1()), os.urandom(16)) for _ in statuses]
lock = threading.Lock()


def pad(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unpad(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point(key):
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def vapid(self):
        scheme, _, rest = self.headers.get("authorization", "").partition(" ")
        fields = dict(part.strip().split("=", 1) for part in rest.split(","))
        text, _, signature = fields["t"].rpartition(".")
        signature = unpad(signature)
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unpad(fields["k"]))
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        key.verify(utils.encode_dss_signature(r, s), text.encode(), ec.ECDSA(hashes.SHA256()))
        claims = json.loads(unpad(text.split(".")[1]))
        return scheme, claims, fields["k"]

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        nth = int(self.path.rpartition("/")[2])
        key, auth = browsers[nth]
        plain = http_ece.decrypt(body, private_key=key, auth_secret=auth, version="aes128gcm")
        scheme, claims, public = self.vapid()
        with lock:
            print(json.dumps({
                "browser": nth, "plain": plain.decode(), "bytes": len(body), "scheme": scheme,
                "claims": claims, "key": public,
                "headers": {name.lower(): value for name, value in self.headers.items()},
            }), flush=True)
        status, *more = statuses[nth] if isinstance(statuses[nth], list) else [statuses[nth]]
        self.send_response(status)
        self.send_header("content-length", "0")
        for name, value in more:
            self.send_header(name, value)
        self.end_headers()


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
port = server.server_address[1]
print(port, flush=True)
for nth, (key, auth) in enumerate(browsers):
    print(json.dumps({"endpoint": f"http://127.0.0.1:{port}/push/{nth}",
                      "keys": {"p256dh": pad(point(key)), "auth": pad(auth)}}), flush=True)
server.serve_forever()
