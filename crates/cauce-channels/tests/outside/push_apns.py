"""A stand-in for Apple's push service, on h2: HTTP/2 over TLS, one process, loopback.

Arguments: certificate, key, the public key of the team (PEM), and what to answer as JSON: for each
device token a list of answers, of which the last one repeats. Prints its port, and then a line of
JSON for each request. What it finds wrong with a request it says in `faults`.
"""

import base64, json, socket, ssl, sys, threading, time
import h2.config, h2.connection, h2.events, h2.settings, h2.errors
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

certificate, key, team_key, answers = sys.argv[1:5]
answers = json.loads(answers)
team = serialization.load_pem_public_key(open(team_key, "rb").read())
given, lock = {}, threading.Lock()


def unpad(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def token_faults(headers):
    kind, _, token = headers.get("authorization", "").partition(" ")
    parts = token.split(".")
    if kind != "bearer" or len(parts) != 3:
        return ["no bearer token"], None
    head, claims, signature = (unpad(part) for part in parts)
    head, claims = json.loads(head), json.loads(claims)
    faults = []
    if head.get("alg") != "ES256" or head.get("kid") != "ABCDE12345":
        faults.append("header of the token")
    if claims.get("iss") != "TEAM123456" or not isinstance(claims.get("iat"), int):
        faults.append("claims of the token")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        signed = token.rpartition(".")[0].encode()
        team.verify(utils.encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except Exception:
        faults.append("signature of the token")
    return faults, token


def faults_of(headers, body):
    faults, token = token_faults(headers)
    if headers.get(":method") != "POST" or not headers.get(":path", "").startswith("/3/device/"):
        faults.append("method or path")
    for name in ("apns-topic", "apns-push-type", "apns-priority", "apns-expiration", "apns-id"):
        if name not in headers:
            faults.append("no " + name)
    if headers.get("apns-push-type") == "background" and headers.get("apns-priority") != "5":
        faults.append("a background push has priority 5")
    if len(headers.get("apns-collapse-id", "").encode()) > 64:
        faults.append("apns-collapse-id")
    if len(body) > 4096:
        faults.append("too large")
    try:
        payload = json.loads(body)
        if not isinstance(payload.get("aps"), dict):
            faults.append("no aps")
    except Exception:
        faults.append("payload")
    return faults, token


def serve(stream):
    connection = h2.connection.H2Connection(
        h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
    connection.local_settings = h2.settings.Settings(client=False, initial_values={
        h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 1})
    connection.initiate_connection()
    stream.sendall(connection.data_to_send())
    opened, bodies, allowed, most = {}, {}, 1, 0
    while True:
        try:
            data = stream.recv(65536)
        except OSError:
            return
        if not data:
            return
        for event in connection.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                opened[event.stream_id] = dict(event.headers)
                bodies[event.stream_id] = b""
                most = max(most, len(opened))
            elif isinstance(event, h2.events.DataReceived):
                bodies[event.stream_id] += event.data
                connection.acknowledge_received_data(
                    event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                headers, body = opened.pop(event.stream_id), bodies.pop(event.stream_id)
                device = headers[":path"].rpartition("/")[2]
                with lock:
                    nth = given.get(device, 0)
                    given[device] = nth + 1
                    listed = answers.get(device, [{"status": 200}])
                    answer = listed[min(nth, len(listed) - 1)]
                    faults, token = faults_of(headers, body)
                    if most > allowed:
                        faults.append(f"{most} streams at once, {allowed} allowed")
                    print(json.dumps({"device": device, "headers": headers, "token": token,
                                      "body": body.decode("utf-8", "replace"),
                                      "faults": faults, "connection": id(connection)}),
                          flush=True)
                if answer.get("goaway") == "unseen":
                    # As if this stream had never been looked at.
                    connection.close_connection(last_stream_id=event.stream_id - 2)
                    stream.sendall(connection.data_to_send())
                    time.sleep(0.2)
                    stream.close()
                    return
                if answer.get("goaway") == "silent":
                    stream.close()
                    return
                if answer.get("reset") == "refused":
                    connection.reset_stream(event.stream_id, h2.errors.ErrorCodes.REFUSED_STREAM)
                    continue
                reply = [(":status", str(answer["status"])), ("apns-id", headers["apns-id"])]
                if "retry-after" in answer:
                    reply.append(("retry-after", str(answer["retry-after"])))
                said = {name: answer[name] for name in ("reason", "timestamp") if name in answer}
                text = json.dumps(said).encode() if said else b""
                connection.send_headers(event.stream_id, reply, end_stream=not text)
                if text:
                    connection.send_data(event.stream_id, text, end_stream=True)
                if allowed == 1:
                    allowed = 100
                    connection.update_settings({
                        h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: allowed})
        try:
            stream.sendall(connection.data_to_send())
        except OSError:
            return


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
context.set_alpn_protocols(["h2"])
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)


def begin(plain):
    try:
        stream = context.wrap_socket(plain, server_side=True)
    except (OSError, ssl.SSLError):
        return
    serve(stream)


while True:
    plain, _ = listener.accept()
    threading.Thread(target=begin, args=(plain,), daemon=True).start()
