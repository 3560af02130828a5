"""Flags as OpenFeature's SDK for Python reads them: flags.py ADDRESS KEY PERSON WRITING MOVING

Who is MOVING leaves the segment by an event that is reported with the key WRITING.
"""

import json
import sys
import time
import urllib.request

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

address, key, person, writing, moving = sys.argv[1:]
api.set_provider(OFREPProvider(address, headers_factory=lambda: {"Authorization": f"Bearer {key}"}))
client = api.get_client()
about = EvaluationContext(targeting_key=person)


def said(details):
    code = details.error_code.value if details.error_code else None
    reason = getattr(details.reason, "value", details.reason)
    return {"value": details.value, "reason": reason, "variant": details.variant, "error": code}


def moved():
    """What the flag said before an event, and how long it took to say what the event made of it."""
    about = EvaluationContext(targeting_key=moving)
    before = client.get_boolean_value("segment.gold", False, about)
    event = {"name": "changed", "user_id": moving.split(":")[1], "attributes": {"plan": "free"}}
    headers = {"Authorization": f"Bearer {writing}", "Content-Type": "application/json"}
    body = json.dumps(event).encode()
    started = time.monotonic()
    urllib.request.urlopen(
        urllib.request.Request(f"{address}/v1/events", body, headers), timeout=20
    ).read()
    while client.get_boolean_value("segment.gold", True, about):
        if time.monotonic() - started > 30:
            sys.exit("the flag never followed")
        time.sleep(0.005)
    return {"before": before, "ms": round((time.monotonic() - started) * 1000)}


print(
    json.dumps(
        {
            "moved": moved(),
            "gold": said(client.get_boolean_details("segment.gold", False, about)),
            "price": said(client.get_string_details("price", "none", about)),
            "button": said(client.get_string_details("button", "none", about)),
            "over": said(client.get_string_details("over", "none", about)),
            "absent": said(client.get_boolean_details("segment.absent", True, about)),
            "nobody": said(client.get_boolean_details("segment.gold", True, EvaluationContext())),
        }
    )
)
