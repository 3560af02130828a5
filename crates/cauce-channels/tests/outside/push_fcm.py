"""A stand-in for FCM's HTTP v1 and for the server of tokens: every message is held against Google's
own discovery document, out of the package google-api-python-client.

Arguments: the public key of the account (PEM), and what to answer as JSON: for each device token a
list of answers, of which the last one repeats. Prints its port, and a line of JSON per request.
"""

import base64, json, re, sys, threading, urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

account_key, answers = sys.argv[1:3]
answers = json.loads(answers)
account = serialization.load_pem_public_key(open(account_key, "rb").read())
document = files("googleapiclient.discovery_cache.documents").joinpath("fcm.v1.json")
document = json.loads(document.read_text())
schemas = document["schemas"]
send = document["resources"]["projects"]["resources"]["messages"]["methods"]["send"]
given, lock, issued = {}, threading.Lock(), []


def check(schema, value, at):
    """What does not fit, by Google's own words."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"]]
    kind = schema.get("type")
    if kind == "object":
        if not isinstance(value, dict):
            return [f"{at}: no object"]
        if "properties" not in schema:
            inner = schema.get("additionalProperties", {})
            return [f for n, v in value.items() for f in check(inner, v, f"{at}.{n}")]
        found = []
        for name, inner in value.items():
            if name not in schema["properties"]:
                # JSON may spell a field as its proto does.
                camel = re.sub(r"_(.)", lambda m: m.group(1).upper(), name)
                if camel not in schema["properties"]:
                    found.append(f"{at}.{name}: unknown")
                    continue
                name = camel
            found += check(schema["properties"][name], inner, f"{at}.{name}")
        return found
    if kind == "array":
        if not isinstance(value, list):
            return [f"{at}: no array"]
        return [f for i, v in enumerate(value) for f in check(schema["items"], v, f"{at}.{i}")]
    if kind == "string":
        if not isinstance(value, str):
            return [f"{at}: no string"]
        if "enum" in schema and value not in schema["enum"]:
            return [f"{at}: {value} is none of {schema['enum']}"]
        if schema.get("format") == "google-duration" and not re.fullmatch(r"\d+(\.\d+)?s", value):
            return [f"{at}: {value} is no duration"]
    if kind == "integer" and (not isinstance(value, int) or isinstance(value, bool)):
        return [f"{at}: no integer"]
    if kind == "boolean" and not isinstance(value, bool):
        return [f"{at}: no boolean"]
    return []


def unpad(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body, headers=()):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/token":
            return self.token(body)
        want = "/" + send["path"].replace("{+parent}", "projects/shop-1")
        faults = [] if self.path == want else [f"path {self.path}, not {want}"]
        bearer = self.headers.get("authorization", "")
        if bearer.removeprefix("Bearer ") not in issued:
            faults.append("authorization")
        request = json.loads(body)
        faults += check({"$ref": send["request"]["$ref"]}, request, "request")
        device = request["message"]["token"]
        with lock:
            nth = given.get(device, 0)
            given[device] = nth + 1
            listed = answers.get(device, [{"status": 200}])
            answer = listed[min(nth, len(listed) - 1)]
            print(json.dumps({"device": device, "request": request, "faults": faults,
                              "bearer": bearer}), flush=True)
        if answer["status"] == 200:
            return self.reply(200, {"name": f"projects/shop-1/messages/{device}-{nth}"})
        headers = [(n, str(answer[n])) for n in ("retry-after",) if n in answer]
        self.reply(answer["status"], {"error": answer.get("error", {})}, headers)

    def token(self, body):
        form = dict(urllib.parse.parse_qsl(body.decode()))
        text, _, signature = form["assertion"].rpartition(".")
        head, claims = (json.loads(unpad(part)) for part in text.split("."))
        faults = []
        try:
            account.verify(unpad(signature), text.encode(), padding.PKCS1v15(), hashes.SHA256())
        except Exception:
            faults.append("signature")
        if head.get("alg") != "RS256" or head.get("kid") != "key-1":
            faults.append("header")
        here = f"http://127.0.0.1:{self.server.server_address[1]}/token"
        if claims["aud"] != here or claims["exp"] - claims["iat"] != 3600:
            faults.append("claims")
        if "firebase.messaging" not in claims["scope"]:
            faults.append("scope")
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            faults.append("grant_type")
        with lock:
            issued.append(f"access-{len(issued)}")
            access = issued[-1]
            print(json.dumps({"token": access, "faults": faults}), flush=True)
        self.reply(200, {"access_token": access, "expires_in": 3599, "token_type": "Bearer"})


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
