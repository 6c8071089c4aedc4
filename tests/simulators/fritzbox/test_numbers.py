from __future__ import annotations

from pathlib import Path

import phonenumbers
import pytest

from simulators.fritzbox.numbers import CUSTOMERS, STRANGERS, read_numbers
from simulators.limbas.business import BUSINESS


def e164(number: str) -> str:
    return phonenumbers.format_number(phonenumbers.parse(number, "DE"), phonenumbers.PhoneNumberFormat.E164)


def in_the_business() -> set[str]:
    fields = [field for contact in BUSINESS for field in (contact.phone, contact.mobile)]
    return {
        phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        for field in fields
        for match in phonenumbers.PhoneNumberMatcher(field, "DE", leniency=phonenumbers.Leniency.POSSIBLE)
    }


def test_customers_are_in_the_sample_business() -> None:
    assert {e164(number) for number in CUSTOMERS} - in_the_business() == set()


def test_strangers_are_not() -> None:
    assert {e164(number) for number in STRANGERS} & in_the_business() == set()


def test_numbers_can_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "numbers.txt"
    path.write_text("03023125777 somebody\n\n01713920099\n")

    assert read_numbers(path) == ("03023125777", "01713920099")


@pytest.mark.parametrize("content", ["", "\n\n", "0302;3125777\n"])
def test_a_file_without_numbers_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "numbers.txt"
    path.write_text(content)

    with pytest.raises(ValueError, match="one phone number a line"):
        read_numbers(path)
