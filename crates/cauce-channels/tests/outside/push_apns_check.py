"""Whether the stand-in for Apple's service is one: asked by httpx, which is not ours."""

import base64, json, sys
import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

port, certificate, key = sys.argv[1:4]
key = serialization.load_pem_private_key(open(key, "rb").read(), None)


def pad(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(iss="TEAM123456"):
    head = pad(json.dumps({"alg": "ES256", "kid": "ABCDE12345"}).encode())
    claims = pad(json.dumps({"iss": iss, "iat": 1}).encode())
    text = f"{head}.{claims}"
    r, s = utils.decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return text + "." + pad(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


with httpx.Client(http2=True, verify=certificate) as client:
    def ask(device, bearer, push_type="alert"):
        return client.post(
            f"https://127.0.0.1:{port}/3/device/{device}",
            headers={"authorization": f"bearer {bearer}", "apns-topic": "a",
                     "apns-push-type": push_type, "apns-priority": "10",
                     "apns-expiration": "0", "apns-id": "00000000-0000-0000-0000-000000000001"},
            content=b'{"aps":{}}')
    fine = ask("f1", token())
    assert (fine.http_version, fine.status_code) == ("HTTP/2", 200), fine
    gone = ask("f2", token("OTHERTEAM1"), "background")
    assert gone.status_code == 410 and gone.json()["reason"] == "Unregistered", gone.text
