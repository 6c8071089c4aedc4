"""The calls that nobody may see: which they are, and how much of their lines is kept. Pure.

The works council's line, somebody's private number: of a line that names one nothing is kept but when it came, and the
connection id that the box uses for the call. Whether the call's later lines are still its own the event log knows best
(`CallLife`): another ingest may have heard that it is over. So these are kept, without what could be its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from typing import Annotated, Final, TypeAlias, assert_never

import phonenumbers
from pydantic import AfterValidator, BaseModel, ConfigDict

from services.ingest.wire import Connect, Dial, Disconnect, Message, Ring
from shared.boxes import Place
from shared.numbers import to_e164

SHORTEST_PREFIX: Final = 3
"""Digits. A shorter one would hide half a country by a slip of the finger."""


def _pattern(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    if "*" in text.strip().removeprefix("**")[:-1] or not digits:
        raise ValueError("write a number, or the beginning of numbers and a * after it")
    if text.strip().endswith("*") and len(digits) < SHORTEST_PREFIX:
        raise ValueError(f"write at least {SHORTEST_PREFIX} digits before the *")
    return text.strip()


Pattern: TypeAlias = Annotated[str, AfterValidator(_pattern)]
"""A number in any spelling, or the beginning of some and a `*`: `0221 4710*`."""


class Ignored(BaseModel):
    """The section `[ignore]` of the TOML file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    numbers: tuple[Pattern, ...] = ()
    """Of the other side."""
    own_numbers: tuple[Pattern, ...] = ()
    """Of the office."""

    @property
    def anybody(self) -> bool:
        """Whether any call may have to be ignored."""
        return bool(self.numbers or self.own_numbers)


class Keep(Enum):
    """How much of a line may be stored."""

    LINE = "all of it"
    LINE_WITHOUT_NUMBER = "all but the other side's number"
    IDENTITY = "when it came, the event, the connection: it is of an ignored call"


class Ignoring:
    """What is ignored of the calls of one box."""

    def __init__(self, ignored: Ignored, place: Place, connections: set[int]) -> None:
        """`place` is the box's. `connections` are kept up to date: those of the ignored calls that are going on."""
        self._others = _Numbers(ignored.numbers, place)
        self._own = _Numbers(ignored.own_numbers, place)
        self._any_own = bool(ignored.own_numbers)
        self._connections = connections

    def keeps(self, message: Message) -> Keep:
        """How much of a message's line may be stored, as far as this module knows from what came before."""
        connection = message.connection
        if self._names(message):
            self._connections.add(connection)
            return Keep.IDENTITY
        # A call that is ignored for the other side's number names it when it is answered. One that is ignored for the
        # office's own number does not: then it is the other side's that must not be stored.
        if isinstance(message, Connect) and self._any_own and connection in self._connections:
            return Keep.LINE_WITHOUT_NUMBER
        self._connections.discard(connection)  # free, or the box uses it for another call now
        return Keep.LINE

    def _names(self, message: Message) -> bool:
        """Whether the message itself says that it is about an ignored call."""
        match message:
            case Ring():
                return self._others.have(message.caller, outbound=False) or self._have_own(message)
            case Dial():
                return self._others.have(message.dialled, outbound=True) or self._have_own(message)
            case Connect():
                other = message.other_side
                return self._others.have(other, outbound=False) or self._others.have(other, outbound=True)
            case Disconnect():
                return False
            case _:
                assert_never(message)

    def _have_own(self, message: Ring | Dial) -> bool:
        return self._own.have(message.own_number, outbound=False)


class _Numbers:
    """A list of patterns, as seen from a place."""

    def __init__(self, patterns: Iterable[str], place: Place) -> None:
        self._place = place
        exact = [pattern for pattern in patterns if not pattern.endswith("*")]
        beginnings = [pattern.removesuffix("*") for pattern in patterns if pattern.endswith("*")]
        self._as_sent = {*map(_bare, exact)}
        self._e164 = {number for pattern in exact if (number := to_e164(pattern, place))}
        self._beginnings = tuple(_beginning(pattern, place) for pattern in beginnings)
        self._beginnings_as_sent = tuple(map(_bare, beginnings))

    def have(self, number: str, *, outbound: bool) -> bool:
        """Whether a number as the box sends it is in the list. A suppressed one never is."""
        bare = _bare(number)
        if not bare:
            return False
        e164 = to_e164(number, self._place, outbound=outbound) or ""
        return (
            bare in self._as_sent
            or e164 in self._e164
            or bool(e164 and self._beginnings and e164.startswith(self._beginnings))
            or bool(self._beginnings_as_sent and bare.startswith(self._beginnings_as_sent))
        )


def _bare(number: str) -> str:
    """Without what people put between the digits."""
    return re.sub(r"[\s()/.\-–]", "", number)


def _beginning(pattern: str, place: Place) -> str:
    """The beginning of the E.164 numbers that begin with a pattern."""
    bare = _bare(pattern.replace("(0)", "")).replace("+", "00", 1)
    if bare.startswith("00"):
        return f"+{bare[2:]}"
    trunk = phonenumbers.ndd_prefix_for_region(place.country, strip_non_digits=True) or ""
    national = bare.removeprefix(trunk) if trunk and bare.startswith(trunk) else place.area_code.lstrip("0") + bare
    return f"+{phonenumbers.country_code_for_region(place.country)}{national}"
