"""Amazon as moto has it: SES takes messages, SNS signs what it posts. Prints two ports: that of
Amazon, and one that serves certificates as `sns.REGION.amazonaws.com` would (moto's own server does
not), lets a topic post to an address, and shows what was sent."""

import http.server
import json

import boto3
from moto.sns.models import sns_backends
from moto.ses.models import ses_backends
from moto.server import ThreadedMotoServer

ACCOUNT, REGION = "123456789012", "us-east-1"

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
own = {
    "endpoint_url": f"http://127.0.0.1:{port}",
    "region_name": REGION,
    "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}
boto3.client("sesv2", **own).create_email_identity(EmailIdentity="shop.example")
sns = boto3.client("sns", **own)
topic = sns.create_topic(Name="cauce")["TopicArn"]


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        if self.path == "/sent":
            sent = ses_backends[ACCOUNT][REGION].sent_messages
            raw = [{"to": one.destinations, "raw": one.raw_data} for one in sent]
            return self.answer(200, json.dumps(raw).encode())
        keys = sns_backends[ACCOUNT][REGION]._message_public_keys
        pem = keys.get(self.path[1:])
        if pem is None:
            return self.answer(404, b"")
        self.answer(200, pem if isinstance(pem, bytes) else pem.encode())

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/subscribe":
            sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=asked["url"])
        else:
            # Without a subject, which moto leaves out of what it signs.
            sns.publish(TopicArn=topic, Message=json.dumps(asked["event"]))
        self.answer(200, b"{}")


control = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(port, control.server_port, flush=True)
control.serve_forever()
