"""The number plans of Germany, Austria and Switzerland, checked digit by digit, and in a microsecond.

`phonenumbers` holds the plans. Its own functions take ten times as long, for they work for any country.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from phonenumbers import PhoneMetadata, PhoneNumber, length_of_national_destination_code

from shared.numbers.reason import Reason

COUNTRIES: Final = {"DE": "49", "AT": "43", "CH": "41"}
"""In all three a number is dialled with 0 from within, with 00 and the country's code from each other."""
SHORTEST_WHOLE: Final = 7
"""Digits, without the leading 0. A number with fewer that is none is rather short of some than wrong."""
LONGEST_E164: Final = 15
"""Digits. Source: ITU-T E.164."""


def in_plan(country_code: str, national: str) -> str | Reason:
    """A number without its leading 0 in E.164, or why there is none like it."""
    if _PLANS[country_code].fullmatch(national):
        number = country_code + national
        return f"+{number}" if len(number) <= LONGEST_E164 else Reason.TOO_LONG
    if len(country_code + national) > LONGEST_E164:
        return Reason.TOO_LONG
    too_short = len(national) < SHORTEST_WHOLE and not national.startswith("0")
    return Reason.TOO_SHORT if too_short else Reason.NOT_VALID


@lru_cache(maxsize=8192)
def is_area_code(country_code: str, digits: str) -> bool:
    """Whether `digits`, without the leading 0, are just the area code or network code that a number begins with."""
    if country_code == "49" and digits[:2] in {"15", "16", "17"}:
        return True  # people cut mobile numbers in two where they like
    padded = digits.ljust(9 if country_code == "41" else 10, "0")
    number = PhoneNumber(country_code=int(country_code), national_number=int(padded))
    return bool(length_of_national_destination_code(number) == len(digits))


def _plan(country: str) -> re.Pattern[str]:
    """All that `phonenumbers.is_valid_number` matches: what numbers look like in general, and one of their kinds."""
    metadata = PhoneMetadata.metadata_for_region(country)
    if metadata is None:
        raise LookupError(f"phonenumbers has no number plan of {country}.")
    kinds = (metadata.fixed_line, metadata.mobile, metadata.toll_free, metadata.shared_cost, metadata.premium_rate,
             metadata.voip, metadata.personal_number, metadata.uan, metadata.voicemail, metadata.pager)  # fmt: skip
    kind = "|".join(kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern)
    general = metadata.general_desc.national_number_pattern if metadata.general_desc else None
    return re.compile(rf"(?=(?:{general})\Z)(?:{kind})")


_PLANS: Final = {code: _plan(country) for country, code in COUNTRIES.items()}
