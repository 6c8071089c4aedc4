"""What a call's record should be: its values, and whose link it has."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.logger.record import LinkChange, OwnLinks, Target, link_after, link_change, target_of, values_of
from shared.events import (
    Candidate,
    ContactResolved,
    Extension,
    ExtensionKind,
    Match,
    Outcome,
    RemoteNumber,
    Source,
    State,
)
from shared.limbas.settings import CallFields, CallSpellings, CallsTable
from tests.shared.making import START, a_call

A, B, C = Target("KUNDEN", 1), Target("KUNDEN", 2), Target("FIRMEN", 1)
JUST_A = frozenset({A})
NOBODY: frozenset[Target] = frozenset()
RELATIONS = {"KUNDEN": "KUNDE", "FIRMEN": "FIRMA"}


def someone(name: str, record_id: int = 1, table: str = "KUNDEN") -> Candidate:
    return Candidate(source=Source.LIMBAS, match=Match.EXACT, name=name, table=table, record_id=record_id)


def test_a_call_that_rings_fills_what_is_known_by_then() -> None:
    values = values_of(a_call("one"), None, CallsTable())
    assert {name: value for name, value in values.items() if value not in ("", None)} == {
        "CALLID": "one",
        "RICHTUNG": "inbound",
        "RUFNUMMER": "+49302312501",
        "EIGENE_NUMMER": "6900090",
        "BEGINN": START,
        "STATUS": "ringing",
    }


def test_a_call_that_has_ended_says_how() -> None:
    call = a_call(
        seq=3,
        state=State.ENDED,
        outcome=Outcome.NOT_REACHED,
        extension=Extension(code=11, kind=ExtensionKind.DECT, name="Workshop"),
        connected_at=START + timedelta(seconds=8),
        ended_at=START + timedelta(seconds=90),
        duration=81,
    )
    values = values_of(call, ContactResolved(call_id=call.id, candidates=(someone("Anna"),), sure=True), CallsTable())
    assert (values["STATUS"], values["DAUER"], values["NEBENSTELLE"]) == ("not reached", 81, "Workshop")
    assert values["KONTAKT_NAME"] == "Anna"


def test_a_number_without_e164_is_recorded_as_received_and_a_suppressed_one_is_empty() -> None:
    assert values_of(a_call(remote=RemoteNumber(received="62")), None, CallsTable())["RUFNUMMER"] == "62"
    hidden = a_call(remote=RemoteNumber(received="", suppressed=True))
    assert values_of(hidden, None, CallsTable())["RUFNUMMER"] == ""


def test_names_and_spellings_are_the_sites() -> None:
    table = CallsTable(
        fields=CallFields(direction="WEG", own_number="", status="LAGE"),
        values=CallSpellings(inbound="eingehend", ringing="klingelt"),
    )
    values = values_of(a_call(), None, table)
    assert (values["WEG"], values["LAGE"]) == ("eingehend", "klingelt")
    assert "" not in values
    assert "6900090" not in values.values(), "an empty name leaves the field out"


def test_two_people_on_one_number_are_both_named_and_neither_is_linked() -> None:
    both = ContactResolved(call_id="one", candidates=(someone("Anna", 1), someone("Bernd", 2)))
    assert values_of(a_call("one"), both, CallsTable())["KONTAKT_NAME"] == "Anna / Bernd"
    assert target_of(both, RELATIONS) is None


def test_a_sure_contact_is_linked_where_its_table_has_a_relation() -> None:
    sure = ContactResolved(call_id="one", candidates=(someone("Anna", 7, "FIRMEN"),), sure=True)
    assert target_of(sure, RELATIONS) == Target("FIRMEN", 7)
    assert target_of(sure, {"KUNDEN": "KUNDE"}) is None
    assert target_of(None, RELATIONS) is None


@pytest.mark.parametrize(
    ("wanted", "own", "present", "change"),
    [
        pytest.param(None, OwnLinks(), NOBODY, LinkChange(), id="nobody known, nothing to do"),
        pytest.param(A, OwnLinks(), NOBODY, LinkChange(add=A), id="somebody known: link"),
        pytest.param(A, OwnLinks(meant=JUST_A), NOBODY, LinkChange(add=A), id="the link was lost on the way: again"),
        pytest.param(A, OwnLinks(meant=JUST_A), {A}, LinkChange(), id="the answer was lost, the link was not"),
        pytest.param(A, OwnLinks(made=A), {A}, LinkChange(), id="linked: nothing to do"),
        pytest.param(B, OwnLinks(made=A), {A}, LinkChange(JUST_A, B), id="somebody else after all: linked anew"),
        pytest.param(B, OwnLinks(made=A, meant=frozenset({B})), {A, B}, LinkChange(JUST_A), id="half of that was done"),
        pytest.param(C, OwnLinks(made=A), {A}, LinkChange(JUST_A, C), id="a contact of another table after all"),
        pytest.param(None, OwnLinks(made=A), {A}, LinkChange(JUST_A), id="not sure any more: unlinked"),
        pytest.param(A, OwnLinks(), {B}, LinkChange(), id="a person has linked somebody else: kept"),
        pytest.param(A, OwnLinks(made=A), {A, B}, LinkChange(), id="a person has linked somebody else, too: kept"),
        pytest.param(B, OwnLinks(meant=JUST_A | {B}), {A}, LinkChange(JUST_A, B), id="our older link came late"),
        pytest.param(B, OwnLinks(made=A), {C}, LinkChange(), id="a person has corrected our link: kept"),
        pytest.param(A, OwnLinks(made=A), NOBODY, LinkChange(), id="a person has removed our link: not made again"),
        pytest.param(B, OwnLinks(made=A), NOBODY, LinkChange(add=B), id="a person has removed a wrong link"),
    ],
)  # fmt: skip
def test_links(wanted: Target | None, own: OwnLinks, present: set[Target], change: LinkChange) -> None:
    assert link_change(wanted, own, frozenset(present)) == change


TARGETS = st.sampled_from([A, B, C])
MAYBE = st.none() | TARGETS


@given(MAYBE, MAYBE, st.frozensets(TARGETS), st.frozensets(TARGETS))
def test_one_round_of_changes_leaves_nothing_to_do(
    wanted: Target | None, made: Target | None, meant: frozenset[Target], present: frozenset[Target]
) -> None:
    change = link_change(wanted, OwnLinks(made, meant), present)
    after = (present - change.remove) | ({change.add} if change.add else set())
    own = OwnLinks(made, meant | ({change.add} if change.add else set()))
    assert link_change(wanted, own, after) == LinkChange()
    assert not change.remove - {made} - meant, "what people linked stays"
    assert link_after(wanted, own, after) in {made, wanted, None}
