"""Providers of e-mail by HTTP, as their documentation has them: takes what the vendors' own clients
take, refuses what they would not say, and reports back signed as the vendors sign.

    mail_apis.py            serves on a free port of the loopback address and prints it
    mail_apis.py compare    sends one message by every vendor's own client to --to PORT

Kept requests are at GET /kept. POST /report {"vendor", "url", "event", …} posts an event to `url`,
signed; the answer is what came back. Recipients say how it goes: gone@, busy@, broken@.
"""

import base64
import datetime
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import re
import sys
import threading
import time
import urllib.error
import urllib.request

SES_KEY = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
SENDGRID_KEY = "SG.test-key"
MAILGUN_KEY = "mailgun-test-key"
MAILGUN_SIGNING = "mailgun-signing-key"
POSTMARK_TOKEN = "postmark-test-token"
POSTMARK_HOOK = ("postmark", "postmark-hook-password")
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TOPIC = "arn:aws:sns:us-east-1:123456789012:cauce"


class No(Exception):
    def __init__(self, status, body, headers=None):
        super().__init__(body)
        self.status, self.body, self.headers = status, body, headers or {}


def need(condition, no):
    if not condition:
        raise no


ADDRESS = re.compile(r"^[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")


def fate(address):
    return address.split("@")[0]


# SES, version 2 -------------------------------------------------------------------------------


def ses(handler, body):
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    def no(name, text, status=400):
        return No(status, {"message": text}, {"x-amzn-ErrorType": name})

    said = handler.headers.get("authorization", "")
    match = re.match(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/ses/aws4_request, ?"
        r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$",
        said,
    )
    need(match, no("IncompleteSignature", said, 403))
    key, _, region, names, signature = match.groups()
    need(key == SES_KEY[0], no("UnrecognizedClientException", "unknown key", 403))
    # Once more by botocore, from what came over the wire.
    headers = {name: handler.headers[name] for name in names.split(";")}
    need({"host", "x-amz-date"} <= set(headers), no("IncompleteSignature", names, 403))
    request = AWSRequest(
        "POST", "http://" + handler.headers["host"] + handler.path, headers=headers, data=body
    )
    request.context["timestamp"] = headers["x-amz-date"]
    again = SigV4Auth(Credentials(*SES_KEY), "ses", region)
    text = again.string_to_sign(request, again.canonical_request(request))
    need(
        again.signature(text, request) == signature,
        no("SignatureDoesNotMatch", "the signature is another one", 403),
    )
    document = json.loads(body)
    known = {"Destination", "Content", "EmailTags", "ConfigurationSetName"}
    need(set(document) <= known, no("BadRequestException", f"{set(document) - known}"))
    to = document["Destination"]["ToAddresses"]
    need(len(to) == 1 and ADDRESS.match(to[0]), no("BadRequestException", "Illegal address"))
    raw = base64.b64decode(document["Content"]["Raw"]["Data"], validate=True)
    for tag in document["EmailTags"]:
        need(re.fullmatch(r"[A-Za-z0-9_-]{1,256}", tag["Name"]), no("BadRequestException", "tag"))
        need(re.fullmatch(r"[A-Za-z0-9_.@-]{1,256}", tag["Value"]), no("BadRequestException", "tag"))
    if fate(to[0]) == "gone":
        raise no("MessageRejected", "Address is on the suppression list for your account")
    if fate(to[0]) == "busy":
        raise no("TooManyRequestsException", "Maximum sending rate exceeded.", 429)
    if fate(to[0]) == "broken":
        raise no("InternalFailure", "try later", 500)
    return 200, {"MessageId": "0100-" + hashlib.sha256(raw).hexdigest()[:16]}, {}, {
        "to": to[0], "tags": document["EmailTags"], "mime": mime(raw)}


def mime(raw):
    read = email.message_from_bytes(raw, policy=email.policy.default)
    body = read.get_body(("plain",))
    return {
        "headers": {name.lower(): str(value) for name, value in read.items()},
        "text": body.get_content() if body else None,
        "defects": [repr(defect) for part in read.walk() for defect in part.defects],
    }


