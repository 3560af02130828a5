"""Counts the online shop's year again, with pandas, from what examples/retail/README.md says.

    retail_oracle.py slices FILE OUT ordered|shuffled    what to report until each of ten instants
                                                          of the year, and who is a member then
    retail_oracle.py year FILE OUT CUSTOMERS              the year as live events by day, and who is
                                                          targeted by each monthly campaign

It shares nothing with Cauce: it reads the file, not the mapping, and keeps a plain list of events
that it counts anew at every instant.
"""
import json
import os
import random
import sys

import pandas as pd
import zstandard

DAY = pd.Timedelta(days=1)
MOMENT = pd.Timedelta(milliseconds=1)
ORDERED = "order_completed"


def read(file):
    rows = pd.read_csv(file, dtype=str, keep_default_na=False, compression="zstd")
    rows["at"] = (
        pd.to_datetime(rows.InvoiceDate)
        .dt.tz_localize("Europe/London", ambiguous=True, nonexistent="shift_forward")
        .dt.tz_convert("UTC")
    )
    return rows


def thousandths(text):
    whole, _, part = text.partition(".")
    sign = -1 if whole.startswith("-") else 1
    return sign * (abs(int(whole)) * 1000 + int((part + "000")[:3]))


def orders(rows):
    """One line per invoice with a customer; equal rows count once."""
    known = rows[rows.CustomerID != ""].drop_duplicates()
    amount = known.Quantity.map(int) * known.UnitPrice.map(thousandths)
    known = known.assign(amount=amount, who=known.CustomerID.map(lambda t: str(int(float(t)))))
    by = known.groupby("InvoiceNo")
    made = by.agg(at=("at", "min"), who=("who", "first"), total=("amount", "sum"))
    made["name"] = [("order_cancelled" if no.startswith("C") else ORDERED) for no in made.index]
    return made.reset_index().rename(columns={"InvoiceNo": "no"})


def members(events, now):
    """Who is in which segment at an instant; `events` has the columns person, at, total."""
    seen = events[(events.name == ORDERED) & (events["at"] <= now)]
    by = seen.groupby("person")
    count = by.size()
    recent = seen[seen["at"] > now - 90 * DAY].groupby("person").total.sum()
    lately = set(seen[seen["at"] > now - 60 * DAY].person)
    regular = set(count[count >= 3].index)
    return {
        "big-spenders": set(recent[recent > 500_000].index),
        "lapsed-regulars": regular - lately,
        "one-order": set(count[count == 1].index),
        "buyers": set(count.index),
    }


def instants(made):
    start = made["at"].min().normalize()
    days = [31, 59, 93, 120, 160, 201, 240, 280, 330, 372]
    found = [start + day * DAY + pd.Timedelta(hours=7) for day in days]
    done = made[made.name == ORDERED].sort_values(["at", "no"])
    # Two of them fall exactly on the end of a window: the event has left then, not later. It must
    # be one that makes a difference: people whose reports are late or anonymous do not.
    plain = done[done.who.map(lambda who: int(who) % 41 > 1)]
    plain = plain[~plain.who.isin(set(done.who[done.no.map(lambda no: int(no) % 17 == 0)]))]
    for place, days in ((3, 90), (6, 60)):
        latest = plain[plain["at"] <= found[place] - days * DAY]
        for row in latest.iloc[::-1].itertuples():
            now = row.at + days * DAY
            if differs(plain[plain.who == row.who].assign(person=row.who), now):
                found[place] = now
                break
    return found


def differs(events, now):
    """Whether the very instant makes a difference to the segments with windows."""
    before, then = members(events, now - MOMENT), members(events, now)
    return any(before[name] != then[name] for name in ("big-spenders", "lapsed-regulars"))


class Who:
    """Which aliases are one person: as reported so far."""

    def __init__(self):
        self.parent = {}

    def root(self, alias):
        self.parent.setdefault(alias, alias)
        while self.parent[alias] != alias:
            alias = self.parent[alias]
        return alias

    def link(self, a, b):
        self.parent[self.root(a)] = self.root(b)

    def names(self):
        """The aliases of each person, by kind."""
        held = {}
        for kind, value in sorted(self.parent):
            person = held.setdefault(self.root((kind, value)), {"user_id": [], "anonymous_id": []})
            person[kind].append(value)
        return held


