"""The sample business: fit for Limbas' fields, and nobody's real number in it."""

from __future__ import annotations

import re
from collections import Counter

import phonenumbers
import pytest

from simulators.limbas.business import BUSINESS, Contact
from simulators.limbas.tables import CONTACTS
from simulators.limbas.values import fits

FREE = re.compile(
    r"\+49(3023125|6990009|4066969|2214710|8999998)\d{3}|\+49(17139200|176040690)\d{2}|\+331990\d+"  # reserved
    r"|\+43(19999|6649999)\d+|\+41(44000|79000)\d+"  # not reserved, but nobody's
)


def numbers_of(contact: Contact) -> list[str]:
    """What can be read as a number in a contact, in E.164."""
    texts = re.sub(r"\(0\)", "", f"{contact.phone} ; {contact.mobile}")
    matches = phonenumbers.PhoneNumberMatcher(texts, "DE", leniency=phonenumbers.Leniency.POSSIBLE)
    return [phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164) for match in matches]


@pytest.mark.parametrize("contact", BUSINESS, ids=lambda contact: contact.name or contact.company)
def test_a_contact_fits_its_fields(contact: Contact) -> None:
    assert all(fits(field, text) for field, text in zip(CONTACTS.fields[1:], contact, strict=True))


@pytest.mark.parametrize("contact", BUSINESS, ids=lambda contact: contact.name or contact.company)
def test_every_number_is_one_that_nobody_has(contact: Contact) -> None:
    assert all(FREE.fullmatch(number) for number in numbers_of(contact)), numbers_of(contact)


def test_there_is_something_of_everything() -> None:
    assert len(BUSINESS) >= 25
    numbers = Counter(number for contact in BUSINESS for number in numbers_of(contact))
    assert {number[:3] for number in numbers} == {"+49", "+43", "+41", "+33"}
    assert [number for number, people in numbers.items() if people == 2] == ["+496990009330"]
    companies = Counter(contact.company for contact in BUSINESS if contact.company)
    assert companies["Autohaus Schmidt GmbH"] == 3
    assert any("<script>" in contact.name for contact in BUSINESS)
    assert any(not numbers_of(contact) for contact in BUSINESS)