# SendGrid -------------------------------------------------------------------------------------

SENDGRID_RESERVED = {
    "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type",
    "content-transfer-encoding", "to", "from", "subject", "reply-to", "cc", "bcc",
}


def sendgrid(handler, body):
    def no(text, status=400, field=None, headers=None):
        return No(status, {"errors": [{"message": text, "field": field, "help": None}]}, headers)

    need(handler.headers.get("authorization") == f"Bearer {SENDGRID_KEY}",
         no("The provided authorization grant is invalid, expired, or revoked", 401))
    need(handler.headers.get("content-type", "").startswith("application/json"),
         no("Content-Type should be application/json.", 415))
    document = json.loads(body)
    known = {"personalizations", "from", "reply_to", "reply_to_list", "subject", "content", "headers", "asm",
             "ip_pool_name", "tracking_settings", "mail_settings", "categories", "custom_args"}
    need(set(document) <= known, no(f"Additional property {set(document) - known} is not allowed"))
    need(len(document["personalizations"]) == 1, no("one personalization, here"))
    one = document["personalizations"][0]
    need(set(one) <= {"to", "custom_args", "subject", "headers"}, no(f"not allowed: {set(one)}"))
    for who, field in [(one["to"][0], "to"), (document["from"], "from")]:
        need(set(who) <= {"email", "name"} and ADDRESS.match(who["email"]),
             no(f"The {field} email does not contain a valid address.", field=field))
    need(document["subject"], no("The subject is required.", field="subject"))
    kinds = [part["type"] for part in document["content"]]
    need(kinds in (["text/plain"], ["text/html"], ["text/plain", "text/html"]),
         no("text/plain must be first, followed by text/html"))
    need(all(part["value"] for part in document["content"]),
         no("The content value must be a string at least one character in length."))
    for name, value in document.get("headers", {}).items():
        need(name.lower() not in SENDGRID_RESERVED and name.isascii() and " " not in name,
             no(f"{name} is a reserved header"))
        need(isinstance(value, str), no("headers are strings"))
    arguments = one.get("custom_args", {})
    need(all(isinstance(value, str) for value in arguments.values()), no("custom_args: strings"))
    need(len(json.dumps(arguments)) < 10_000, no("custom_args: 10,000 bytes"))
    how = fate(one["to"][0]["email"])
    if how == "gone":
        raise no("The to email does not contain a valid address.", field="to")
    if how == "busy":
        raise no("too many requests", 429, headers={"X-RateLimit-Reset": str(int(time.time()) + 30)})
    if how == "broken":
        raise no("internal error", 500)
    return 202, None, {"X-Message-Id": "sg-" + how}, {
        "to": one["to"][0]["email"], "document": document}


# Mailgun --------------------------------------------------------------------------------------


def form(handler, body):
    """A multipart form, read by Python's own reader of MIME."""
    head = b"Content-Type: " + handler.headers["content-type"].encode() + b"\r\n\r\n"
    whole = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    need(whole.is_multipart() and not whole.defects, No(400, {"message": "no form"}))
    fields = []
    for part in whole.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload(0)
            fields.append((name, inner.as_bytes(), part.get_filename()))
        else:
            fields.append((name, part.get_payload(decode=True), part.get_filename()))
    return fields


