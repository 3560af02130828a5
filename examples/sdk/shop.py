"""pip install segment-analytics-python; CAUCE_KEY=cw_… python shop.py"""

import os

from segment.analytics.client import Client

client = Client(
    os.environ["CAUCE_KEY"],
    host=os.environ.get("CAUCE_SERVER", "http://127.0.0.1:7070"),
)
client.identify("7", {"email": "ana@example.com", "first_name": "Ana"})
client.track("7", "order_completed", {"total": 89, "item": "Copper kettle"})
client.shutdown()
