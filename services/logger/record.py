"""What a call's record in Limbas should be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.events import Call, ContactResolved, Match
from shared.limbas.settings import CallsTable
from shared.limbas.values import Value


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """The record of a contact, which a call can be linked to."""

    table: str
    id: int

    def __str__(self) -> str:
        return f"{self.table}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Target:
        """The inverse of `str`."""
        table, _, record_id = text.rpartition(":")
        return cls(table, int(record_id))


@dataclass(frozen=True, slots=True)
class OwnLinks:
    """What the loggers did about a call's link, as opposed to people."""

    made: Target | None = None
    """The link that was seen to be there after it was made."""
    meant: frozenset[Target] = frozenset()
    """The links that were ever about to be made. Each may be there or not, or come late."""


@dataclass(frozen=True, slots=True)
class LinkChange:
    """What to do about a call's links."""

    remove: frozenset[Target] = frozenset()
    add: Target | None = None


def values_of(call: Call, contact: ContactResolved | None, table: CallsTable) -> dict[str, Value]:
    """The values of the fields that are to be filled, by the fields' names in Limbas."""
    names, spelled = table.fields, table.values
    values: dict[str, Value] = {
        names.call_id: call.id,
        names.direction: spelled.direction(call.direction),
        names.remote_number: call.remote.e164 or call.remote.received,
        names.own_number: call.own_number,
        names.extension: call.extension.name if call.extension else "",
        names.started: call.started_at,
        names.connected: call.connected_at,
        names.ended: call.ended_at,
        names.duration: call.duration,
        names.status: spelled.status(call),
        names.contact_name: contact_name(contact),
    }
    values.pop("", None)  # the fields that this site does not want filled
    return values


def contact_name(contact: ContactResolved | None) -> str:
    """Who it was as one text; all who it may have been where nobody can tell. A place is nobody."""
    people = [each for each in contact.candidates if each.match is not Match.PLACE] if contact else []
    names = (candidate.name or candidate.company for candidate in people)
    return " / ".join(dict.fromkeys(name for name in names if name))


def target_of(contact: ContactResolved | None, relations: Mapping[str, str]) -> Target | None:
    """The record to link the call to: only when it is surely that one, and its table can be linked to."""
    if contact is None or not contact.sure:
        return None
    candidate = contact.candidates[0]
    if candidate.record_id is None or candidate.table not in relations:
        return None
    return Target(candidate.table, candidate.record_id)


def link_change(wanted: Target | None, own: OwnLinks, present: frozenset[Target]) -> LinkChange:
    """How to come from the links that are `present` to the one that is `wanted`.

    A link that is not our own was made by a person: then nothing is touched. Nor is a link made anew that was seen
    there before: a person has removed it.
    """
    if _made_by_people(own, present):
        return LinkChange()
    missing = wanted is not None and wanted not in present and wanted != own.made
    return LinkChange(remove=present - {wanted}, add=wanted if missing else None)


def own_before(change: LinkChange, own: OwnLinks) -> OwnLinks:
    """What to remember before `change` is tried, of which nobody may learn what came of it.

    A link that is removed by us is no longer one that only a person can have removed. It is still ours, if it stays.
    """
    gone = {own.made} & change.remove
    meant = own.meant | change.remove if gone else own.meant
    if change.add:
        meant |= {change.add}
    return OwnLinks(None if gone else own.made, meant)


def link_after(wanted: Target | None, own: OwnLinks, present: frozenset[Target]) -> Target | None:
    """What to remember as `OwnLinks.made`, once `link_change` finds nothing left to do."""
    if _made_by_people(own, present) or wanted == own.made:
        return own.made
    return wanted if wanted in present else None


def _made_by_people(own: OwnLinks, present: frozenset[Target]) -> bool:
    return bool(present - {own.made} - own.meant)