def mailgun(handler, body):
    def no(text, status=400):
        return No(status, {"message": text})

    basic = base64.b64encode(f"api:{MAILGUN_KEY}".encode()).decode()
    need(handler.headers.get("authorization") == f"Basic {basic}", No(401, "Forbidden"))
    need(handler.path == "/v3/mg.shop.example/messages.mime", no("Domain not found", 404))
    fields = form(handler, body)
    # A file or a field: Mailgun's own client writes either.
    plain = {name: value.decode() for name, value, _ in fields if name != "message"}
    files = [value for name, value, _ in fields if name == "message"]
    need(len(files) == 1, no("message: one file"))
    for name in plain:
        need(name == "to" or re.match(r"^(o|v|h):[a-z-]+$", name), no(f"unknown field {name}"))
    need(ADDRESS.match(plain["to"]),
         no("to parameter is not a valid address. please check documentation"))
    how = fate(plain["to"])
    if how == "gone":
        raise no("to parameter is not a valid address. please check documentation")
    if how == "busy":
        raise No(429, {"message": "Too many requests"}, {"Retry-After": "7"})
    if how == "broken":
        raise no("internal error", 500)
    read = mime(files[0])
    answer = {"id": f"<{how}@mg.shop.example>", "message": "Queued. Thank you."}
    return 200, answer, {}, {"to": plain["to"], "fields": plain, "mime": read}


# Postmark -------------------------------------------------------------------------------------


def postmark(handler, body):
    def no(code, text, status=422, headers=None):
        return No(status, {"ErrorCode": code, "Message": text}, headers)

    need(handler.headers.get("x-postmark-server-token") == POSTMARK_TOKEN,
         no(10, "No Account or Server API tokens were supplied in the HTTP headers.", 401))
    document = json.loads(body)
    known = {"From", "To", "Cc", "Bcc", "Subject", "Tag", "HtmlBody", "TextBody", "ReplyTo",
             "Headers", "TrackOpens", "TrackLinks", "Metadata", "MessageStream", "Attachments"}
    need(set(document) <= known, no(403, f"unknown fields {set(document) - known}"))
    name, address = email.utils.parseaddr(document["To"])
    need(ADDRESS.match(address), no(300, "Error parsing 'To': Illegal email address"))
    need(ADDRESS.match(email.utils.parseaddr(document["From"])[1]),
         no(300, "Invalid 'From' address"))
    need(document.get("TextBody") or document.get("HtmlBody"), no(300, "Provide a body"))
    for header in document.get("Headers") or []:
        need(set(header) == {"Name", "Value"}, no(300, "Headers: Name and Value"))
    for key, value in (document.get("Metadata") or {}).items():
        need(len(key) <= 20 and len(value) <= 80, no(300, "Metadata too long"))
    need(document.get("TrackLinks", "None") in ("None", "HtmlAndText", "HtmlOnly", "TextOnly"),
         no(300, "TrackLinks"))
    need(document.get("MessageStream", "outbound") in ("outbound", "broadcast"),
         no(1235, "The stream provided does not exist on this server"))
    how = fate(address)
    if how == "gone":
        raise no(406, "You tried to send to recipient(s) that have been marked as inactive.")
    if how == "busy":
        raise no(429, "Rate limit exceeded", 429, {"Retry-After": "9"})
    if how == "broken":
        raise no(0, "internal error", 500)
    answer = {"To": document["To"], "SubmittedAt": "2026-11-05T00:00:00Z",
              "MessageID": "pm-" + how, "ErrorCode": 0, "Message": "OK"}
    return 200, answer, {}, {"to": address, "document": document}


# Reports --------------------------------------------------------------------------------------


class Signers:
    def __init__(self):
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec, rsa

        self.sendgrid = ec.generate_private_key(ec.SECP256R1())
        self.rsa = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
        now = datetime.datetime.now(datetime.timezone.utc)
        made = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
                .public_key(self.rsa.public_key()).serial_number(x509.random_serial_number())
                .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
                .sign(self.rsa, hashes.SHA256()))
        self.pem = made.public_bytes(serialization.Encoding.PEM).decode()
        self.confirmed = []

    def sendgrid_public(self):
        from cryptography.hazmat.primitives import serialization as form

        kind = form.PublicFormat.SubjectPublicKeyInfo
        der = self.sendgrid.public_key().public_bytes(form.Encoding.DER, kind)
        return base64.b64encode(der).decode()


