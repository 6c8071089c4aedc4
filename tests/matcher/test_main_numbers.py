"""Which numbers a company answers beyond those in its records: only on evidence."""

from __future__ import annotations

import pytest

from shared.boxes import Place
from shared.contacts.index import ContactIndex
from shared.contacts.main_numbers import extensions_in
from shared.contacts.reading import contact
from shared.event_log import EventLog
from shared.events import Match
from shared.limbas.query import Row
from shared.limbas.settings import CUSTOMERS
from shared.numbers import read_field

HEIDELBERG = Place(country="DE", area_code="06221")
Written = tuple[str, str, str]
"""Person, company and number, as they stand in a record."""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("06221/123-45", [("+496221123", "45")], id="as DIN 5008 wants it"),
        pytest.param("(06221) 123-0 (Zentrale)", [("+496221123", "0")], id="with a note"),
        pytest.param("+49 6221 123 - 00", [("+496221123", "00")], id="international"),
        pytest.param("123-45", [("+496221123", "45")], id="without an area code"),
        pytest.param("+43 1 9999-456", [("+4319999", "456")], id="in Austria"),
        pytest.param("030 23125-0, 030 23125-11", [("+493023125", "0"), ("+493023125", "11")], id="two in a field"),
        pytest.param("030 23125-20 / 0171 3920006", [("+493023125", "20")], id="before a mobile"),
        pytest.param("030-23125", [], id="the hyphen is behind the area code"),
        pytest.param("033200-1234", [], id="a long area code, as long as a short number"),
        pytest.param("069-9000-9100", [], id="groups of digits"),
        pytest.param("069-90009-0", [("+496990009", "0")], id="groups of digits and a zero"),
        pytest.param("0171/39200-15", [], id="a mobile has no extensions"),
        pytest.param("+43 664 9999-12", [], id="nor has an Austrian one"),
        pytest.param("+41 44 000-18 00", [], id="Switzerland has a closed plan"),
        pytest.param("0800 3302-424", [], id="a service number"),
        pytest.param("0221 4710300", [], id="nothing says where it begins"),
        pytest.param("06221/12-0", [], id="too short to be anybody's"),
        pytest.param("kein Telefon - leider", [], id="no number"),
    ],
)
def test_where_an_extension_begins_is_taken_from_how_it_is_written(text: str, found: list[tuple[str, str]]) -> None:
    assert list(extensions_in(read_field(text, HEIDELBERG).numbers)) == found


SWITCHBOARD = ("", "Neckar Druck GmbH", "06221/500-0")
DESK_12, DESK_13 = ("Anna", "Neckar Druck GmbH", "06221/500-12"), ("Bernd", "Neckar Druck GmbH", "06221/500-13")
OTHERS = ("Carla", "Kanzlei Carla", "06221/500-77")


@pytest.mark.parametrize(
    ("records", "number", "companies"),
    [
        pytest.param([SWITCHBOARD], "+49622150034", ["Neckar Druck GmbH"], id="the switchboard is known"),
        pytest.param([SWITCHBOARD], "+496221500", ["Neckar Druck GmbH"], id="the switchboard without its zero"),
        pytest.param([SWITCHBOARD], "+496221500123456", [], id="too long for an extension"),
        pytest.param([SWITCHBOARD], "+49622151", [], id="another main number"),
        pytest.param([SWITCHBOARD, OTHERS], "+49622150034", ["Neckar Druck GmbH"], id="a tenant at the switchboard"),
        pytest.param([DESK_12, DESK_13], "+49622150034", ["Neckar Druck GmbH"], id="two desks of one company"),
        pytest.param([DESK_12, DESK_13], "+496221500345", [], id="longer than the known desks"),
        pytest.param([DESK_12], "+49622150034", [], id="one desk alone may be a style"),
        pytest.param([DESK_12, DESK_12], "+49622150034", [], id="one desk of two people, too"),
        pytest.param([DESK_12, DESK_13, OTHERS], "+49622150034", [], id="a house of several companies"),
        pytest.param([("Anna", "", "06221/500-0")], "+49622150034", [], id="a private person swallows nobody"),
        pytest.param([("Anna", "Neckar Druck", "06221 5000")], "+4962215000", ["exact"], id="a record comes first"),
        pytest.param(
            [SWITCHBOARD, ("", "Neckar Verlag", "06221/500-0")], "+49622150034",
            ["Neckar Druck GmbH", "Neckar Verlag"], id="two companies at one switchboard",
        ),
        pytest.param(
            [SWITCHBOARD, ("", "Kurpfalz Bau", "06221/5003-0")], "+49622150034", ["Kurpfalz Bau"], id="longest first"
        ),
        pytest.param([("", "Steiner Holzbau", "+43 1 9999-0")], "+431999945", ["Steiner Holzbau"], id="in Austria"),
        pytest.param([("", "Keller AG", "+41 44 000 18-0")], "+41440001834", [], id="never in Switzerland"),
    ],
)  # fmt: skip
def test_an_unknown_extension_is_its_company_where_that_is_proven(
    event_log: EventLog, records: list[Written], number: str, companies: list[str]
) -> None:
    index = ContactIndex(event_log)
    index.replace(
        contact(CUSTOMERS, Row(n, {"VORNAME": "", "NAME": name, "FIRMA": company, "TELEFON": phone, "MOBIL": ""}, {}),
                HEIDELBERG)
        for n, (name, company, phone) in enumerate(records)
    )  # fmt: skip
    (found,) = index.lookup([number])
    names = [
        "exact" if one.match is Match.EXACT else one.name for one in found if one.match in (Match.COMPANY, Match.EXACT)
    ]
    assert sorted(names) == companies
    assert all(one.confidence < 1 for one in found if one.match is Match.COMPANY)
