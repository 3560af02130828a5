"""Numbers of all regions and kinds, and what phonenumbers says of each: number, region, how it is
written at home (`-` where phonenumbers itself does not read it back), zones."""

import random
import sys

import phonenumbers
from phonenumbers import timezone

random.seed(int(sys.argv[1]))
KINDS = [value for name, value in vars(phonenumbers.PhoneNumberType).items()
         if name.isupper() and isinstance(value, int)]
wanted, made = int(sys.argv[2]), 0
regions = sorted(phonenumbers.SUPPORTED_REGIONS)
while made < wanted:
    example = phonenumbers.example_number_for_type(random.choice(regions), random.choice(KINDS))
    if example is None:
        continue
    digits = str(example.national_number)
    kept = random.randrange(0, 4)
    text = "".join(d if at < kept else random.choice("0123456789") for at, d in enumerate(digits))
    try:
        number = phonenumbers.parse(f"+{example.country_code}{text}")
    except phonenumbers.NumberParseException:
        continue
    if not phonenumbers.is_valid_number(number):
        continue
    made += 1
    zones = timezone.time_zones_for_number(number)
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    region = phonenumbers.region_code_for_number(number)
    home = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    home = "".join(c for c in home if c.isdigit())
    try:
        back = phonenumbers.parse(home, region)
    except phonenumbers.NumberParseException:
        back = None
    print(written, region, home if back == number else "-", *zones)
