"""Answers that are sound SOAP and a proper array, and yet not what was asked for."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from shared.limbas import errors
from shared.limbas.actions import Delete, Insert, Inserted, Link, Refused, Unlink, Update
from shared.limbas.client import Limbas
from shared.limbas.php import Array
from tests.limbas.answering import Answer, AnsweringServer, soap_answer
from tests.limbas.recorded import recorded_answer, recorded_data

LINKED_ALREADY: Array = {0: "Datensatz konnte nicht verknüpft werden!"}


@pytest.fixture
def writing(client: Limbas, server: AnsweringServer) -> Any:
    """Has the client write, and the server answer something."""

    def write(actions: list[Any], answer: Array) -> list[str]:
        server.answers = [recorded_answer("01"), soap_answer(answer)]
        return [
            type(result.error).__name__ if isinstance(result, Refused) else type(result).__name__
            for result in client.write(actions)
        ]

    return write


INSERT = Insert("ANRUFE", {"CALLID": "a"})
UPDATE = Update("ANRUFE", 1, {"CALLID": "a"})
LINK = Link("ANRUFE", 1, "KUNDE", 5)
UNLINK = Unlink("ANRUFE", 1, "KUNDE", 5)


@pytest.mark.parametrize("answer", [False, None, 0, True, "", "x", {}, -1])
def test_an_insert_without_an_id_made_no_record(writing: Any, answer: Any) -> None:
    assert writing([INSERT], {0: answer}) == ["ErrorReported"]


@pytest.mark.parametrize("answer", [197, "197"])
def test_an_insert_with_an_id_made_one_whatever_else_failed(
    client: Limbas, server: AnsweringServer, answer: Any
) -> None:
    server.answers = [recorded_answer("01"), soap_answer({0: answer, "error": {0: LINKED_ALREADY}})]
    assert client.write([INSERT]) == [Inserted(197)]


def test_every_action_without_an_entry_is_refused_and_the_others_are_not(writing: Any) -> None:
    assert writing([INSERT, UPDATE, LINK, Delete("ANRUFE", 1)], {0: 7, 3: True}) == [
        "Inserted", "NoEntry", "NoEntry", "Sent",
    ]  # fmt: skip


def test_an_error_belongs_to_its_action(writing: Any) -> None:
    assert writing([UPDATE, UPDATE, UPDATE], {0: True, 1: True, 2: True, "error": {1: {0: "No!"}}}) == [
        "Sent", "ErrorReported", "Sent",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("actions", "answers", "errors_at", "expected"),
    [
        ([LINK, LINK], [False, False], [0], ["ErrorReported", "Sent"]),
        ([LINK, LINK], [False, False], [0, 1], ["ErrorReported", "ErrorReported"]),
        ([UPDATE, UNLINK], [False, False], [], ["ErrorReported", "Sent"]),
        ([UPDATE, LINK], [True, False], [1], ["Sent", "ErrorReported"]),
        ([UPDATE, LINK], [True, False], [], ["Sent", "ErrorReported"]),
        ([LINK, UPDATE, LINK], [False, True, False], [0], ["ErrorReported", "Sent", "ErrorReported"]),
        ([LINK, INSERT, LINK], [False, 7, False], [0], ["ErrorReported", "Inserted", "Sent"]),
        ([UPDATE, LINK], [True, True], [], ["Sent", "Sent"]),
        ([LINK, LINK], [None, None], [], ["Sent", "Sent"]),
    ],
)
def test_the_failure_of_one_action_is_not_taken_for_that_of_the_next(
    writing: Any, actions: list[Any], answers: list[Any], errors_at: list[int], expected: list[str]
) -> None:
    """Limbas answers an action that only links, and works, as the last change in the request came out."""
    answer: Array = dict(enumerate(answers))
    if errors_at:
        answer["error"] = dict.fromkeys(errors_at, LINKED_ALREADY)
    assert writing(actions, answer) == expected


def test_a_field_that_our_user_may_not_write_is_named_before_anything_is_sent(
    client: Limbas, server: AnsweringServer
) -> None:
    schema = copy.deepcopy(recorded_data("01"))
    del schema["gfield"][5]["perm_edit"][11], schema["gfield"][5]["perm_edit"][13]
    server.answers = [soap_answer(schema)]
    results = client.write([Update("ANRUFE", 1, {"STATUS": "x"}), Insert("ANRUFE", {}, links={"KUNDE": 5}), LINK])
    for result, field in zip(results, ["STATUS", "KUNDE", "KUNDE"], strict=True):
        assert isinstance(result, Refused)
        assert type(result.error) is errors.NotAllowed
        assert field in str(result.error)
    assert all("getvars" in asked.payload[0] for asked in server.asked), "nothing but the schema was asked for"


def test_an_update_of_nothing_is_our_mistake(client: Limbas, server: AnsweringServer) -> None:
    server.answers = [recorded_answer("01")]
    with pytest.raises(ValueError, match="values"):
        client.write([Update("ANRUFE", 1, {})])


CUSTOMER = {1: "1", 2: "Meyer"}


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {0: None},
        {0: {"fresult": None}},
        {0: {"result": {"res_count": {4: None}}, "fresult": None}},
        {0: {"result": {"res_count": {5: 1}}, "fresult": {5: {1: CUSTOMER}}}},
        {0: {"result": {"res_count": {4: 3}}, "fresult": None}},
        {0: {"result": {"res_count": {4: 1}}, "fresult": {4: {1: CUSTOMER}}}, "error": {0: {0: "No!"}}},
    ],
)
def test_an_answer_without_the_rows_that_it_counts_is_incomplete(
    client: Limbas, server: AnsweringServer, answer: Any
) -> None:
    server.answers = [recorded_answer("01"), soap_answer(answer)]
    with pytest.raises(errors.Incomplete, match="KUNDEN"):
        list(client.rows("KUNDEN", ["NAME"]))


def test_the_same_page_again_and_again_ends(client: Limbas, server: AnsweringServer) -> None:
    page = {0: {"result": {"res_count": {4: 3}}, "fresult": {4: {1: CUSTOMER}}}}
    server.answers = [recorded_answer("01"), soap_answer(page)]
    with pytest.raises(errors.Incomplete, match="again"):
        list(client.rows("KUNDEN", ["NAME"]))


def test_fields_without_a_value_are_empty(client: Limbas, server: AnsweringServer) -> None:
    row = {1: "1", 2: None, 7: False, 10: 81}
    page = {0: {"result": {"res_count": {5: "1"}}, "fresult": {5: {1: row}}}}
    server.answers = [recorded_answer("01"), soap_answer(page)]
    [[read]] = client.rows("ANRUFE", ["CALLID", "BEGINN", "DAUER", "STATUS", "KUNDE"])
    assert read.values == {"CALLID": "", "BEGINN": "", "DAUER": "81", "STATUS": ""}
    assert read.links == {"KUNDE": frozenset()}


def test_an_empty_array_as_php_sends_it_in_soap_is_malformed(client: Limbas, server: AnsweringServer) -> None:
    """`runlmb` answers so when it has nothing to say. zeep would fetch SOAP's own schema from the network for it."""
    server.answers = [returning(b'<return xsi:type="SOAP-ENC:Array" SOAP-ENC:arrayType="xsd:ur-type[0]"/>')]
    with pytest.raises(errors.Malformed):
        client.schema()


@pytest.mark.parametrize(
    "element", [b"<return/>", b'<return xsi:type="xsd:int">5</return>', b'<return xsi:nil="true"/>']
)
def test_what_is_no_text_is_malformed(client: Limbas, server: AnsweringServer, element: bytes) -> None:
    server.answers = [returning(element)]
    with pytest.raises(errors.Malformed):
        client.schema()


def returning(element: bytes) -> Answer:
    """A sound envelope that returns something else."""
    sound = soap_answer({}).body
    end = b"</return>"
    return Answer(sound[: sound.index(b"<return")] + element + sound[sound.index(end) + len(end) :])
