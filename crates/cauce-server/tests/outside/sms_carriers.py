"""Twilio's and Vonage's APIs as far as they carry text messages, on loopback.

Every request is checked: Twilio's against the fields of CreateMessage (twilio-oai
twilio_api_v2010), Vonage's by the model of its own SDK. Reports and inbound messages are signed by
the vendors' own code: `twilio.request_validator` and `vonage_http_client.auth` (and PyJWT, by
which that SDK verifies). Arguments: Twilio's token, Vonage's secret, Vonage's signature secret.
Writes its port as its first line, and ends when its standard input ends.

What it does depends on the last digits of the number:
404 no such number, 610 stopped at the carrier, 429 too fast once, 005 fails to arrive (unknown
handset), 003 fails to arrive for now, 503 nothing works; anything else is delivered, and that is
told twice, late and against itself.
"""

import base64
import hashlib
import http.server
import json
import re
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import jwt
from twilio.request_validator import RequestValidator
from vonage_http_client.auth import Auth
from vonage_sms import SmsMessage

TOKEN, SECRET, SIGNATURE = sys.argv[1:4]
ACCOUNT, KEY = "AC" + "0" * 32, "vonage-key"
FIELDS = {
    "To", "StatusCallback", "ApplicationSid", "MaxPrice", "ProvideFeedback", "Attempt",
    "ValidityPeriod", "ForceDelivery", "ContentRetention", "AddressRetention", "SmartEncoded",
    "PersistentAction", "TrafficType", "ShortenUrls", "ScheduleType", "SendAt", "SendAsMms",
    "ContentVariables", "RiskCheck", "From", "FallbackFrom", "MessagingServiceSid", "Body",
    "MediaUrl", "ContentSid", "MessageIntent",
}
lock = threading.Lock()
asked, told, faults, throttled = [], [], [], set()


def fault(text):
    with lock:
        faults.append(text)


def call(url, body, headers, method="POST"):
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def by_twilio(url, params, tamper=None):
    signature = RequestValidator(TOKEN).compute_signature(url, params)
    sent = dict(params)
    if tamper == "field":
        sent[next(iter(sent))] += "x"
    elif tamper == "more":
        sent["Extra"] = "1"
    elif tamper == "address":
        url += "?x=1"
    elif tamper == "signature":
        signature = base64.b64encode(b"x" * 20).decode()
    elif tamper == "none":
        signature = ""
    body = urllib.parse.urlencode(sent).encode()
    return call(url, body, {"x-twilio-signature": signature,
                            "content-type": "application/x-www-form-urlencoded"})


def by_vonage(url, params, way="form", tamper=None):
    params = {name: str(value) for name, value in params.items()}
    if way == "jwt":
        body = json.dumps(params).encode()
        claims = {"iat": int(time.time()), "iss": "Vonage", "api_key": KEY,
                  "payload_hash": hashlib.sha256(body).hexdigest()}
        secret = SIGNATURE if tamper != "signature" else SIGNATURE + "x"
        token = jwt.encode(claims, secret, algorithm="HS256")
        if tamper == "field":
            body = body.replace(b"{", b'{"more": "1", ', 1)
        headers = {"content-type": "application/json"}
        if tamper != "none":
            headers["authorization"] = f"Bearer {token}"
        return call(url, body, headers)
    auth = Auth(api_key=KEY, signature_secret=SIGNATURE, signature_method="sha256")
    params["timestamp"] = str(int(time.time()))
    sig = auth.sign_params(dict(params))
    if tamper == "field":
        params[next(iter(params))] += "x"
    if tamper == "more":
        params["extra"] = "1"
    if tamper == "signature":
        sig = "0" * len(sig)
    if tamper != "none":
        params["sig"] = sig
    text = urllib.parse.urlencode(params)
    if way == "get":
        return call(f"{url}?{text}", None, {}, "GET")
    return call(url, text.encode(), {"content-type": "application/x-www-form-urlencoded"})


def keep_telling(tell):
    def run():
        for args in tell:
            for _ in range(100):
                try:
                    status, text = args[0](*args[1:])
                except OSError:
                    # Who is told is not there for a moment, or the test is over.
                    time.sleep(0.1)
                    continue
                with lock:
                    told.append(status)
                if status not in (404, 429, 503):
                    break
                time.sleep(0.1)
    threading.Thread(target=run, daemon=True).start()


def twilio_reports(form, sid):
    url, to = form.get("StatusCallback"), form["To"]
    if not url:
        return
    report = {"AccountSid": ACCOUNT, "MessageSid": sid, "SmsSid": sid, "To": to,
              "From": form.get("From", ""), "ApiVersion": "2010-04-01"}
    code = {"005": "30005", "003": "30003"}.get(to[-3:])
    if code:
        states = [("sent", None), ("undelivered", code), ("undelivered", code), ("delivered", None)]
    else:
        states = [("queued", None), ("delivered", None), ("sent", None), ("delivered", None),
                  ("undelivered", "30005")]
    tell = []
    for state, code in states:
        more = {"ErrorCode": code} if code else {}
        tell.append((by_twilio, url, {**report, **more, "MessageStatus": state}))
    keep_telling(tell)


