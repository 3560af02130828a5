"""Judges senders with pyspf and counts look-ups with checkdmarc, both asking one name server.

Argument: the port of the name server on 127.0.0.1. One line in: `domain address`. One line out:
a JSON object with pyspf's `verdict`, and checkdmarc's `lookups` and `void` or its `error`.
"""

import json
import sys

import checkdmarc.spf
import dns.resolver
import spf

resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers = ["127.0.0.1"]
resolver.port = int(sys.argv[1])
resolver.lifetime = 3
dns.resolver.default_resolver = resolver

for line in sys.stdin:
    domain, address = line.split()
    verdict, _, _ = spf.query(
        i=address, s="someone@" + domain, h="client.test", strict=False, timeout=5
    ).check()
    answer = {"verdict": verdict}
    try:
        found = checkdmarc.spf.check_spf(domain, resolver=resolver)
        if "error" in found:
            answer["error"] = str(found["error"])
        answer["lookups"] = found.get("dns_lookups")
        answer["void"] = found.get("void_dns_lookups")
    except Exception as error:  # whatever its reason is, it is no count
        answer["error"] = "%s: %s" % (type(error).__name__, error)
    print(json.dumps(answer), flush=True)
