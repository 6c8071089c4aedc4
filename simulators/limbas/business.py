"""A small sample business: its contacts, with telephone numbers written as people write them.

All numbers are fictitious. The German ones are from the ranges that the Bundesnetzagentur keeps free for films and
examples, the French one likewise from Arcep's. Austria and Switzerland keep none free: `+43 1 9999…`, `+43 664 9999…`,
`+41 44 000…` and `+41 79 000…` are not reserved, they merely look unassigned.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

from simulators.limbas.store import Store
from simulators.limbas.tables import CALLS, CONTACTS, RECORDED, with_field


class Contact(NamedTuple):
    """One contact, in the order of the table's fields."""

    name: str
    first_name: str = ""
    company: str = ""
    phone: str = ""
    mobile: str = ""
    email: str = ""
    town: str = ""


BUSINESS: Final = (
    Contact("Müller", "Jörg", "Bäckerei Müller GmbH & Co. KG", "+49 (0)30 23125-100", "0171/3920001", town="Berlin"),
    # A company: its main number, and people behind it with extensions of their own.
    Contact("", "", "Autohaus Schmidt GmbH", "030/23125-200 (Zentrale)", email="info@schmidt.example", town="Berlin"),
    Contact("Schmidt", "Anna", "Autohaus Schmidt GmbH", "030 / 23125-201", "+49 171 3920002", "anna@schmidt.example"),
    Contact("Schmidt", "Bernd", "Autohaus Schmidt GmbH", "030 23125202", email="bernd@schmidt.example"),
    Contact("Weiß", "Günther", phone="(030) 23125-30 2", town="Potsdam"),
    Contact("Özdemir", "Ayşe", "Özdemir & Söhne OHG", "+49 (0)40 / 66 96 91 00", "0049 176 04069001", town="Hamburg"),
    Contact("Özdemir", "Emre", "Özdemir & Söhne OHG", "040 66969-101", town="Hamburg"),
    Contact("Meyer", "Klaus", "Meyer Sanitär", "069-90009100", "0176 040 690 02", "klaus@meyer.example", "Frankfurt"),
    Contact("Huber", "Sepp", phone="089 99 99 81 10", town="München"),
    Contact("Fischer", "Eva", 'Fischer <Consulting> "IT"', "0 69 / 90 00 9 - 200", "+49-171-3920003", town="Frankfurt"),
    Contact("Wagner", "Tom", phone="02 21.47.10.300", mobile="0171.3920004", town="Köln"),
    Contact("Becker", "Lisa", "Becker Bau", "00492214710310", town="Köln"),
    Contact("Hoffmann", "Jürgen", "Hoffmann & Partner", "Tel. 0221 4710-320 (Zentrale)", town="Köln"),
    Contact("Schäfer", "Ulrike", phone="040 / 66 96 93 00 Durchwahl 7", town="Hamburg"),
    # Several numbers in one field.
    Contact("Koch", "Peter", "Koch Catering", "030 23125400, 030 23125401", town="Berlin"),
    Contact("Lang", "Marie", phone="030 23125600 / 0171 3920006 (mobil)", town="Berlin"),
    Contact("Bauer", "Sabine", phone="+49 89 / 99998-220", mobile="0176-04069003", town="München"),
    Contact("O'Connor", "Liam", "O'Connor & Daughters", "+49 30 23125 500", email="liam@oconnor.example"),
    Contact("Nowak", "Piotr", mobile="0171 39200 05 (nur vormittags)"),
    # Two people on one number: nobody can know who calls.
    Contact("Schröder", "Helga", phone="069 90009 330", town="Frankfurt"),
    Contact("Schröder", "Horst", phone="069/90009330", mobile="0171 3920007", town="Frankfurt"),
    Contact("", "", "Hausverwaltung Nord GmbH", "040 66969-200", town="Hamburg"),
    Contact("Petersen", "Wiebke", "Hausverwaltung Nord GmbH", "040 66969-215", town="Hamburg"),
    Contact("Gruber", "Maria", "Alpenhof", "+43 1 9999123", "+43 (0) 664 9999123", town="Wien"),
    Contact("Steiner", "Lukas", "Steiner Holzbau", "0043 1 9999 - 456", town="Wien"),
    Contact("Keller", "Urs", "Keller AG", "+41 44 000 18 00", "+41 (0)79 000 45 67", town="Zürich"),
    Contact("Bernasconi", "Chiara", phone="0041 / 44 / 000 27 72", town="Zürich"),
    Contact("Dubois", "Camille", phone="+33 (0)1 99 00 12 34", town="Paris"),
    # What must do no harm: markup as a name, and fields with nothing to call.
    Contact('<script>alert("Anruf")</script>', "<b>Robert</b>", "'; DROP TABLE KUNDEN; -- &amp; Co.", "030 23125 666"),
    Contact("Lehmann", "Karl", phone="kein Telefon", town="Berlin"),
    Contact("Ohnesorg", "Ida"),
    # A company with a switchboard, in an open numbering plan: whatever follows 089 9999850 is one of its desks.
    Contact("", "", "Isar Logistik GmbH", "089 / 9999850-0", email="info@isar-logistik.example", town="München"),
    Contact("Brandl", "Theresa", "Isar Logistik GmbH", "089 9999850-4", "0176 04069004", town="München"),
)


def store() -> Store:
    """The business as somebody would set it up for callmonitor.

    Unlike the recorded system's its call ids are unique, and not indexed: Limbas has the one or the other.
    """
    (call_id,) = (field for field in CALLS.fields if field.name == "CALLID")
    calls = with_field(CALLS, replace(call_id, unique=True, indexed=False))
    filled = Store(RECORDED.with_table(calls))
    fill(filled)
    return filled


def fill(store: Store) -> None:
    """Put the contacts into an empty store."""
    for contact in BUSINESS:
        record_id = store.insert(CONTACTS)
        store.write(CONTACTS, record_id, dict(enumerate(contact, start=2)))
