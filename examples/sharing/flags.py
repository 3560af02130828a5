"""Reads flags: flags.py ADDRESS KEY USER_ID (pip install openfeature-sdk openfeature-provider-ofrep)"""

import sys

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

address, key, person = sys.argv[1:]
api.set_provider(OFREPProvider(address, headers_factory=lambda: {"Authorization": f"Bearer {key}"}))
client = api.get_client()
about = EvaluationContext(targeting_key=person)
print("gold:", client.get_boolean_value("segment.gold", False, about))
print("button:", client.get_string_value("button", "control", about))
