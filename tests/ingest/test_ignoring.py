"""Calls that nobody may see: whichever way their number is written, nothing of them is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.ingest.box_reader import Received
from services.ingest.call_life import CallLife, Office
from services.ingest.framing import Garbage
from services.ingest.ignoring import Ignored, Ignoring, Keep
from services.ingest.intake import Intake
from services.ingest.spool import Spool
from services.ingest.spool_record import Kind
from services.ingest.wire import Connect, Dial, Disconnect, Malformed, Ring, parse
from shared.boxes import Box
from shared.event_log import EventLog
from shared.events import CallEvent, Outcome, State
from tests.ingest.running import RETENTION, ingesting
from tests.waiting import eventually

COLOGNE = Box(name="cologne", host="192.0.2.1", country="DE", area_code="0221")
VIENNA = Box(name="vienna", host="192.0.2.2", country="AT", area_code="1")
NOW = datetime(2026, 11, 22, 17, 0, 1, tzinfo=UTC)


def ring(caller: str, own_number: str = "4710100", connection: int = 0) -> str:
    return f"22.11.26 18:00:01;RING;{connection};{caller};{own_number};SIP0;"


def dial(dialled: str, own_number: str = "4710100") -> str:
    return f"22.11.26 18:00:01;CALL;0;10;{own_number};{dialled};SIP0;"


def connect(other: str, connection: int = 0) -> str:
    return f"22.11.26 18:00:03;CONNECT;{connection};10;{other};"


def disconnect(connection: int = 0) -> str:
    return f"22.11.26 18:00:09;DISCONNECT;{connection};6;"


class Heard:
    """Intake and life of a box: what gets past the one becomes events in the other. `before`: of an earlier process."""

    def __init__(self, spool: Spool, box: Box = COLOGNE, *, before: Heard | None = None, **ignored: Any) -> None:
        self.spool = spool
        self.life: CallLife = CallLife(box, before.life.calls, before.life.memory) if before else CallLife(box)
        self._intake = Intake(box, Ignored(**ignored), spool)
        self._box = box

    def __call__(self, *lines: str) -> list[CallEvent]:
        for line in lines:
            self._intake.deliver(Received(self._box.name, NOW, line.encode()))
        events = []
        for record in self.spool.take(1000, 0):
            if record.kind is Kind.LINE:
                message = parse(record.content)
                assert not isinstance(message, Malformed)
                events += self.life.apply(message, record.content, NOW)
            elif record.kind is Kind.IGNORED:
                events += self.life.ignore(record.connection, NOW)
            self.spool.settle(record.number)
        return events


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "cologne.spool", RETENTION)


@pytest.mark.parametrize("pattern", ["03023125201", "+49 30 23125-201", "0049 (30) 23125201", "+49 (0)30 23125 201"])
@pytest.mark.parametrize("line", [ring("03023125201"), ring("+493023125201"), dial("*31#03023125201")])
def test_a_number_is_ignored_however_it_is_written(spool: Spool, pattern: str, line: str) -> None:
    assert Heard(spool, numbers=[pattern])(line, connect("03023125201"), disconnect()) == []


@pytest.mark.parametrize("pattern", ["0221 4710*", "4710*", "+49 221 4710*", "+49 (0)221 4710*", "0049221-4710*"])
def test_a_star_stands_for_whatever_follows(spool: Spool, pattern: str) -> None:
    hear = Heard(spool, numbers=[pattern])
    assert hear(ring("02214710999"), disconnect(), ring("4710123"), disconnect()) == []
    assert len(hear(ring("02214711999"))) == 1


def test_an_own_number_is_ignored_in_both_directions_and_others_are_not(spool: Spool) -> None:
    hear = Heard(spool, own_numbers=["0221/4710190"])
    assert hear(ring("03023125201", "4710190"), disconnect(), dial("03023125201", "4710190"), disconnect()) == []
    assert len(hear(ring("03023125201", "4710100"))) == 1


def test_the_same_local_pattern_means_another_number_at_a_box_elsewhere(spool: Spool) -> None:
    assert Heard(spool, COLOGNE, numbers=["4710999"])(ring("+492214710999"), disconnect()) == []
    assert Heard(spool, VIENNA, numbers=["4710999"])(ring("+4314710999"), disconnect()) == []
    assert len(Heard(spool, VIENNA, numbers=["4710999"])(ring("+492214710999"))) == 1


def test_a_suppressed_number_is_never_in_a_list(spool: Spool) -> None:
    assert len(Heard(spool, numbers=["030*", "03023125201"])(ring(""))) == 1


def test_a_call_that_was_opened_while_nobody_listened_is_ignored_once_its_number_is_known(spool: Spool) -> None:
    assert Heard(spool, numbers=["03023125201"])(connect("03023125201"), disconnect()) == []


def test_an_ignored_call_is_swallowed_to_its_end_over_a_crash_that_leaves_no_number(tmp_path: Path) -> None:
    file = tmp_path / "cologne.spool"
    before = Heard(Spool(file, RETENTION), numbers=["03023125201"])
    assert before(ring("03023125201", connection=3)) == []
    written = file.read_text()
    assert '"ignored":"22.11.26 18:00:01;RING;3"' in written
    assert "23125201" not in written
    hear = Heard(Spool(file, RETENTION), before=before, numbers=["03023125201"])
    assert hear(connect("", connection=3), disconnect(3)) == []
    after = hear(ring("03023125100", connection=3), disconnect(3))
    assert [event.type for event in after] == ["call.ringing", "call.ended"]


def test_the_end_of_an_ignored_call_that_began_while_this_ingest_was_cut_off_is_swallowed_too(tmp_path: Path) -> None:
    one = Heard(Spool(tmp_path / "one.spool", RETENTION), own_numbers=["4710190"])
    assert one(ring("03023125100", "4710190")) == []
    other = Heard(Spool(tmp_path / "other.spool", RETENTION), before=one, own_numbers=["4710190"])
    assert other(connect("03023125100"), disconnect()) == []


def two_ingests(path: Path, **ignored: Any) -> tuple[Heard, Heard]:
    """One hears an ignored call begin on connection 2 and is away; the other one hears it end."""
    one = Heard(Spool(path / "one.spool", RETENTION), **ignored)
    assert one(ring("03023125201", "4710190", connection=2)) == []
    other = Heard(Spool(path / "other.spool", RETENTION), before=one, **ignored)
    assert other(disconnect(2)) == []
    return one, other


IGNORED = pytest.mark.parametrize("ignored", [{"numbers": ["03023125201"]}, {"own_numbers": ["4710190"]}])


@IGNORED
def test_an_answer_is_of_the_call_whose_beginning_only_the_other_ingest_heard(
    tmp_path: Path, ignored: dict[str, Any]
) -> None:
    one, other = two_ingests(tmp_path, **ignored)
    other(ring("03023125100", connection=2))
    one = Heard(one.spool, before=other, **ignored)
    answered, ended = one(connect("03023125100", connection=2), disconnect(2))
    assert (answered.call.state, answered.call.seq, ended.call.outcome) == (State.CONNECTED, 2, Outcome.ANSWERED)
    assert ended.call.remote.e164 == "+493023125100"


@IGNORED
def test_an_answer_is_swallowed_as_long_as_the_log_says_that_the_ignored_call_goes_on(
    spool: Spool, ignored: dict[str, Any]
) -> None:
    hear = Heard(spool, **ignored)
    assert hear(ring("03023125201", "4710190"), connect(""), connect("03023125201"), connect("03023125201")) == []
    assert hear(disconnect()) == []


def test_an_answer_to_a_call_that_nobody_heard_begin_names_the_caller_where_no_own_number_is_ignored(
    tmp_path: Path,
) -> None:
    one, other = two_ingests(tmp_path, numbers=["03023125201"])
    one = Heard(one.spool, before=other, numbers=["03023125201"])
    [answered] = one(connect("03023125100", connection=2))
    assert answered.call.remote.e164 == "+493023125100"
    assert one.spool.ignored == set()


def test_no_call_is_made_up_of_an_answer_that_may_be_of_an_ignored_own_number(tmp_path: Path) -> None:
    one, other = two_ingests(tmp_path, own_numbers=["4710190"])
    one = Heard(one.spool, before=other, own_numbers=["4710190"])
    assert one(connect("03023125100", connection=2)) == []


def test_of_an_answer_that_may_be_of_an_ignored_own_number_no_number_is_stored_not_even_after_a_crash(
    tmp_path: Path,
) -> None:
    file = tmp_path / "cologne.spool"
    hear = Heard(Spool(file, RETENTION), own_numbers=["4710190"])
    assert hear(ring("03023125201", "4710190"), connect("03023125201")) == []
    reborn = Heard(Spool(file, RETENTION), before=hear, own_numbers=["4710190"])
    assert reborn(connect("03023125201")) == []
    assert '"line":"22.11.26 18:00:03;CONNECT;0;10;(left out);"' in file.read_text()
    assert "23125201" not in file.read_text()


def test_an_answer_without_its_number_is_the_same_line_as_the_one_that_another_ingest_kept_whole(
    tmp_path: Path,
) -> None:
    one = Spool(tmp_path / "one.spool", RETENTION)
    other = Spool(tmp_path / "other.spool", RETENTION)
    one.ignored.add(0)
    for each in (one, other):
        Intake(COLOGNE, Ignored(own_numbers=("4710190",)), each).deliver(
            Received("cologne", NOW, connect("03023125100").encode())
        )
    [without], [whole] = one.take(10, 0), other.take(10, 0)
    assert without.content != whole.content
    assert (without.identity, without.connection) == (whole.identity, whole.connection)


def test_a_carrier_prefix_hides_nobody(spool: Spool) -> None:
    hear = Heard(spool, numbers=["03023125201"])
    assert hear(dial("0101303023125201"), connect("0101303023125201"), disconnect()) == []
    assert hear(connect("0101303023125201"), disconnect()) == []


def test_the_next_call_on_the_connection_is_seen_even_if_the_end_of_the_ignored_one_was_missed(tmp_path: Path) -> None:
    file = tmp_path / "cologne.spool"
    hear = Heard(Spool(file, RETENTION), numbers=["03023125201"])
    assert hear(ring("03023125201")) == []
    assert len(hear(ring("03023125100"))) == 1
    assert hear.life.memory.ignored == set()
    reborn = Heard(Spool(file, RETENTION), before=hear, numbers=["03023125201"])
    assert len(reborn(connect("03023125100"), disconnect())) >= 2, "the crash has not brought the ignored call back"


def test_a_call_that_is_forgotten_when_an_ignored_one_takes_its_connection_ends(spool: Spool) -> None:
    hear = Heard(spool, numbers=["03023125201"])
    hear(ring("03023125100"))
    [lost] = hear(ring("03023125201"))
    assert (lost.call.remote.received, lost.call.outcome) == ("03023125100", Outcome.LOST)


@pytest.mark.parametrize("pattern", ["", "*", "0*", "anna", "0221*4710", "12*34*"])
def test_a_pattern_that_would_hide_everything_or_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError):
        Ignored(numbers=(pattern,))


def test_what_is_asked_about_lines_leaves_no_number_behind() -> None:
    connections: set[int] = set()
    ignoring = Ignoring(Ignored(numbers=("03023125201",)), COLOGNE, connections)
    assert ignoring.keeps(Ring(None, 1, "03023125201", "", "SIP0")) is Keep.IDENTITY
    assert ignoring.keeps(Dial(None, 2, 10, "", "03023125201", "SIP0")) is Keep.IDENTITY
    assert connections == {1, 2}
    assert ignoring.keeps(Connect(None, 2, 10, "03023125201")) is Keep.IDENTITY
    assert connections == {1, 2}
    assert ignoring.keeps(Disconnect(None, 2, 5)) is Keep.LINE
    assert connections == {1}


def test_what_is_asked_about_an_answer_leaves_no_number_where_own_numbers_are_ignored() -> None:
    answer = Connect(None, 2, 10, "03023125100")
    for ignored, keep, left in (
        (Ignored(numbers=("03023125201",)), Keep.LINE, set()),
        (Ignored(own_numbers=("4710190",)), Keep.LINE_WITHOUT_NUMBER, {2}),
    ):
        connections = {2}
        assert Ignoring(ignored, COLOGNE, connections).keeps(answer) is keep
        assert connections == left
        assert Ignoring(ignored, COLOGNE, set()).keeps(answer) is Keep.LINE


def test_nothing_of_an_ignored_call_is_in_redis_or_on_the_disk_not_even_of_its_broken_lines(
    event_log: EventLog, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    office = Office(Ignored(numbers=("0221 4710999",)), {})
    with ingesting(event_log, tmp_path, box=COLOGNE, office=office) as ingest:
        for text in (ring("02214710999"), "22.11.26 18:00:03;CONNECT;0;02214710999", disconnect()):
            ingest.hear(Received("cologne", NOW, text.encode()))
        cut_off = Garbage("the connection ended", b"22.11.26 18:00:09;RING;0;02214710")
        ingest.hear(Received("cologne", NOW, cut_off))
        eventually(lambda: event_log.redis.xlen(event_log.keys.quarantine) == 2)
        written = (tmp_path / "1" / "cologne.spool").read_text()
    keys = event_log.keys
    kept = [keys.box("cologne"), keys.lease("cologne"), keys.lines("cologne"), keys.quarantine]
    assert sorted(event_log.redis.scan_iter()) == [key.encode() for key in kept]
    stored = str(event_log.redis.xrange(keys.quarantine)) + str(event_log.memory_of("cologne"))
    stored += str(event_log.redis.lrange(keys.lines("cologne"), 0, -1))
    assert "4710" not in stored + written + capfd.readouterr().err


def test_an_own_number_has_the_name_that_was_given_to_it_in_whatever_spelling() -> None:
    calls = CallLife(COLOGNE, (), None, Office(Ignored(), {"0221 4710-100": "Hotline", "**9": "Door"}))
    names = []
    for own_number in ("4710100", "**9", "7"):
        message = parse(ring("1", own_number).encode())
        assert isinstance(message, Ring)
        names.append(calls.apply(message, b"", NOW)[-1].call.own_number_name)
    assert names == ["Hotline", "Door", ""]
