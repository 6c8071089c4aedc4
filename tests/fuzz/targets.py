"""The fuzzers: what is drawn for each, and what has to hold whatever was drawn."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from hypothesis import strategies as st

from services.ingest.call_life import CallLife, Memory
from services.ingest.framing import LONGEST_LINE, LineSplitter
from services.ingest.wire import Malformed, parse
from services.web.reader import load
from services.web.rights import EVERYTHING
from services.web.tokens import mint
from shared.boxes import Box
from shared.event_log import EventLog
from shared.events import parse_event
from shared.limbas import errors, php
from shared.limbas.transport import RunLmb
from shared.redis_client import connect
from tests.api.in_process import an_app
from tests.limbas.answering import Answer, AnsweringServer, soap_answer
from tests.limbas.conftest import settings
from tests.shared.making import an_event
from tests.valkey import Valkey
from tests.web.web_process import SECRET

Check = Callable[[Any], None]
BOX: Final = Box(name="office", host="fritz.box", area_code="06221")
NOW: Final = datetime(2026, 11, 22, 18, 0, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Target:
    """One way in."""

    drawn: st.SearchStrategy[Any]
    opened: Callable[[], contextlib.AbstractContextManager[Check]]
    """Sets up what it needs, and gives the function that fails when something does not hold."""


def _pieces(*known: bytes) -> st.SearchStrategy[bytes]:
    """Bytes that are mostly made of what the reader knows."""
    return st.lists(st.sampled_from(known) | st.binary(max_size=8), max_size=30).map(b"".join)


@contextlib.contextmanager
def _parser() -> Iterator[Check]:
    def check(chunks: list[bytes]) -> None:
        """Each line is a message or says why not, and what becomes of it can be stored and read again."""
        splitter, life = LineSplitter(), CallLife(BOX)
        for line in (line for chunk in chunks for line in splitter.feed(chunk)):
            if not isinstance(line, bytes):
                assert len(line.start) <= LONGEST_LINE
                continue
            message = parse(line)
            if isinstance(message, Malformed):
                assert message.reason
                continue
            for event in life.apply(message, line, NOW):
                assert parse_event(event.model_dump_json().encode()) == event
            assert Memory.model_validate_json(life.memory.dump()).dump() == life.memory.dump()

    yield check


@contextlib.contextmanager
def _php() -> Iterator[Check]:
    def check(raw: bytes) -> None:
        """An array, or one error."""
        for as_base64 in (False, True):
            with contextlib.suppress(errors.Malformed):
                assert isinstance(php.loads(raw.decode(errors="replace"), as_base64=as_base64), dict)

    yield check


@contextlib.contextmanager
def _soap() -> Iterator[Check]:
    with AnsweringServer() as server, RunLmb(settings(server.url, limbas_timeout=5)) as runlmb:

        def check(drawn: tuple[int, bytes, int, bytes]) -> None:
            """An array, or one sentence."""
            status, damage, start, whole = drawn
            sound = soap_answer({0: True}).body
            body = whole or sound[: start % len(sound)] + damage + sound[start % len(sound) + len(damage) :]
            server.answers = [Answer(body, status)]
            try:
                assert isinstance(runlmb.call({}), dict)
            except errors.LoginRefused:
                runlmb._guard.accepted()  # else nothing would be asked for 75 s
                sentence = "."
            except errors.LimbasUnavailable as unavailable:
                sentence = str(unavailable)
            else:
                sentence = "."
            assert sentence.endswith(".")
            assert "\n" not in sentence

        yield check


@contextlib.contextmanager
def _events() -> Iterator[Check]:
    server = Valkey()
    server.start()
    try:
        with connect(server.url) as redis:
            log = EventLog(redis, "callmonitor:events", 3600)
            log.publish_lines("office", [([an_event(str(number))], b"") for number in range(20)])
            client = an_app(log, load(log, kept=10), heartbeat_seconds=0.01).test_client()
            token = mint(SECRET, "anna", 3600, EVERYTHING)

            def check(drawn: tuple[str, str, str, dict[str, str]]) -> None:
                """A stream, or a sentence and 4xx: never a failure of ours."""
                scheme, damage, last_event_id, more = drawn
                headers = {"Authorization": f"{scheme} {token}{damage}", "Last-Event-ID": last_event_id, **more}
                answer = client.get("/events", headers=headers, query_string={"access_token": damage})
                assert answer.status_code < 500, answer.get_data()
                if answer.status_code == 200:
                    assert damage == "", "a token that we have not signed"
                    first, _ = islice(answer.iter_encoded(), 2)
                    assert first.startswith(b"retry: ")
                else:
                    assert answer.get_json()["error"].endswith(".")
                answer.close()

            yield check
    finally:
        server.stop()


_HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)
_IDS = st.from_regex(r"\d{1,22}-\d{1,22}", fullmatch=True) | st.sampled_from(["", "0-0", "-", "$", "+", "1-"])

TARGETS: Final[Mapping[str, Target]] = {
    "parser": Target(
        st.lists(
            _pieces(b"22.11.26 19:00:01;", b"RING;", b"CALL;", b"CONNECT;", b"DISCONNECT;", b"0;", b"1;", b"SIP0;",
                    b"03023125001;", b";", b"\n", b"\r\n", b"\x00", b"9" * 30, b"x" * 600),
            max_size=8,
        ),
        _parser,
    ),
    "php": Target(
        _pieces(b"a:1:{", b"i:0;", b"}", b"s:1:", b'"x";', b"b:1;", b"d:1e999;", b"N;", b"O:1:", b"R:1;", b"a:-1:{",
                b"i:99999999999999999999;", b"a:1000000000:{", b"a:1:{i:0;" * 70),
        _php,
    ),
    "soap": Target(
        st.tuples(
            st.sampled_from([200, 200, 200, 302, 401, 500, 503]),
            _pieces(b"<", b">", b"</", b"<Envelope>", b"</SOAP-ENV:Envelope>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
                    b"&b;", b"<return>", b"<item/>", b'<input name="password">', b"a:1:{i:0;N;}", b"\xff"),
            st.integers(0, 5000),
            st.just(b"") | st.binary(max_size=60),
        ),
        _soap,
    ),
    "events": Target(
        st.tuples(
            st.sampled_from(["Bearer", "bearer", "Basic", ""]),
            st.just("") | _HEADER.filter(lambda text: text.strip() != ""),
            _IDS | _HEADER,
            st.dictionaries(st.sampled_from(["Accept", "Cookie", "Range", "Host", "X-Forwarded-For"]), _HEADER),
        ),
        _events,
    ),
}  # fmt: skip


def passes(seconds: float) -> Iterator[int]:
    """A number for each pass until the time is over."""
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        yield number
        number += 1
