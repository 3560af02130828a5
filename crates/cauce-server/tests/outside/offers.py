"""What a placement shows as OpenFeature's SDK for Python reads it: offers.py ADDRESS KEY PERSON"""

import json
import sys

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

address, key, person = sys.argv[1:]
api.set_provider(OFREPProvider(address, headers_factory=lambda: {"Authorization": f"Bearer {key}"}))
about = EvaluationContext(targeting_key=person)
said = api.get_client().get_object_details("placement.hero", {}, about)
reason = getattr(said.reason, "value", said.reason)
print(json.dumps({"value": said.value, "variant": said.variant, "reason": reason}))
