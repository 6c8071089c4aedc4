"""Which calls the holder of a token may see, and which of them are the holder's own. No input or output in here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from shared.boxes import Place
from shared.events import Call
from shared.numbers import to_e164

OwnNumber = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
"""A number of the office, as a person or the box writes it."""
Phone = Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9-]{0,31}/)?(0|[1-9][0-9]?)\z")]
"""An extension code of the call monitor, `10`, at any box; or at a certain one: `kanzlei/10`."""

DECISIONS_KEPT: Final = 10_000
_PUNCTUATION: Final = re.compile(r"[\s()/.+-]")


class Scope(StrEnum):
    """How much a token opens."""

    ALL = "all"
    """Every call."""
    OWN = "own"
    """The calls of the holder's own numbers and phones."""


class Rights(BaseModel):
    """What a token says of calls. Of two equal ones each opens what the other one does."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    calls: Scope
    own_numbers: frozenset[OwnNumber] = frozenset()
    extensions: frozenset[Phone] = frozenset()

    @classmethod
    def parse(cls, claims: Any) -> Rights:
        """The rights that stand among a token's claims. Raises `ValueError`, with a sentence, when there are none."""
        try:
            return _one_for_all(cls.model_validate(claims))
        except ValidationError as error:
            raise ValueError(_SENTENCES.get(str(error.errors()[0]["loc"][0]), "")) from None

    def claims(self) -> dict[str, str | list[str]]:
        """As they stand in a token."""
        return {
            "calls": self.calls.value,
            "own_numbers": sorted(self.own_numbers),
            "extensions": sorted(self.extensions),
        }

    @property
    def name_own(self) -> bool:
        """Whether they say which calls are the holder's own."""
        return bool(self.own_numbers or self.extensions)


@lru_cache(maxsize=1024)
def _one_for_all(rights: Rights) -> Rights:
    """The same object for all who have the same rights: a browser keeps its own for hours."""
    return rights


EVERYTHING: Final = Rights(calls=Scope.ALL)
"""Every call, and none of them the holder's own."""

_SENTENCES: Final = {
    "calls": "`calls` has to be `all` or `own`",
    "own_numbers": "`own_numbers` has to be a list of phone numbers, none of them empty",
    "extensions": "`extensions` has to be a list of codes as `10`, or `kanzlei/10` for the one at that box",
}


@dataclass(frozen=True)
class CallFilter:
    """Which calls go to a reader: those that the rights open, or only the holder's own among them.

    Two equal ones let the same calls through, so that what they let through is worked out once for all who share it.
    """

    rights: Rights
    mine: bool
    """Only the holder's own calls, whatever else the rights open."""
    place_of: Callable[[str], Place] = field(compare=False, repr=False)
    """Where a box is, by its name: numbers without an area code are numbers there."""
    _decided: dict[tuple[str, str | int], bool] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What has been asked before: every event is asked about, and an office has few numbers and phones."""

    @property
    def everything(self) -> bool:
        """Whether every call goes through."""
        return self.rights.calls is Scope.ALL and not self.mine

    def passes(self, call: Call, phones: Iterable[int]) -> bool:
        """Whether a call goes through. `phones` are the extension codes that took part in it."""
        return self.passes_number(call.box, call.own_number) or any(
            self.passes_phone(call.box, code) for code in phones
        )

    def passes_number(self, box: str, own_number: str) -> bool:
        """Whether calls of this own number go through, `own_number` being as the box sent it."""
        return self._decide(box, own_number)

    def passes_phone(self, box: str, code: int) -> bool:
        """Whether calls go through in which this phone takes part."""
        return self._decide(box, code)

    def _decide(self, box: str, whose: str | int) -> bool:
        decided = self._decided.get((box, whose))
        if decided is None:
            if len(self._decided) >= DECISIONS_KEPT:  # own numbers of diverted calls are anybody's
                self._decided.clear()
            own = self._is_own_phone(box, whose) if isinstance(whose, int) else self._is_own_number(box, whose)
            decided = self._decided[box, whose] = self.everything or own
        return decided

    def _is_own_number(self, box: str, own_number: str) -> bool:
        place = self.place_of(box)
        sought = _comparable(own_number, place)
        return sought != "" and any(_comparable(number, place) == sought for number in self.rights.own_numbers)

    def _is_own_phone(self, box: str, code: int) -> bool:
        return not self.rights.extensions.isdisjoint((f"{code}", f"{box}/{code}"))


def _comparable(own_number: str, place: Place) -> str:
    """What all ways to write a number have in common. Empty where there is no number."""
    return to_e164(own_number, place) or _PUNCTUATION.sub("", own_number)
