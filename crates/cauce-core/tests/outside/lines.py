"""Numbers of some regions, near to real ones and mostly wrong in a digit or in their length, and
what phonenumbers says of each: number, region it was drawn for, kind (`-` for nobody's)."""

import random
import sys

import phonenumbers
from phonenumbers import PhoneNumberType as Kind

random.seed(int(sys.argv[1]))
REGIONS = sys.argv[3].split(",")
KINDS = [value for name, value in vars(Kind).items() if name.isupper() and isinstance(value, int)]
WORDS = {Kind.MOBILE: "mobile", Kind.FIXED_LINE_OR_MOBILE: "mobile", Kind.FIXED_LINE: "fixed",
         Kind.PREMIUM_RATE: "premium", Kind.SHARED_COST: "premium"}
wanted, made = int(sys.argv[2]), 0
while made < wanted:
    region = random.choice(REGIONS)
    example = phonenumbers.example_number_for_type(region, random.choice(KINDS))
    if example is None:
        continue
    digits = phonenumbers.national_significant_number(example)
    kept = random.randrange(0, len(digits))
    text = "".join(d if at < kept else random.choice("0123456789") for at, d in enumerate(digits))
    turn = random.randrange(10)
    text = text[:-1] if turn == 0 else text + "7" if turn == 1 else text
    written = f"+{example.country_code}{text}"
    # A zero in front is part of the number where the package says so, and of no number elsewhere.
    number = phonenumbers.PhoneNumber(country_code=example.country_code,
                                      national_number=int(text))
    zeros = len(text) - len(text.lstrip("0"))
    if zeros:
        number.italian_leading_zero = True
        number.number_of_leading_zeros = zeros
    if len(written) > 16 or len(written) < 7:
        continue
    made += 1
    valid = phonenumbers.is_valid_number(number)
    kind = WORDS.get(phonenumbers.number_type(number), "other") if valid else "-"
    print(written, region, kind)