def envelope(signers, kind, message, version, topic, subject=None):
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    one = {
        "Type": kind, "MessageId": hashlib.md5(message.encode()).hexdigest(),
        "TopicArn": topic, "Message": message, "Timestamp": "2026-11-05T00:00:00.000Z",
        "SignatureVersion": version,
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
    }
    fields = ["Message", "MessageId", "Timestamp", "TopicArn", "Type"]
    if subject is not None:
        one["Subject"] = subject
        fields.insert(2, "Subject")
    if kind != "Notification":
        one["Token"] = "2336412f37"
        one["SubscribeURL"] = ("https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription"
                               f"&TopicArn={topic}&Token=2336412f37")
        fields = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{name}\n{one[name]}\n" for name in fields)
    hashed = hashes.SHA1() if version == "1" else hashes.SHA256()
    signature = signers.rsa.sign(text.encode(), padding.PKCS1v15(), hashed)
    one["Signature"] = base64.b64encode(signature).decode()
    return one


def report(signers, asked):
    """Signs as the vendor signs, posts, and says what was answered. `tamper` changes a byte of the
    body after that."""
    vendor, event = asked["vendor"], asked.get("event")
    headers = {"content-type": "application/json"}
    if vendor == "ses":
        message = event if isinstance(event, str) else json.dumps(event)
        kind = asked.get("type", "Notification")
        one = envelope(signers, kind, message, asked.get("version", "1"), asked.get("topic", TOPIC))
        one.update(asked.get("change", {}))
        body = json.dumps(one)
        headers["content-type"] = "text/plain; charset=UTF-8"
    elif vendor == "sendgrid":
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from sendgrid.helpers.eventwebhook import EventWebhook

        body, at = json.dumps(event) + "\r\n", asked.get("at", str(int(time.time())))
        signature = signers.sendgrid.sign((at + body).encode(), ec.ECDSA(hashes.SHA256()))
        signature = base64.b64encode(signature).decode()
        # SendGrid's own verifier has to agree that this is how it signs.
        assert EventWebhook(signers.sendgrid_public()).verify_signature(body, signature, at)
        headers["X-Twilio-Email-Event-Webhook-Signature"] = signature
        headers["X-Twilio-Email-Event-Webhook-Timestamp"] = at
    elif vendor == "mailgun":
        at, token = asked.get("at", str(int(time.time()))), asked.get("token", "t" * 50)
        key = MAILGUN_SIGNING.encode()
        signature = hmac.new(key, (at + token).encode(), hashlib.sha256).hexdigest()
        proof = {"timestamp": at, "token": token, "signature": signature}
        body = json.dumps({"signature": proof, "event-data": event})
    elif vendor == "postmark":
        basic = base64.b64encode(":".join(POSTMARK_HOOK).encode()).decode()
        headers["authorization"] = "Basic " + basic
        body = json.dumps(event)
    elif vendor == "standard-webhooks":
        from standardwebhooks.webhooks import Webhook

        body, now = json.dumps(event), datetime.datetime.now(datetime.timezone.utc)
        headers["webhook-id"] = "msg_1"
        headers["webhook-timestamp"] = str(int(now.timestamp()))
        headers["webhook-signature"] = Webhook(WEBHOOK_SECRET).sign("msg_1", now, body)
    elif vendor == "hmac":
        body = json.dumps(event)
        signature = hmac.new(asked["key"].encode(), body.encode(), hashlib.sha256).hexdigest()
        headers[asked["header"]] = asked.get("prefix", "") + signature
    else:
        body = event if isinstance(event, str) else json.dumps(event)
        headers["content-type"] = asked.get("content-type", "application/json")
    body = body.encode()
    if "tamper" in asked:
        place = int(asked["tamper"] * (len(body) - 1))
        body = body[:place] + bytes([body[place] ^ 1]) + body[place + 1:]
    headers.update(asked.get("headers", {}))
    headers = {name: value for name, value in headers.items() if value is not None}
    method = asked.get("method", "POST")
    request = urllib.request.Request(
        asked["url"], data=None if method == "GET" else body, headers=headers, method=method
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return {"status": answer.status, "body": answer.read().decode()}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "body": error.read().decode()}


