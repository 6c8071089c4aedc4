"""The person behind a number, wherever and however that number stands. Pure."""

from __future__ import annotations

import re
from typing import Final

import phonenumbers

from shared.boxes import Place
from shared.events import Call, Direction
from shared.numbers import to_e164

_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)[\s()/.\-–]+(?=\d)")
_RUN: Final = re.compile(r"\+?\d[\d\s()/.\-–]*")


class Person:
    """Somebody with one number. `place` is where numbers without country or area code belong."""

    def __init__(self, number: str, place: Place) -> None:
        """`number` in E.164."""
        self.number = number
        self._place = place
        parsed = phonenumbers.parse(number)
        self._national = phonenumbers.national_significant_number(parsed)

    def called(self, call: Call) -> bool:
        """Whether the other side of a call has the number."""
        remote = call.remote
        return remote.e164 == self.number or self._reads(remote.received, call.direction is Direction.OUTBOUND)

    def named_in(self, text: str) -> bool:
        """Whether the number stands in a text, in any spelling."""
        squeezed = _BETWEEN_DIGITS.sub("", text)
        return self._national in squeezed or any(self._reads(run, outbound=False) for run in _RUN.findall(text))

    def spellings(self) -> tuple[str, ...]:
        """What the box may have sent for the number: those that a record holds if its E.164 form was not known."""
        trunk = phonenumbers.ndd_prefix_for_region(self._place.country, strip_non_digits=True) or ""
        found = [self.number, f"00{self.number[1:]}", self.number[1:]]
        if self._reads(trunk + self._national, outbound=False):
            area = self._place.area_code.lstrip("0")
            found.append(trunk + self._national)
            found += [self._national.removeprefix(area)] if area and self._national.startswith(area) else []
        return tuple(found)

    def _reads(self, written: str, outbound: bool) -> bool:
        return to_e164(written.strip(), self._place, outbound=outbound) == self.number
