"""Who calls in a run. Taken down by hand from the sample business that the simulated Limbas holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Caller:
    """A number as the box sends it, and whose it is."""

    number: str
    record: int | None = None
    """The id in Limbas' table KUNDEN; None: nobody's, or more than one person's."""


CALLERS: Final = (
    Caller("03023125100", 1),
    Caller("01713920001", 1),
    Caller("03023125201", 3),
    Caller("03023125202", 4),
    Caller("03023125302", 5),
    Caller("04066969101", 7),
    Caller("06990009100", 8),
    Caller("08999998110", 9),
    Caller("06990009200", 10),
    Caller("004319999456", 25),
    Caller("06990009330"),  # two people
    Caller("06990009801"),
    Caller("00442079460123"),
)
IGNORED: Final = "02214710999"
"""Who calls from here is nobody's business: of these calls there must be no trace."""
