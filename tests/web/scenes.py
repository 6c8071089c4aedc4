"""An office day as the event log tells it, for browser tests and pictures. Everybody in it is invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.contacts.answer import is_sure
from shared.event_log import EventLog
from shared.events import (
    Call,
    CallEvent,
    CallRecorded,
    Candidate,
    ContactResolved,
    Direction,
    Extension,
    ExtensionKind,
    Match,
    Outcome,
    RemoteNumber,
    Source,
    State,
)

BERLIN = ZoneInfo("Europe/Berlin")
RECEPTION = Extension(code=10, kind=ExtensionKind.DECT, name="Reception")
WORKSHOP = Extension(code=11, kind=ExtensionKind.DECT, name="Workshop")
MACHINE = Extension(code=40, kind=ExtensionKind.ANSWERING_MACHINE, name="Answering machine")
OFFICE = "06990009100"


def person(name: str, company: str = "", record_id: int = 7) -> Candidate:
    """A contact in Limbas."""
    return Candidate(
        source=Source.LIMBAS, match=Match.EXACT, name=name, company=company, table="KUNDEN", record_id=record_id
    )


ANNA = person("Anna Schmidt", "Schmidt & Söhne GmbH", 7)
JONAS = person("Jonas Weber", "Weber Elektrotechnik", 12)
CLARA = person("Clara Weber", "Weber Elektrotechnik", 13)
PETRA = person("Petra Lindner", "Stadtwerke Musterhausen", 21)
LUKAS = person("Lukas Huber", "Huber Holzbau", 33)
MIRA = person("Mira Öztürk", "", 41)
PINNED_MIRA = MIRA.model_copy(update={"match": Match.PINNED})
ISAR = Candidate(
    source=Source.LIMBAS, match=Match.COMPANY, confidence=0.7, name="Isar Logistik GmbH", table="KUNDEN", record_id=51
)
IN_PHONEBOOK = Candidate(source=Source.PHONEBOOK, match=Match.PHONEBOOK, confidence=0.9, name="Bäckerei am Markt")
MUNICH = Candidate(source=Source.NUMBERING_PLAN, match=Match.PLACE, confidence=0, name="München", name_en="Munich")


def german(e164: str) -> RemoteNumber:
    """A number as a German box sends it."""
    return RemoteNumber(received="0" + e164.removeprefix("+49"), e164=e164)


WITHHELD = RemoteNumber(received="", suppressed=True)


@dataclass
class Scene:
    """Calls that happen one after the other. Each method plays one, from its first event to where it is now."""

    log: EventLog
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    count: int = 0

    def ring(
        self, remote: RemoteNumber, *who: Candidate, ago: float = 0, own: str = OFFICE, known: bool = True
    ) -> Call:
        """Somebody calls. `who` may be nobody; `known` False: the matcher has yet to answer."""
        return self._begin(State.RINGING, Direction.INBOUND, remote, who, ago, own, None, known=known)

    def dial(self, remote: RemoteNumber, *who: Candidate, ago: float = 0, phone: Extension = RECEPTION) -> Call:
        """Somebody in the office calls out."""
        return self._begin(State.DIALING, Direction.OUTBOUND, remote, who, ago, OFFICE, phone, known=True)

    def answer(self, call: Call, phone: Extension = RECEPTION, after: float = 6) -> Call:
        """The call is answered, `after` seconds."""
        at = call.received_at + timedelta(seconds=after)
        return self._publish(
            call, state=State.CONNECTED, extension=phone, connected_at=at.astimezone(BERLIN), received_at=at
        )

    def end(self, call: Call, outcome: Outcome, after: float = 20, *, recorded: bool = True) -> Call:
        """The call ends, `after` seconds."""
        at = call.received_at + timedelta(seconds=after)
        ended = self._publish(
            call,
            state=State.ENDED,
            outcome=outcome,
            ended_at=at.astimezone(BERLIN),
            duration=round(after) if call.connected_at else 0,
            received_at=at,
        )
        if recorded:
            self.log.publish(CallRecorded(call_id=call.id, table="ANRUFE", record_id=1040 + self.count))
        return ended

    def choose(self, call: Call, who: Candidate) -> None:
        """A person says who it is."""
        pinned = (who.model_copy(update={"match": Match.PINNED}),)
        self.log.publish(ContactResolved(call_id=call.id, candidates=pinned, sure=True, late=True))

    def _begin(
        self,
        state: State,
        direction: Direction,
        remote: RemoteNumber,
        who: tuple[Candidate, ...],
        ago: float,
        own: str,
        phone: Extension | None,
        *,
        known: bool,
    ) -> Call:
        self.count += 1
        at = self.now - timedelta(seconds=ago)
        call = Call(
            id=f"office-{at:%Y%m%dT%H%M%S}-{self.count}",
            box="office",
            connection=self.count % 4,
            seq=0,
            direction=direction,
            state=state,
            remote=remote,
            own_number=own,
            line="SIP0",
            extension=phone,
            started_at=at.astimezone(BERLIN),
            received_at=at,
            first_received_at=at,
        )
        call = self._publish(call)
        if known:
            self.log.publish(ContactResolved(call_id=call.id, candidates=who, sure=is_sure(who)))
        return call

    def _publish(self, call: Call, **changes: object) -> Call:
        newer = call.model_copy(update={**changes, "seq": call.seq + 1})
        self.log.publish_lines("office", [([CallEvent.of(newer)], b"")])
        return newer


def an_office(log: EventLog, now: datetime | None = None) -> Scene:
    """Two days of an office that is on the phone right now, or at some other time."""
    scene = Scene(log, now or datetime.now(UTC))
    minute, hour, day = 60, 3600, 24 * 3600
    yesterday = scene.ring(german("+4930231250117"), PETRA, ago=day + 2 * hour)
    scene.end(scene.answer(yesterday, WORKSHOP), Outcome.ANSWERED, 402)
    scene.end(scene.ring(german("+498999998012"), ago=day + hour), Outcome.MISSED)
    scene.end(scene.answer(scene.ring(german("+4917139200115"), MIRA, ago=5 * hour), MACHINE), Outcome.VOICEMAIL, 34)
    austria = RemoteNumber(received="004312345678", e164="+4312345678")
    scene.end(scene.answer(scene.dial(austria, LUKAS, ago=4 * hour), RECEPTION), Outcome.ANSWERED, 1271)
    scene.end(scene.dial(german("+4930231250117"), PETRA, ago=3 * hour, phone=WORKSHOP), Outcome.NOT_REACHED)
    scene.end(scene.ring(german("+494066969044"), JONAS, CLARA, ago=2 * hour), Outcome.MISSED, recorded=False)
    scene.end(scene.answer(scene.ring(german("+492214710123"), ANNA, ago=70 * minute)), Outcome.ANSWERED, 187)
    scene.end(scene.ring(WITHHELD, ago=40 * minute), Outcome.MISSED)
    scene.end(scene.ring(german("+498999998077"), MUNICH, ago=25 * minute), Outcome.MISSED)
    scene.end(scene.answer(scene.ring(german("+498999998507"), ISAR, ago=20 * minute)), Outcome.ANSWERED, 75)
    scene.end(scene.answer(scene.ring(german("+496990009222"), IN_PHONEBOOK, ago=16 * minute)), Outcome.ANSWERED, 31)
    scene.end(scene.ring(german("+4917604069021"), PINNED_MIRA, ago=12 * minute), Outcome.MISSED)
    scene.answer(scene.dial(german("+4930231250117"), PETRA, ago=221, phone=WORKSHOP), WORKSHOP)
    scene.ring(german("+494066969044"), JONAS, CLARA, ago=11)
    scene.ring(german("+492214710123"), ANNA, ago=7)
    return scene
