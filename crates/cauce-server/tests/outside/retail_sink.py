"""A mail server that we did not write, recording what it took.

    retail_sink.py RECORD

Prints its port. Each message becomes a line of RECORD: its Message-ID and its envelope recipients.
Ends when its standard input ends.
"""
import asyncio
import email
import json
import logging
import sys

from aiosmtpd.smtp import SMTP

logging.disable(logging.CRITICAL)


class Recorder:
    def __init__(self, record):
        self.record = record

    async def handle_DATA(self, server, session, envelope):
        head = email.message_from_bytes(envelope.content)
        line = {"id": head["Message-ID"], "to": envelope.rcpt_tos, "from": envelope.mail_from}
        # On the disk before the answer: what was accepted is in the record.
        self.record.write(json.dumps(line) + "\n")
        self.record.flush()
        return "250 taken"


async def main():
    with open(sys.argv[1], "w") as record:
        recorder = Recorder(record)
        loop = asyncio.get_running_loop()
        make = lambda: SMTP(recorder, enable_SMTPUTF8=True, loop=loop)
        server = await loop.create_server(make, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await loop.run_in_executor(None, sys.stdin.read)
        server.close()


asyncio.run(main())
