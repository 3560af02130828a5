"""People of a shop, told by Segment's SDK for Python: people.py ADDRESS KEY PEOPLE"""

import sys

from segment.analytics.client import Client

host, key, people = sys.argv[1:]
failed = []
client = Client(
    key,
    host=host,
    gzip=True,
    upload_size=9,
    upload_interval=0.2,
    max_retries=30,
    on_error=lambda error, batch: failed.append((error, len(batch))),
)
for n in range(int(people)):
    user, anonymous = f"u{n}", f"a{n}"
    client.track(anonymous_id=anonymous, event="browsed", properties={"shelf": "pans"})
    client.identify(user, traits={"email": f"{user}@example.com", "plan": "gold"})
    client.alias(anonymous, user)
    for total in range(1, 11):
        client.track(user, "ordered", {"total": total})
    client.page(user, name="Home", properties={"path": "/"})
    client.screen(user, name="Basket")
    client.group(user, "kettles", {"seats": 3})
client.shutdown()
print(failed, file=sys.stderr)
sys.exit(1 if failed else 0)