def serve():
    kept, lock, signers = [], threading.Lock(), Signers()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def answer(self, status, body, headers=None, kind="application/json"):
            text = b"" if body is None else body.encode() if isinstance(body, str) else \
                json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(text)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def do_GET(self):
            if self.path == "/kept":
                with lock:
                    return self.answer(200, list(kept))
            if self.path == "/keys":
                return self.answer(200, {"sendgrid": signers.sendgrid_public()})
            if self.path == "/confirmed":
                return self.answer(200, list(signers.confirmed))
            if self.path.startswith("/SimpleNotificationService-"):
                return self.answer(200, signers.pem, kind="application/x-pem-file")
            if self.path.startswith("/?Action=ConfirmSubscription"):
                signers.confirmed.append(self.path)
                return self.answer(200, "<ConfirmSubscriptionResponse/>", kind="text/xml")
            self.answer(404, {"message": "nothing here"})

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            if self.path == "/report":
                return self.answer(200, report(signers, json.loads(body)))
            if self.path == "/envelope":
                asked = json.loads(body)
                one = envelope(signers, asked["type"], asked["message"], asked["version"], TOPIC,
                               asked.get("subject"))
                # Every notification has one, and nobody signs it.
                one["UnsubscribeURL"] = "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe"
                return self.answer(200, one)
            vendors = {"/v2/email/outbound-emails": ses, "/v3/mail/send": sendgrid,
                       "/email": postmark}
            vendor = vendors.get(self.path)
            if vendor is None and self.path.endswith("/messages.mime"):
                vendor = mailgun
            if vendor is None:
                return self.answer(404, {"message": "nothing here"})
            try:
                status, answer, headers, one = vendor(self, body)
            except No as no:
                return self.answer(no.status, no.body, no.headers)
            except Exception as error:  # what cannot be read is a fault of who sent it
                return self.answer(400, {"message": repr(error)})
            with lock:
                kept.append({"vendor": vendor.__name__, "user-agent":
                             self.headers.get("user-agent"), **one})
            self.answer(status, answer, headers)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


def compare(port):
    """One message by the vendors' own clients: what they send is what the emulator takes."""
    url = f"http://127.0.0.1:{port}"
    import boto3
    from sendgrid import SendGridAPIClient
    from sendgrid.helpers import mail

    client = SendGridAPIClient(SENDGRID_KEY, host=url)
    message = mail.Mail(
        from_email=mail.Email("hello@shop.example", "Shop"),
        to_emails=mail.To("sdk@example.com"),
        subject="Your code 17",
        plain_text_content="17",
    )
    message.add_custom_arg(mail.CustomArg("cauce-message", "sdk"))
    message.add_header(mail.Header("Auto-Submitted", "auto-generated"))
    tracking = mail.TrackingSettings()
    tracking.click_tracking = mail.ClickTracking(False, False)
    tracking.open_tracking = mail.OpenTracking(False)
    tracking.subscription_tracking = mail.SubscriptionTracking(False)
    message.tracking_settings = tracking
    assert client.send(message).status_code == 202
    raw = (b"From: Shop <hello@shop.example>\r\nTo: sdk@example.com\r\n"
           b"Subject: Your code 17\r\nMessage-ID: <sdk@shop.example>\r\n\r\n17\r\n")
    ses = boto3.client("sesv2", endpoint_url=url, region_name="us-east-1",
                       aws_access_key_id=SES_KEY[0], aws_secret_access_key=SES_KEY[1])
    answer = ses.send_email(
        Destination={"ToAddresses": ["sdk@example.com"]}, Content={"Raw": {"Data": raw}},
        EmailTags=[{"Name": "cauce-message", "Value": "sdk"}])
    assert answer["MessageId"]


if __name__ == "__main__":
    if sys.argv[1:2] == ["compare"]:
        compare(int(sys.argv[2]))
    else:
        serve()