def plan(made, times):
    """When each event is reported, and under which alias."""
    steps, aliases = [], []
    for row in made.itertuples():
        step = next(i for i, t in enumerate(times + [None]) if t is None or row.at <= t)
        number = int(row.no.lstrip("C"))
        if number % 17 == 0:
            step += 1 + number % 2  # late
        steps.append(min(step, len(times)))
        who = int(row.who)
        before = step < link_step(who)
        if before and who % 41 == 0 and number % 2:
            aliases.append(("anonymous_id", f"anon-{who}"))
        elif before and who % 41 == 1:
            aliases.append(("anonymous_id", f"anon-{who}-{'ab'[number % 2]}"))
        else:
            aliases.append(("user_id", row.who))
    return made.assign(step=steps, alias=aliases)


def link_step(who):
    return 3 + who % 4


def links(step, made):
    """Events that tie aliases together, reported at a step."""
    for who in sorted(set(made.who), key=int):
        if link_step(int(who)) == step and int(who) % 41 == 0:
            yield [("user_id", who), ("anonymous_id", f"anon-{who}")]
        if int(who) % 41 == 1:
            a, b = ("anonymous_id", f"anon-{who}-a"), ("anonymous_id", f"anon-{who}-b")
            if link_step(int(who)) == step:
                yield [a, b]
            if link_step(int(who)) + 2 == step:
                yield [("user_id", who), a]


def native(name, aliases, at, properties, identifier):
    event = {"id": identifier, "name": name, "occurred_at": at.isoformat()}
    for kind, value in aliases:
        if kind in event:
            event["aliases"] = {kind: value}
        else:
            event[kind] = value
    return event | {"properties": properties}


def write_rows(rows, file, header):
    text = rows[header].to_csv(index=False, lineterminator="\r\n")
    with open(file, "wb") as out:
        out.write(zstandard.ZstdCompressor(level=1).compress(text.encode()))


def slices(file, out, variant):
    rows = read(file)
    header = [name for name in rows.columns if name != "at"]
    made = orders(rows)
    times = instants(made)
    made = plan(made, times)
    mapped = set(made.no[made.alias.map(lambda a: a[0] == "user_id")])
    everybody = Who()
    visible = {}  # invoice -> (alias, at, total, name)
    summary = {"instants": [], "rows": 0}
    for step, now in enumerate(times):
        due = made[made.step == step]
        again = made[made.step == step - 1] if variant == "shuffled" else made[:0]
        wanted = (set(due.no) | set(again.no)) & mapped
        nobody = (rows.CustomerID == "") & (rows["at"] <= now)
        if step:
            nobody &= rows["at"] > times[step - 1]
        mine = rows[rows.InvoiceNo.isin(wanted) & (rows.CustomerID != "") | nobody]
        if variant == "shuffled":
            twice = mine.sample(frac=0.3, random_state=step)
            mine = pd.concat([mine, twice]).sample(frac=1, random_state=step)
        write_rows(mine, f"{out}/{step}.csv.zst", header)
        summary["rows"] += len(mine)
        extra = []
        for row in due[~due.no.isin(mapped)].itertuples():
            properties = {"total": row.total / 1000}
            extra.append(native(row.name, [row.alias], row.at, properties, f"anon-{row.no}"))
        tied = list(links(step, made))
        for n, aliases in enumerate(tied):
            extra.append(native("signed_in", aliases, now, {}, f"link-{step}-{n}"))
        with open(f"{out}/{step}.ndjson", "w") as lines:
            lines.writelines(json.dumps(event) + "\n" for event in extra)
        for row in pd.concat([due, again[again.no.isin(mapped)]]).itertuples():
            visible[row.no] = (row.alias, row.at, row.total, row.name)
            everybody.root(row.alias)
        for a, b in tied:
            everybody.link(a, b)
        instant = {"now": now.isoformat()}
        if step in (5, 8):
            before = now - 150 * DAY
            instant["retention"] = {"event": ORDERED, "before": before.isoformat()}
            visible = {
                no: v for no, v in visible.items() if v[3] != ORDERED or v[1] >= before
            }
        columns = ["alias", "at", "total", "name"]
        events = pd.DataFrame(list(visible.values()), columns=columns)
        events["person"] = events.alias.map(everybody.root)
        if step in (3, 6):
            assert differs(events, now), "the edge of a window is not looked at"
        instant["members"] = {}
        held = everybody.names()
        for segment, people in members(events, now).items():
            names = [held[person].values() for person in people]
            instant["members"][segment] = {
                "count": len(people),
                "user_id": sorted(users[0] for users, _ in names if users),
                "anonymous_id": sorted(anonymous[0] for _, anonymous in names if anonymous),
            }
        summary["instants"].append(instant)
    with open(f"{out}/plan.json", "w") as done:
        json.dump(summary, done)