def twilio(handler, path, form):
    if path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
        return 404, {"code": 20404, "message": "not found", "status": 404}
    login = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    if handler.headers["authorization"] != login:
        return 401, {"code": 20003, "message": "Authenticate", "status": 401}
    if set(form) - FIELDS:
        fault(f"no fields of CreateMessage: {set(form) - FIELDS}")
    if not ("From" in form or "MessagingServiceSid" in form) or "Body" not in form:
        fault(f"incomplete: {form}")
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", form.get("To", "")):
        fault(f"To: {form.get('To')}")
    if not 1 <= int(form.get("ValidityPeriod", "1")) <= 36000:
        fault(f"ValidityPeriod: {form['ValidityPeriod']}")
    if form.get("SmartEncoded") not in (None, "true", "false"):
        fault(f"SmartEncoded: {form['SmartEncoded']}")
    if len(form["Body"]) > 1600:
        return 400, {"code": 21617, "message": "too long", "status": 400}
    end = form["To"][-3:]
    if end in ("404", "610"):
        code = {"404": 21211, "610": 21610}[end]
        return 400, {"code": code, "message": "no", "status": 400}
    if end == "503":
        return 503, {}
    if end == "429" and form["To"] not in throttled:
        throttled.add(form["To"])
        return 429, {"code": 20429, "message": "slow down", "status": 429}
    sid = "SM" + hashlib.md5(f"{form['To']}{form['Body']}{time.time()}".encode()).hexdigest()
    twilio_reports(form, sid)
    return 201, {"sid": sid, "status": "queued", "error_code": None, "num_segments": "1"}


def vonage_reports(form, ids):
    url = form.get("callback")
    if not url or form.get("status-report-req") != "1":
        return
    end, tell = form["to"][-3:], []
    for place, part in enumerate(ids):
        report = {"msisdn": form["to"], "to": form["from"], "network-code": "21401",
                  "messageId": part, "price": "0.03", "scts": "2611291200", "err-code": "0",
                  "api-key": KEY, "client-ref": form["client-ref"], "status": "delivered"}
        if end == "005":
            report.update({"status": "failed", "err-code": "9"})
        way = ("form", "get", "jwt")[place % 3]
        tell.append((by_vonage, url, {**report, "status": "buffered"}, way))
        tell.append((by_vonage, url, report, way))
        tell.append((by_vonage, url, report, "jwt"))
    tell.append((by_vonage, url, {**report, "status": "failed", "err-code": "2"}, "form"))
    keep_telling(tell)


def vonage(form):
    if (form.pop("api_key", None), form.pop("api_secret", None)) != (KEY, SECRET):
        return 200, {"message-count": "1", "messages": [{"status": "4", "error-text": "bad"}]}
    try:
        known = {field.serialization_alias or name: name
                 for name, field in SmsMessage.model_fields.items()}
        if set(form) - set(known):
            fault(f"no fields of the SMS API: {set(form) - set(known)}")
        message = SmsMessage(**{known[name]: value for name, value in form.items()})
    except Exception as error:
        fault(f"the SDK's model: {error!r}")
        return 200, {"message-count": "1", "messages": [{"status": "2"}]}
    if message.to.startswith("+") or message.from_.startswith("+"):
        fault(f"a plus: {form}")
    end = message.to[-3:]
    if end in ("404", "610", "503"):
        status = {"404": "33", "610": "7", "503": "5"}[end]
        return 200, {"message-count": "1", "messages": [{"status": status, "error-text": "no"}]}
    if end == "429" and message.to not in throttled:
        throttled.add(message.to)
        return 200, {"message-count": "1", "messages": [{"status": "1", "error-text": "slow"}]}
    wide = message.type == "unicode"
    size = len(message.text.encode("utf-16-be")) // 2 if wide else len(message.text)
    single, part = (70, 67) if wide else (160, 153)
    count = 1 if size <= single else -(-size // part)
    ids = [f"{message.client_ref}{n}"[-16:] + str(n) for n in range(count)]
    vonage_reports(form, ids)
    messages = [{"to": message.to, "message-id": part, "status": "0"} for part in ids]
    return 200, {"message-count": str(count), "messages": messages}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        with lock:
            self.answer(200, {"asked": asked, "told": told, "faults": faults})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/say":
            wanted = json.loads(body)
            tell = by_twilio if wanted.pop("carrier") == "twilio" else by_vonage
            status, text = tell(**wanted)
            return self.answer(200, {"status": status, "text": text})
        pairs = urllib.parse.parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)
        form = dict(pairs)
        if len(form) != len(pairs):
            fault(f"a field twice: {pairs}")
        if self.headers["content-type"] != "application/x-www-form-urlencoded":
            fault(f"content-type: {self.headers['content-type']}")
        kept = {name: value for name, value in form.items() if name != "api_secret"}
        with lock:
            asked.append({"path": self.path, **kept})
        try:
            answer = vonage(form) if self.path == "/sms/json" else twilio(self, self.path, form)
        except Exception as error:
            fault(repr(error))
            answer = 500, {}
        self.answer(*answer)

    def answer(self, status, content):
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
