"""What the loggers know of each call, in Redis: its newest state, its record in Limbas, and who is working on it.

Loggers share the events, so that two may hold news of one call. Each first writes its news into the call's entry here;
then one of them, the holder, makes Limbas agree with all of it, and looks for further news before it lets go. The
others wait until it has, and one of them starts over should the holder die.

An entry is a hash beside the event log, kept for a day longer than the log reaches back: a replay finds it. That of a
call of which nobody knows who it was is kept as long as a contact that comes late is linked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar, cast

import structlog

from services.logger import ledger_scripts as scripts
from services.logger.record import OwnLinks, Target
from shared.consumer import Entry
from shared.event_log import PUBLISHED, EventLog
from shared.events import Call, CallRecorded, ContactResolved, dump_event
from shared.unknown_calls import MOST_KEPT, UnknownCall, UnknownCalls

HOLD_SECONDS: Final = 15
"""How long a holder may be silent. A living one is not: see `Ledger.renew`."""
EXTRA_SECONDS: Final = 24 * 3600

log = structlog.get_logger()

M = TypeVar("M", Call, ContactResolved)


@dataclass(frozen=True, slots=True)
class News:
    """The newest that some events say about one call."""

    call: Call | None = None
    contact: ContactResolved | None = None
    contact_at: str = "0-0"
    """The stream id of `contact`."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one call."""

    call_id: str
    held: bool
    """By the logger that asked, because there is something to write and nobody else is at it."""
    fresh: bool
    """Nobody has tried to write this call before."""
    version: int
    """Grows with all that becomes known."""
    settled: bool
    """Limbas agrees with this version."""
    call: Call | None
    """None while only the contact is known: the events come in any order."""
    contact: ContactResolved | None
    record_id: int | None
    own: OwnLinks
    written: bool = False
    """Limbas held this very state of the call once."""
    named: str = ""
    """The contact's name in the record, as it was when we last wrote it."""
    under_way: bool = False
    """A write of this call was sent a short while ago and never answered: it may still happen."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A call whose record in Limbas is as it should be."""

    known: Known
    record_id: int
    made: Target | None
    named: str = ""

    @property
    def call_id(self) -> str:
        """Which call it is."""
        return self.known.call_id

    @property
    def seq(self) -> int:
        """Of the call's state that is in Limbas."""
        return self.known.call.seq if self.known.call else 0

    @property
    def time(self) -> float:
        """When that was, in seconds since 1970."""
        return self.known.call.received_at.timestamp() if self.known.call else 0

    @property
    def caller(self) -> UnknownCall | None:
        """The call by its number, if it has one that somebody may be behind."""
        call = self.known.call
        return UnknownCall(call.id, call.remote.e164) if call and call.remote.e164 else None

    @property
    def sure(self) -> bool:
        """Whether it is known who that is."""
        return self.known.contact is not None and self.known.contact.sure

    def announcement(self, table: str) -> CallRecorded:
        """What all are told of the record, which is in the calls table of this name."""
        return CallRecorded(
            call_id=self.call_id,
            table=table,
            record_id=self.record_id,
            linked_table=self.made.table if self.made else "",
            linked_id=self.made.id if self.made else None,
        )


def news_in(entries: Iterable[Entry]) -> dict[str, News]:
    """The newest in some events, by call. What the loggers announce themselves is no news."""
    found: dict[str, News] = {}
    for entry in entries:
        event = entry.event
        if isinstance(event, CallRecorded):
            continue
        news = found.get(event.call_id, News())
        if isinstance(event, ContactResolved):
            if _id(entry.id) > _id(news.contact_at):
                news = replace(news, contact=event, contact_at=entry.id)
        elif news.call is None or event.call.seq > news.call.seq:
            news = replace(news, call=event.call)
        found[event.call_id] = news
    return found


