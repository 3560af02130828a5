"""An aiosmtpd server for the outside tests.

Arguments: mode (plain, starttls, auth), certificate, key. Writes the port as its first line, then
one JSON line per message. Ends when its standard input ends.
"""

import asyncio
import base64
import json
import logging
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

# The tests break conversations on purpose; the server's complaints about it are no news.
logging.disable(logging.CRITICAL)


def out(value):
    print(json.dumps(value), flush=True)


class Keep:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("nobody@"):
            return "550 5.1.1 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        out(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "options": envelope.mail_options,
                "tls": session.ssl is not None,
                "login": session.auth_data.decode() if session.auth_data else None,
                "bytes": base64.b64encode(envelope.original_content).decode(),
            }
        )
        return "250 2.0.0 queued as A%d" % len(envelope.original_content)


class Auth:
    def __call__(self, server, session, envelope, mechanism, data):
        fine = data.login == b"ana" and data.password == b"s3cret"
        return AuthResult(success=fine, auth_data=data.login if fine else None, handled=fine)


async def main():
    mode, certificate, key = sys.argv[1:4]
    options = {"enable_SMTPUTF8": True, "hostname": "outside.test"}
    if mode in ("starttls", "auth"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        options.update(tls_context=context, require_starttls=True)
    if mode == "auth":
        options.update(authenticator=Auth(), auth_required=True)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Keep(), **options), "127.0.0.1", 0)
    out(server.sockets[0].getsockname()[1])
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
