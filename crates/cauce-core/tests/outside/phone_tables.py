"""Makes the tables of src/phone from PyPI phonenumbers: `python phone_tables.py FOLDER [DRAWS]`.

The package answers by the kind of a number: one that belongs to no place (a mobile of most
countries, a free number) gets every zone of its country, though the table of prefixes would name
one. Kinds and regions are patterns, which the core does not have; so their answers are folded into
prefixes here: numbers of every region and kind are drawn, and a prefix under which the answers
differ stands for all of them together (zones), or for the main region of its code (regions).
"""

import random
import sys

import phonenumbers
from phonenumbers import timezone
from phonenumbers.tzdata import TIMEZONE_DATA

DEPTH = 8  # digits, the country's code among them; the package's own table has nine at most
DRAWS = int(sys.argv[2]) if len(sys.argv) > 2 else 400
KINDS = [value for name, value in vars(phonenumbers.PhoneNumberType).items()
         if name.isupper() and isinstance(value, int)]
CODES = {str(code): regions for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()}


def drawn():
    random.seed(2026)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in KINDS:
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None:
                continue
            digits = str(example.national_number)
            for _ in range(DRAWS):
                kept = random.randrange(0, 4)
                text = "".join(d if at < kept else random.choice("0123456789")
                               for at, d in enumerate(digits))
                try:
                    number = phonenumbers.parse(f"+{example.country_code}{text}")
                except phonenumbers.NumberParseException:
                    continue
                if phonenumbers.is_valid_number(number):
                    yield number


def fold(below, together):
    entry = {}
    for prefix in sorted(below, key=len):
        if not any(prefix.startswith(code) for code in CODES):
            continue
        value = together(prefix, below[prefix])
        above = next((entry[prefix[:size]] for size in range(len(prefix) - 1, 0, -1)
                      if prefix[:size] in entry), None)
        if value != above:
            entry[prefix] = value
    return entry


def main_region(prefix, regions):
    if len(regions) == 1:
        return next(iter(regions))
    code = next(code for code in CODES if prefix.startswith(code))
    return CODES[code][0]


def write(path, what, entry):
    with open(path, "w") as out:
        out.write(f"# {what} by the first digits of a telephone number;"
                  " the longest prefix that\n")
        out.write("# is here counts. Made by tests/outside/phone_tables.py from PyPI phonenumbers\n")
        out.write(f"# {phonenumbers.__version__} (Apache-2.0): the facts of Google's"
                  " libphonenumber.\n")
        out.write("# First each value, numbered from 0;"
                  " then each prefix with its value's number,\n")
        out.write("# in the order of their text.\n")
        values = sorted(set(entry.values()))
        number = {value: place for place, value in enumerate(values)}
        out.writelines(f"={value}\n" for value in values)
        out.writelines(f"{prefix} {number[entry[prefix]]}\n" for prefix in sorted(entry))


def write_plans(path):
    with open(path, "w") as out:
        out.write("# How numbers are written at home: region (ISO 3166-1), code of the country,\n")
        out.write("# national prefix, international prefix, digits of a number without either.\n")
        out.write("# Made by tests/outside/phone_tables.py from PyPI phonenumbers\n")
        out.write(f"# {phonenumbers.__version__} (Apache-2.0): the facts of Google's"
                  " libphonenumber.\n")
        for region in sorted(phonenumbers.SUPPORTED_REGIONS):
            known = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
            abroad = known.international_prefix or ""
            lengths = sorted(known.general_desc.possible_length)
            fields = [region, str(known.country_code), known.national_prefix or "-",
                      abroad if abroad.isdigit() else "-", ",".join(map(str, lengths))]
            out.write(" ".join(fields) + "\n")


def main():
    write_plans(f"{sys.argv[1]}/plans.txt")
    zones, regions = {}, {}
    for prefix, known in TIMEZONE_DATA.items():
        for size in range(1, len(prefix) + 1):
            zones.setdefault(prefix[:size], set()).add(frozenset(known))
    for number in drawn():
        digits = f"{number.country_code}{number.national_number}"
        known = timezone.time_zones_for_number(number)
        region = phonenumbers.region_code_for_number(number)
        for size in range(1, DEPTH + 1):
            if "Etc/Unknown" not in known:
                zones.setdefault(digits[:size], set()).add(frozenset(known))
            regions.setdefault(digits[:size], set()).add(region)
    folder = sys.argv[1]
    write(f"{folder}/zones.txt", "Zones",
          fold(zones, lambda _, sets: " ".join(sorted(frozenset().union(*sets)))))
    write(f"{folder}/regions.txt", "Regions (ISO 3166-1)", fold(regions, main_region))


main()
