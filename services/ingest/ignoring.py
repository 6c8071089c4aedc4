"""The calls that nobody may see: which they are, and what is swallowed of them. Pure.

The works council's line, somebody's private number: of such a call nothing is kept but when a line of it came, and the
connection id that the box uses for it, so that the call's later lines, which name no number, lead to nothing either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
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


class Ignoring:
    """What is ignored of the calls of one box."""

    def __init__(self, ignored: Ignored, place: Place, connections: set[int]) -> None:
        """`place` is the box's. `connections` are kept up to date: those of the ignored calls that are going on."""
        self._others = _Numbers(ignored.numbers, place)
        self._own = _Numbers(ignored.own_numbers, place)
        self._connections = connections

    def names(self, message: Message) -> bool:
        """Whether the message itself says that it is about an ignored call."""
        match message:
            case Ring():
                return self._others.have(message.caller, outbound=False) or self._have_own(message)
            case Dial():
                return self._others.have(message.dialled, outbound=True) or self._have_own(message)
            case Connect():
                return self._others.have(message.other_side, outbound=False)
            case Disconnect():
                return False
            case _:
                assert_never(message)

    def takes(self, message: Message) -> bool:
        """Whether the message is about an ignored call, as far as this module knows from what came before."""
        connection = message.connection
        if self.names(message):
            self._connections.add(connection)
            return True
        taken = connection in self._connections and not isinstance(message, Ring | Dial)
        if not isinstance(message, Connect):
            self._connections.discard(connection)  # free, or the box uses it for another call now
        return taken

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
