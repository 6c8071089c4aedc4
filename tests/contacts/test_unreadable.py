"""What stands in a number field and is no number: which part of it, and why."""

from __future__ import annotations

import pytest

from shared.boxes import Place
from shared.contacts.unreadable import unreadable_parts
from shared.numbers import Reason, read_field

COLOGNE, NOWHERE = Place(country="DE", area_code="0221"), Place(country="DE")


@pytest.mark.parametrize(
    ("text", "place", "found"),
    [
        ("0221 4710999", COLOGNE, []),
        ("4710999", COLOGNE, []),
        ("", COLOGNE, []),
        (" - ", COLOGNE, []),
        ("0221 4710999 (nur vormittags)", COLOGNE, []),
        ("unbekannt", COLOGNE, [("unbekannt", Reason.NO_NUMBER)]),
        ("0221 4710999; siehe Akte", COLOGNE, []),
        ("0221 4710999; 0221 1", COLOGNE, [("0221 1", Reason.TOO_SHORT)]),
        ("4710999", NOWHERE, [("4710999", Reason.NO_AREA_CODE)]),
        ("17", COLOGNE, [("17", Reason.TOO_SHORT)]),
        ("siehe Akte 17", COLOGNE, [("siehe Akte 17", Reason.TOO_SHORT)]),
        ("112", COLOGNE, [("112", Reason.NOT_OUTSIDE)]),
        ("**610", COLOGNE, [("**610", Reason.NOT_OUTSIDE)]),
        ("+999 12345678", COLOGNE, [("+999 12345678", Reason.UNKNOWN_COUNTRY)]),
        ("0221 4710999 4710999 4710999", COLOGNE, [("0221 4710999 4710999 4710999", Reason.TOO_LONG)]),
        ("03", COLOGNE, [("03", Reason.TOO_SHORT)]),
        ("0221 471O999\n0221 4710999", COLOGNE, [("0221 471", Reason.LETTERS)]),
    ],
)
def test_each_part_that_gives_no_number_is_named_with_its_reason(
    text: str, place: Place, found: list[tuple[str, Reason]]
) -> None:
    assert list(unreadable_parts(text, read_field(text, place))) == found
