"""Makes src/phone/numbers.txt from PyPI phonenumbers: `python phone_numbers.py FILE`.

Which numbers are assigned are patterns in the package, one for each kind in each region. Here all
of them become one automaton over the digits of E.164 (no number is longer than 17 digits, so it has
no cycle), in which states that accept the same are one state. It says what the package says of every
number: whether it is valid, and of which kind.
"""

import re._parser as parser
import sys
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata

sys.setrecursionlimit(10_000)
DIGITS = "0123456789"
OTHER, FIXED, MOBILE, PREMIUM = 1, 2, 3, 4
# In the package's own order: the first that fits is the kind.
KINDS = [("premium_rate", PREMIUM), ("toll_free", OTHER), ("shared_cost", PREMIUM),
         ("voip", OTHER), ("personal_number", OTHER), ("pager", OTHER), ("uan", OTHER),
         ("voicemail", OTHER)]


class Pattern:
    """One pattern as a machine that is asked digit by digit; sets of its states are states."""

    def __init__(self, text):
        self.step, self.empty = [], []
        start, end = self.state(), self.state()
        self.end = end
        self.sequence(parser.parse(text), start, end)
        self.start = self.closed({start})

    def state(self):
        self.step.append({})
        self.empty.append(set())
        return len(self.step) - 1

    def sequence(self, items, start, end):
        at = start
        for item in items:
            after = self.state()
            self.item(item, at, after)
            at = after
        self.empty[at].add(end)

    def item(self, item, start, end):
        name, value = str(item[0]), item[1]
        if name == "LITERAL":
            self.on({chr(value)}, start, end)
        elif name == "IN":
            self.on(set().union(*(self.chosen(one) for one in value)), start, end)
        elif name == "SUBPATTERN":
            self.sequence(value[3], start, end)
        elif name == "BRANCH":
            for branch in value[1]:
                self.sequence(branch, start, end)
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, inner = value
            at = start
            for turn in range(most):
                if turn >= least:
                    self.empty[at].add(end)
                after = self.state()
                self.sequence(inner, at, after)
                at = after
            self.empty[at].add(end)
        else:
            raise ValueError(f"{name} is not known here")

    @staticmethod
    def chosen(one):
        name, value = str(one[0]), one[1]
        if name == "LITERAL":
            return {chr(value)}
        if name == "RANGE":
            return {chr(c) for c in range(value[0], value[1] + 1)}
        if name == "CATEGORY" and str(value) == "CATEGORY_DIGIT":
            return set(DIGITS)
        raise ValueError(f"{name} {value} is not known here")

    def on(self, letters, start, end):
        for letter in letters:
            self.step[start].setdefault(letter, set()).add(end)

    def closed(self, states):
        todo, seen = list(states), set(states)
        while todo:
            for after in self.empty[todo.pop()]:
                if after not in seen:
                    seen.add(after)
                    todo.append(after)
        return frozenset(seen)

    @lru_cache(maxsize=None)
    def after(self, states, digit):
        return self.closed(set().union(*(self.step[s].get(digit, set()) for s in states), set()))

    def accepts(self, states):
        return self.end in states


class Code:
    """Everything under one calling code."""

    def __init__(self, code, regions):
        self.regions, self.patterns, known = [], [], {}

        def pattern(text):
            if text not in known:
                known[text] = len(self.patterns)
                self.patterns.append(Pattern(text))
            return known[text]

        def described(desc):
            if desc is None or desc.national_number_pattern in (None, "NA"):
                return None
            return pattern(desc.national_number_pattern), frozenset(desc.possible_length)

        for region in regions:
            data = (PhoneMetadata.metadata_for_nongeo_region(code, None) if region == "001"
                    else PhoneMetadata.metadata_for_region(region, None))
            leading = data.leading_digits
            self.regions.append({
                # Once it has matched, what follows does not matter.
                "leading": pattern(f"(?:{leading})\\d{{0,17}}") if leading else None,
                "general": described(data.general_desc),
                "kinds": [(described(getattr(data, name)), label) for name, label in KINDS],
                "fixed": described(data.fixed_line),
                "mobile": described(data.mobile),
                "alike": data.same_mobile_and_fixed_line_pattern,
            })
        self.alone = len(regions) == 1
        self.start = (0, tuple(p.start for p in self.patterns))
        self.dead = (0, ())

    def after(self, state, digit):
        length, states = state
        if length >= 17:
            return None
        states = tuple(p.after(s, digit) for p, s in zip(self.patterns, states))
        return (length + 1, states) if any(states) else None

    def label(self, state):
        length, states = state

        def fits(desc):
            return (desc is not None and (not desc[1] or length in desc[1])
                    and self.patterns[desc[0]].accepts(states[desc[0]]))

        for region in self.regions:
            label = self.kind(region, fits)
            if self.alone:
                return label
            if region["leading"] is not None:
                if self.patterns[region["leading"]].accepts(states[region["leading"]]):
                    return label
            elif label:
                return label
        return 0

    @staticmethod
    def kind(region, fits):
        if not fits(region["general"]):
            return 0
        for desc, label in region["kinds"]:
            if fits(desc):
                return label
        if fits(region["fixed"]):
            return MOBILE if region["alike"] or fits(region["mobile"]) else FIXED
        return MOBILE if not region["alike"] and fits(region["mobile"]) else 0


def main(path):
    nodes, ids = [(0, (0,) * 10)], {(0, (0,) * 10): 0}

    def node(label, below):
        key = (label, tuple(below))
        if key not in ids:
            ids[key] = len(nodes)
            nodes.append(key)
        return ids[key]

    def walk(code):
        seen = {}

        def of(state):
            if state is None:
                return 0
            if state not in seen:
                below = [of(code.after(state, digit)) for digit in DIGITS]
                seen[state] = node(code.label(state), below)
            return seen[state]

        return of(code.start)

    codes = {}
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        codes[str(code)] = walk(Code(code, regions))

    def prefix(text):
        if text in codes:
            return codes[text]
        if not any(code.startswith(text) for code in codes):
            return 0
        return node(0, [prefix(text + digit) for digit in DIGITS])

    root = prefix("")
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"

    def three(value):
        assert value < 36 ** 3
        return alphabet[value // 1296] + alphabet[value // 36 % 36] + alphabet[value % 36]

    with open(path, "w") as out:
        out.write("# Which numbers are assigned, and of which kind: an automaton over the digits"
                  " of E.164.\n")
        out.write("# Made by tests/outside/phone_numbers.py from PyPI phonenumbers"
                  f" {phonenumbers.__version__}\n")
        out.write("# (Apache-2.0): the facts of Google's libphonenumber.\n")
        out.write("# A line is a state: what a number that ends here is (0 none, 1 other, 2 fixed,"
                  " 3 mobile\n")
        out.write("# or may be, 4 premium), then for each digit the state behind it, in base 36;"
                  " 000 is the\n")
        out.write("# end of what is assigned. The first line behind this one is state 000, the last"
                  " one begins.\n")
        if nodes[-1] != nodes[root]:
            nodes.append(nodes[root])
        for label, below in nodes:
            out.write(str(label) + "".join(three(place) for place in below) + "\n")
    print(len(nodes), "states")


main(sys.argv[1])
