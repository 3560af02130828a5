"""Flags as OpenFeature's SDK for Python reads them: flags.py ADDRESS KEY PERSON"""

import json
import sys

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

address, key, person = sys.argv[1:]
api.set_provider(OFREPProvider(address, headers_factory=lambda: {"Authorization": f"Bearer {key}"}))
client = api.get_client()
about = EvaluationContext(targeting_key=person)


def said(details):
    code = details.error_code.value if details.error_code else None
    reason = getattr(details.reason, "value", details.reason)
    return {"value": details.value, "reason": reason, "variant": details.variant, "error": code}


print(
    json.dumps(
        {
            "gold": said(client.get_boolean_details("segment.gold", False, about)),
            "price": said(client.get_string_details("price", "none", about)),
            "button": said(client.get_string_details("button", "none", about)),
            "over": said(client.get_string_details("over", "none", about)),
            "absent": said(client.get_boolean_details("segment.absent", True, about)),
            "nobody": said(client.get_boolean_details("segment.gold", True, EvaluationContext())),
        }
    )
)
