"""Keeps who is in a segment: changes.py ADDRESS KEY SEGMENT FILE (pip install requests)

The file holds the place in the stream and the members: what was seen is not asked for again, and
what a crash repeats is known by the change's own id and does no harm.
"""

import json
import os
import sys

import requests

address, key, segment, file = sys.argv[1:]
known = json.load(open(file)) if os.path.exists(file) else {"place": None, "members": []}
members = set(known["members"])
headers = {"Authorization": f"Bearer {key}"}


def remember(place):
    with open(f"{file}.new", "w") as out:
        json.dump({"place": place, "members": sorted(members)}, out)
    os.replace(f"{file}.new", file)


def ask(path, **parameters):
    answer = requests.get(f"{address}{path}", headers=headers, params=parameters, stream=True)
    answer.raise_for_status()
    return answer


place = known["place"] or ask("/v1/membership-changes/position").json()["oldest"]
lines = ask("/v1/membership-changes", segments=segment, **{"from": place})
for line in lines.iter_lines(decode_unicode=True):
    field, _, value = line.partition(": ")
    if field == "id":
        place = value
    elif field == "data" and "change" in (change := json.loads(value)):
        who = change["alias"] or change["profile"]
        (members.add if change["change"] == "entered" else members.discard)(who)
        remember(place)
        print(who, change["change"], len(members), flush=True)
