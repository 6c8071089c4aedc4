"""Whom the simulated office talks to: numbers as a box in Germany sends them. All are fictitious."""

from __future__ import annotations

from pathlib import Path
from typing import Final

CUSTOMERS: Final = (
    "03023125100",
    "01713920001",
    "03023125200",
    "03023125201",
    "01713920002",
    "03023125202",
    "03023125302",
    "04066969100",
    "017604069001",
    "04066969101",
    "06990009100",
    "017604069002",
    "08999998110",
    "06990009200",
    "01713920003",
    "02214710300",
    "01713920004",
    "02214710310",
    "02214710320",
    "03023125400",
    "03023125401",
    "03023125600",
    "01713920006",
    "08999998220",
    "017604069003",
    "03023125500",
    "01713920005",
    "06990009330",
    "01713920007",
    "04066969200",
    "04066969215",
    "004319999123",
    "00436649999123",
    "004319999456",
    "0041440001800",
    "0041790004567",
    "0041440002772",
    "0033199001234",
    "03023125666",
)
"""Those of the sample business in `simulators.limbas`, which has them as people write them."""

STRANGERS: Final = (
    "03023125901",
    "03023125902",
    "06990009801",
    "06990009802",
    "04066969901",
    "02214710901",
    "08999998901",
    "01713920081",
    "01713920082",
    "017604069081",
    "00442079460123",
)
"""Limbas knows none of these. Some stand in the box's own phonebooks, see `tr064.phonebooks`."""


def read_numbers(path: Path) -> tuple[str, ...]:
    """The numbers in a file, one a line. Empty lines and what follows a space are left out.

    Raises `OSError` when it cannot be read and `ValueError` when there is none in it, or one with a `;`.
    """
    numbers = tuple(line.split()[0] for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    if not numbers or any(";" in number for number in numbers):
        raise ValueError(f"{path} must have one phone number a line, and at least one")
    return numbers
