"""The store by itself: what is looked up stays right while records change."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from simulators.limbas.store import Store, indexed
from simulators.limbas.tables import CALLS, CONTACTS

CALL_ID, STATUS = CALLS.fields[1], CALLS.fields[10]
LINK = CALLS.fields[12]
TEXTS = st.sampled_from(["", "a", "A", "b", "ä"])
IDS = st.integers(1, 5)


class Records(RuleBasedStateMachine):
    """Records of two fields, links to three contacts, and the plain model beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Store()
        for _ in range(3):
            self.store.insert(CONTACTS)
        self.model: dict[int, dict[int, str]] = {}
        self.links: dict[int, list[int]] = {}
        self.inserted = 0

    @rule(text=TEXTS)
    def insert(self, text: str) -> None:
        self.inserted += 1
        assert self.store.insert(CALLS) == self.inserted
        self.store.write(CALLS, self.inserted, {CALL_ID.id: text})
        self.model[self.inserted] = {CALL_ID.id: text}
        self.links[self.inserted] = []

    @rule(record_id=IDS, field=st.sampled_from([CALL_ID, STATUS]), text=TEXTS)
    def write(self, record_id: int, field: object, text: str) -> None:
        field_id = CALL_ID.id if field is CALL_ID else STATUS.id
        self.store.write(CALLS, record_id, {field_id: text})
        if record_id in self.model:
            self.model[record_id][field_id] = text

    @rule(record_id=IDS)
    def delete(self, record_id: int) -> None:
        assert self.store.delete(CALLS, record_id) is (self.model.pop(record_id, None) is not None)
        self.links.pop(record_id, None)

    @rule(record_id=IDS, contact=IDS)
    def link(self, record_id: int, contact: int) -> None:
        possible = record_id in self.model and contact <= 3 and contact not in self.links[record_id]
        assert self.store.link(CALLS, LINK, record_id, contact) is possible
        if possible:
            self.links[record_id].append(contact)

    @rule(record_id=IDS, contact=IDS)
    def unlink(self, record_id: int, contact: int) -> None:
        self.store.unlink(CALLS, LINK, record_id, contact)
        if contact in self.links.get(record_id, []):
            self.links[record_id].remove(contact)

    @rule(text=TEXTS, field=st.sampled_from([CALL_ID, STATUS]))
    def look_up(self, text: str, field: object) -> None:
        sought = CALL_ID if field is CALL_ID else STATUS
        found = [record_id for record_id, _ in self.store.having(CALLS, sought, {indexed(text)})]
        assert found == [i for i, values in self.model.items() if indexed(values.get(sought.id)) == indexed(text)]

    @invariant()
    def the_store_holds_what_the_model_does(self) -> None:
        held = {record_id: dict(values) for record_id, values in self.store.records(CALLS)}
        assert held == {record_id: {1: record_id, **values} for record_id, values in self.model.items()}
        assert {record_id: self.store.linked(CALLS, LINK, record_id) for record_id in self.links} == self.links


Records.TestCase.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
TestRecords = Records.TestCase


def test_deleting_a_contact_removes_it_from_every_call() -> None:
    store = Store()
    for _ in range(2):
        store.insert(CONTACTS)
        store.insert(CALLS)
    for call in (1, 2):
        store.link(CALLS, LINK, call, 1)
        store.link(CALLS, LINK, call, 2)
    assert store.delete(CONTACTS, 1)
    assert [store.linked(CALLS, LINK, call) for call in (1, 2)] == [[2], [2]]