class Ledger:
    """The entries of one event log's calls, as one logger sees them."""

    def __init__(
        self,
        event_log: EventLog,
        worker: str,
        retention_seconds: float,
        unknown: UnknownCalls,
        *,
        answer_seconds: float,
    ) -> None:
        """`answer_seconds`: how long after it was sent a request without an answer may still have its effect."""
        self._unknown = unknown
        self._redis = event_log.redis
        self._keys = event_log.keys
        self._worker = worker
        self._seconds = round(retention_seconds) + EXTRA_SECONDS
        self._answer_seconds = answer_seconds
        self._holding: set[str] = set()
        self._note, self._send, self._answered, self._renew, self._settle = (
            self._redis.register_script(text)
            for text in (scripts.NOTE, scripts.SEND, scripts.ANSWERED, scripts.RENEW, scripts.SETTLE)
        )

    def note(self, news: Mapping[str, News]) -> dict[str, Known]:
        """Write the news down, and take hold of every call that nobody else holds."""
        if not news:
            return {}
        sent = [(_document(item.call), _document(item.contact)) for item in news.values()]
        arguments: list[Any] = [self._worker, HOLD_SECONDS, self._seconds, self._answer_seconds]
        for item, (call, contact) in zip(news.values(), sent, strict=True):
            arguments += (item.call.seq if item.call else 0, call, item.contact_at, contact)
        replies = cast("list[Any]", self._note(self._keys_of(news), arguments))
        known = {
            call_id: _known(call_id, item, documents, reply)
            for (call_id, item), documents, reply in zip(news.items(), sent, replies, strict=True)
        }
        self._holding = self._holding - known.keys() | {call_id for call_id, item in known.items() if item.held}
        return known

    def renew(self) -> None:
        """Say "still at it" for every held call. Called now and then, by another thread."""
        if holding := list(self._holding):
            self._renew(self._keys_of(holding), [self._worker, self._redis.time()[0] + HOLD_SECONDS])

    def let_go(self, call_id: str) -> None:
        """Stop holding a call that Limbas does not agree with: it was given up."""
        self._holding = self._holding - {call_id}
        self._redis.hdel(self._key(call_id), "holder", "held_until", "failures")

    def mean(self, links: Mapping[str, OwnLinks]) -> None:
        """Write down what is about to be done about links: those that may be there afterwards are ours."""
        pipe = self._redis.pipeline(transaction=False)
        for call_id, own in links.items():
            meant = ",".join(map(str, sorted(own.meant)))
            pipe.hset(self._key(call_id), mapping={"made": str(own.made or ""), "meant": meant})
        pipe.execute()

    def send(self, calls: Iterable[str]) -> None:
        """Write down which calls are about to be written."""
        self._send(self._keys_of(calls))

    def answered(self, calls: Iterable[str]) -> None:
        """Write down that the writes of these calls were answered, whatever the answer."""
        self._answered(self._keys_of(calls))

    def settle(self, settled: Sequence[Settled], table: str) -> set[str]:
        """Write down that Limbas agrees with these versions, and let go of the calls.

        A record in `table`, or a link of it, that was not announced yet is announced in the same step. So that happens
        once, whatever becomes of the events that led to it. Returns the calls of which more became known meanwhile, or
        which somebody else holds by now: they are not settled.
        """
        if not settled:
            return set()
        arguments: list[Any] = [self._worker, self._unknown.seconds + EXTRA_SECONDS, MOST_KEPT]
        for item in settled:
            arguments += (
                item.known.version, item.record_id, str(item.made or ""), item.named, item.seq, str(item.caller or ""),
                int(item.sure), item.time, item.call_id, dump_event(item.announcement(table)),
            )  # fmt: skip
        entries = self._keys_of(item.call_id for item in settled)
        replies = self._settle([self._unknown.key, self._keys.stream, self._keys.active, *entries], arguments)
        more = set[str]()
        for item, (agreed, announced) in zip(settled, cast("list[Any]", replies), strict=True):
            if announced:
                PUBLISHED.labels("call.recorded").inc()
                log.info("call recorded", call=item.call_id)
            if not agreed:
                more.add(item.call_id)
        self._holding = self._holding - {item.call_id for item in settled}
        return more

    def count_failure(self, call_id: str) -> int:
        """Count that Limbas failed at this very call. Returns how often it has."""
        return int(self._redis.hincrby(self._key(call_id), "failures", 1))

    def _keys_of(self, calls: Iterable[str]) -> list[str]:
        return [self._key(call_id) for call_id in calls]

    def _key(self, call_id: str) -> str:
        return self._keys.beside(f"record:{call_id}")


def _document(model: Call | ContactResolved | None) -> bytes:
    return model.model_dump_json().encode() if model else b""


def _read(stored: bytes, sent: bytes, model: M | None, kind: type[M]) -> M | None:
    """What is stored, which most of the time is what was just sent: then nobody has to parse it."""
    if stored == sent:
        return model
    return kind.model_validate_json(stored) if stored else None


def _known(call_id: str, news: News, sent: tuple[bytes, bytes], reply: Sequence[Any]) -> Known:
    held, fresh, version, settled, call, contact, record_id, made, meant, written, named, under_way = reply
    return Known(
        call_id=call_id,
        held=bool(held),
        fresh=bool(fresh),
        version=int(version),
        settled=bool(settled),
        call=_read(call, sent[0], news.call, Call),
        contact=_read(contact, sent[1], news.contact, ContactResolved),
        record_id=int(record_id) if record_id else None,
        own=OwnLinks(
            Target.parse(made.decode()) if made else None,
            frozenset(Target.parse(link) for link in meant.decode().split(",") if link),
        ),
        written=bool(written),
        named=named.decode(),
        under_way=bool(under_way),
    )


def _id(stream_id: str) -> tuple[int, int]:
    milliseconds, _, counter = stream_id.partition("-")
    return int(milliseconds), int(counter or 0)
