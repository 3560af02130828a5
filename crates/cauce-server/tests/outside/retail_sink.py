"""A mail server that we did not write, which is not always kind, and records what it did.

    retail_sink.py RECORD

Prints its port. Ends when its standard input ends. What it does depends on the recipient alone, by
a hash of the address, and on how often that one was named before:

    4 of 100    never exist from the first, second or third letter on: 550 5.1.1
    6 of 100    are asked to come back later, at the first or second letter: 451 4.7.1
    5 of 100    have the connection dropped behind the final dot of one letter or of two, without
                an answer: whether it was taken, nobody who sent it can know
    the others  get what is sent to them

Each of these is a line of RECORD, on the disk before it is answered: what was done, to whom, and,
where there was a letter, its Message-ID.
"""
import asyncio
import email
import json
import logging
import sys
import zlib

from aiosmtpd.smtp import SMTP

logging.disable(logging.CRITICAL)


class Recorder:
    def __init__(self, record):
        self.record = record
        self.named = {}  # by address: how often it was
        self.letters = {}  # by address: how many came

    def note(self, did, to, letter=None):
        self.record.write(json.dumps({"did": did, "to": to, "id": letter}) + "\n")
        self.record.flush()

    async def handle_RCPT(self, server, session, envelope, address, options):
        kind, turn = fate(address)
        nth = self.named.get(address, 0)
        self.named[address] = nth + 1
        if kind == "refused" and nth >= turn:
            self.note("refused", address)
            return "550 5.1.1 no such mailbox here"
        if kind == "deferred" and nth == turn % 2:
            self.note("deferred", address)
            return "451 4.7.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.content)["Message-ID"]
        (address,) = envelope.rcpt_tos
        kind, turn = fate(address)
        nth = self.letters.get(address, 0)
        self.letters[address] = nth + 1
        if kind == "dropped" and (nth == turn or (nth == turn + 1 and turn > 0)):
            self.note("dropped", address, letter)
            # An orderly end, or a reset.
            if nth % 2:
                server.transport.abort()
            else:
                server.transport.close()
            return "250 unheard"
        self.note("taken", address, letter)
        return "250 taken"


def fate(address):
    """What becomes of somebody's letters, and at which of them (from 0)."""
    number = zlib.crc32(address.encode())
    of, turn = number % 100, number // 100 % 3
    if of < 4:
        return "refused", turn
    if of < 10:
        return "deferred", turn
    if of < 15:
        return "dropped", turn
    return "taken", turn


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
