"""What a browser's token opens, and which events it may therefore be told: docs/events.md, section 3. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from faults.event import Event


@dataclass(frozen=True, slots=True)
class Invitation:
    """Which calls the holder may see."""

    everything: bool = False
    own_numbers: frozenset[str] = frozenset()
    """As the box sends them."""
    phones: frozenset[int] = frozenset()
    """By their codes."""
    mine: bool = False
    """The token opens everything, and the holder asks for calls of these numbers and phones only."""

    @property
    def path(self) -> str:
        """Where its holder asks."""
        return "/events?calls=mine" if self.mine else "/events"

    def claims(self) -> dict[str, Any]:
        """As they stand in a token. People write every second number in their own way."""
        numbers = [
            f"0221 {number[:4]}-{number[4:]}" if position % 2 else number
            for position, number in enumerate(sorted(self.own_numbers))
        ]
        calls = "all" if self.everything or self.mine else "own"
        return {"calls": calls, "own_numbers": numbers, "extensions": [str(code) for code in sorted(self.phones)]}

    def opens(self, own_number: str, phones: Iterable[int]) -> bool:
        """Whether a call of this number, in which these phones took part, is the holder's to see."""
        return self.everything or own_number in self.own_numbers or not self.phones.isdisjoint(phones)

    def opened(self, events: Iterable[Event]) -> list[Event]:
        """What the holder may be told of these: all of a call from the event on that names the number or the phone."""
        known, told = set[str](), list[Event]()
        for event in events:
            if event.call_id in known or self.opens(event.own_number, () if event.phone is None else (event.phone,)):
                known.add(event.call_id)
                told.append(event)
        return told


EVERYTHING: Final = Invitation(everything=True)
