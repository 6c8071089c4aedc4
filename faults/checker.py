"""Compares what the box said with what Limbas holds and what each browser was told. Pure.

An independent witness: it shares no code, no model and no setting with the services.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from faults.announced import Call, Said, announced, customer, e164
from faults.callers import CALLERS, IGNORED
from faults.event import Event, Id
from faults.watched import Watched


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything there is to judge by, after a run."""

    said: Sequence[Said]
    """The box's own log."""
    records: Sequence[Mapping[str, Any]]
    """Limbas' table of calls: `{"id": 1, "fields": {…}, "links": {"KUNDE": [7]}}`."""
    events: Sequence[Event]
    """Every event of the event log, in order."""
    browsers: Sequence[Watched]
    logs: Mapping[str, str]
    """What the services wrote for their operators: nobody's number may be in there."""
    storage: Mapping[str, str]
    """What the services keep on disks: nothing of an ignored call may be in there."""


@dataclass(slots=True)
class Finding:
    """What is wrong in one place. Every entry is a few words for a person, without anybody's number."""

    where: str
    compared: int
    """Calls, or files."""
    events: int = 0
    """Events that were told there."""
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether nothing is."""
        return not (self.lost or self.doubled or self.wrong or self.leaked)


def check(evidence: Evidence) -> list[Finding]:
    """One finding per place; all `well` when the promise was kept."""
    calls = announced(evidence.said)
    found = [_limbas(calls, evidence.records)]
    found += [_browser(calls, each, evidence) for each in evidence.browsers]
    found += [_logs(evidence.logs), _storage(evidence.storage)]
    return found


def _limbas(calls: list[Call], records: Sequence[Mapping[str, Any]]) -> Finding:
    """Each call has its one record, which says what the box said and is linked to the customer."""
    finding = Finding("Limbas", len(calls))
    held = [_as_read(record["fields"]) for record in records]
    _compare(calls, held, finding)
    for record, call in zip(records, held, strict=True):
        links, known = record["links"].get("KUNDE", []), customer(call)
        if links != ([known] if known else []):
            finding.wrong.append(f"record {record['id']} is linked to {links}, not {known}")
    ids = Counter(record["fields"]["CALLID"] for record in records)
    finding.doubled += [f"{call_id} has {count} records" for call_id, count in ids.items() if count > 1]
    return finding


def _browser(calls: list[Call], browser: Watched, evidence: Evidence) -> Finding:
    """It was told all of the calls that it may see: each event once and in order, whose it is. And no more."""
    if (invitation := browser.invitation) is None:
        return Finding(browser.name, 0, leaked=["told something without a good token" for _ in browser.text])
    its_calls = [call for call in calls if invitation.opens(call.own_number, call.phones)]
    finding = Finding(browser.name, len(its_calls), len(browser.told))
    known = browser.known()
    of_others = {call.key for call in calls} - {call.key for call in its_calls}
    _compare(its_calls, [call for _, call in known if call.key not in of_others], finding)
    finding.leaked += [_brief(call) for _, call in known if call.key in of_others]
    events = invitation.opened(evidence.events)
    finding.doubled += [f"event {_written(at)} came again" for at in browser.again]
    finding.lost += [f"event {_written(at)} never came" for at in browser.missed(event.at for event in events)]
    finding.leaked += _not_for(browser, events)
    records = {record["id"]: record["fields"]["CALLID"] for record in evidence.records}
    for call_id, call in known:
        finding.wrong += [f"{call_id}: {what}" for what in _mistakes(call_id, call, browser, records)]
    return finding


def _not_for(browser: Watched, events: Sequence[Event]) -> Iterable[str]:
    """What it was told too early, or should never have been. `events`: all that it may be told."""
    ids, begins = {event.at for event in events}, dict[str, Id]()
    for event in events:
        begins.setdefault(event.call_id, event.at)
    for at in browser.told - ids:
        yield f"event {_written(at)}"
    for call_id, at in browser.shown.items():
        if call_id not in begins or begins[call_id] > at:
            yield f"{call_id} in the picture of {_written(at)}"
    for call_id in browser.hinted - begins.keys():
        yield f"who or where {call_id} is"


def _mistakes(call_id: str, call: Call, browser: Watched, records: Mapping[int, str]) -> Iterable[str]:
    contact = browser.contacts.get(call_id, ((0, 0), {}))[1]
    sure = contact["candidates"][0]["record_id"] if contact.get("sure") else None
    if sure != customer(call):
        yield f"shown as customer {sure}, not {customer(call)}"
    recorded = browser.records.get(call_id, ((0, 0), {}))[1]
    if records.get(recorded.get("record_id", 0)) != call_id:
        yield "said to be in a record that is not its own, or in none"


def _compare(calls: list[Call], found: list[Call], finding: Finding) -> None:
    """By what tells calls apart: some are not there, some too often, some otherwise, and some nobody announced."""
    expected, present = _by_key(calls), _by_key(found)
    for key in expected.keys() | present.keys():
        wanted, there = expected.get(key, []), present.get(key, [])
        finding.lost += [_brief(call) for call in wanted[len(there) :]]
        if wanted:
            finding.doubled += [_brief(call) for call in there[len(wanted) :]]
        else:
            finding.wrong += [f"{_brief(call)}: nobody announced it" for call in there if not _is_ignored(call)]
        finding.wrong += [_difference(one, other) for one, other in zip(wanted, there, strict=False) if one != other]
    finding.leaked += ["an ignored caller's call" for call in found if _is_ignored(call)]


def _logs(logs: Mapping[str, str]) -> Finding:
    numbers = [_digits(caller.number) for caller in CALLERS] + [_digits(IGNORED)]
    return _looked_through("logs", logs, numbers, "a number")


def _storage(storage: Mapping[str, str]) -> Finding:
    return _looked_through("Redis and spools", storage, [_digits(IGNORED)], "an ignored number")


def _looked_through(where: str, files: Mapping[str, str], numbers: Sequence[str], what: str) -> Finding:
    finding = Finding(where, len(files))
    finding.leaked += [f"{what} in {name}" for name, text in files.items() if any(n in text for n in numbers)]
    if not any(files.values()):
        finding.wrong.append("there was nothing to look through")
    return finding


def _as_read(fields: Mapping[str, Any]) -> Call:
    """A record as people read it. Limbas keeps an empty date as nothing."""
    lost = fields["STATUS"] == "lost" and fields["DAUER"] is None
    return Call(
        direction=fields["RICHTUNG"] or "",
        remote=fields["RUFNUMMER"] or "",
        own_number=fields["EIGENE_NUMMER"] or "",
        phone=fields["NEBENSTELLE"] or "",
        started=fields["BEGINN"] or "",
        connected=fields["VERBUNDEN"] or "",
        ended="" if lost else fields["ENDE"] or "",
        duration=fields["DAUER"],
        status=fields["STATUS"] or "",
    )


def _by_key(calls: Iterable[Call]) -> dict[tuple[Any, ...], list[Call]]:
    found: dict[tuple[Any, ...], list[Call]] = defaultdict(list)
    for call in calls:
        found[call.key].append(call)
    return found


def _is_ignored(call: Call) -> bool:
    return call.remote == e164(IGNORED)


_COMPARED: Final = ("direction", "remote", "phone", "started", "connected", "ended", "duration", "status")


def _difference(wanted: Call, found: Call) -> str:
    names = [name for name in _COMPARED if getattr(wanted, name) != getattr(found, name)]
    shown = [
        name if name == "remote" else f"{name} is {getattr(found, name)!r}, not {getattr(wanted, name)!r}"
        for name in names
    ]
    return f"{_brief(wanted)}: {'; '.join(shown)}"


def _brief(call: Call) -> str:
    return f"call on {call.own_number or '?'} at {call.started or call.connected or call.ended} ({call.status})"


def _digits(number: str) -> str:
    """What every way of writing a number has in common."""
    return re.sub(r"^0+(49)?", "", number)


def _written(at: Id) -> str:
    return f"{at[0]}-{at[1]}"