def whole(file, out):
    """What importing the file as it is comes to."""
    rows = read(file)
    made = orders(rows)
    now = made["at"].max() + DAY
    events = made.assign(person=made.who)
    known = rows[rows.CustomerID != ""]
    summary = {
        "now": now.isoformat(),
        "rows": len(rows),
        "nobody": int((rows.CustomerID == "").sum()),
        "identical": int(known.duplicated().sum()),
        "events": len(made),
        "members": {name: sorted(people) for name, people in members(events, now).items()},
    }
    with open(f"{out}/plan.json", "w") as done:
        json.dump(summary, done)


def consents(made):
    """What each order says about consent: every fifth customer never says anything, every fifth
    says no with the first order that is later than the first of all, the others say yes."""
    said, first, no = [], {}, set()
    for row in made.itertuples():
        start = first.setdefault(row.who, row.at)
        kind = int(row.who) % 5
        if kind == 0 or row.who in no:
            said.append(None)
        elif kind == 1 and row.at > start:
            no.add(row.who)
            said.append("withdrawn")
        else:
            said.append("granted")
    return said


def year(file, out, customers):
    rows = read(file)
    made = orders(rows)
    chosen = sorted(set(made.who), key=int)
    random.Random(1).shuffle(chosen)
    made = made[made.who.isin(chosen[:customers])].sort_values(["at", "no"])
    made["day"] = made["at"].dt.normalize() + DAY
    made["said"] = consents(made)
    events = made.assign(person=made.who)
    days = []
    last = made.day.max() + 90 * DAY
    starts = pd.date_range("2011-01-01T09:00:00Z", last, freq="MS")
    day = made.day.min()
    while day <= last:
        due = made[made.day == day]
        lines = []
        for row in due.itertuples():
            event = {
                "id": f"live-{row.no}",
                "name": row.name,
                "user_id": row.who,
                "email": f"c{row.who}@buyers.example",
                "occurred_at": row.at.isoformat(),
                "properties": {"order_id": row.no, "total": row.total / 1000},
            }
            if isinstance(row.said, str):
                said = {"topic": "news", "state": row.said, "source": "order form"}
                event["consents"] = [said]
            lines.append(event)
        days.append({"now": day.isoformat(), "events": lines})
        for start in starts:
            if day <= start < day + DAY:
                who = members(events[events.day <= day], start)
                target = sorted(who["buyers"] - who["lapsed-regulars"])
                told = events[(events.day <= day) & events.said.notna()]
                last_said = dict(zip(told.who, told.said))
                of = {who: last_said.get(who, "never") for who in target}
                days.append({"now": start.isoformat(), "events": [], "target": of})
        day += DAY
    done = made[made.name == ORDERED]
    lapsed = set()
    for who, of in done.groupby("who"):
        at = sorted(of["at"]) + [last + 61 * DAY]
        # Enters when the third or a later order is sixty days old and no other was reported by
        # then: orders are reported at midnight, and the clock comes first.
        reported = [a.normalize() + DAY for a in at]
        if any(at[n] + 60 * DAY <= min(reported[n + 1], last) for n in range(2, len(at) - 1)):
            lapsed.add(who)
    summary = {"days": days, "buyers": sorted(set(done.who)), "lapsed": sorted(lapsed)}
    with open(f"{out}/plan.json", "w") as plan_file:
        json.dump(summary, plan_file)


def main():
    what, file, out = sys.argv[1:4]
    os.makedirs(out, exist_ok=True)
    if what == "slices":
        slices(file, out, sys.argv[4])
    elif what == "whole":
        whole(file, out)
    elif what == "year":
        year(file, out, int(sys.argv[4]))


main()
