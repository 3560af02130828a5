"""Takes messages apart with Python's e-mail package: one line of base64 in, one of JSON out."""

import base64
import email
import email.policy
import json
import sys

for line in sys.stdin:
    raw = base64.b64decode(line)
    message = email.message_from_bytes(raw, policy=email.policy.SMTP)
    files, texts, defects = [], {}, []
    for part in message.walk():
        defects += [str(one) for one in part.defects]
        for name in part.keys():
            defects += ["%s: %s" % (name, one) for one in part[name].defects]
        if part.is_multipart():
            continue
        name = part.get_filename()
        if name is None:
            texts[part.get_content_type()] = part.get_content().replace("\r\n", "\n").rstrip("\n")
            continue
        identifier = part["Content-ID"]
        content = part.get_payload(decode=True)
        files.append([
            name,
            part.get_content_type(),
            str(identifier).strip("<>") if identifier else None,
            base64.b64encode(content).decode(),
        ])
    print(json.dumps({
        "files": files,
        "text": texts.get("text/plain"),
        "html": texts.get("text/html"),
        "defects": defects,
    }), flush=True)
