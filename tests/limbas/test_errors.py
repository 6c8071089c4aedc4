"""Every way in which an answer can be none: its own exception, one sentence, and nothing of the answer in it."""

from __future__ import annotations

import contextlib
import gzip
import socket
import time
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.limbas import errors, transport
from shared.limbas.client import Limbas
from shared.limbas.errors import LimbasUnavailable
from shared.limbas.transport import RunLmb
from simulators.limbas import soap
from tests.limbas.answering import Answer, AnsweringServer, soap_answer
from tests.limbas.conftest import settings
from tests.limbas.recorded import recorded_answer
from tests.valkey import free_port

LEAK = "/usr/local/limbas/secret.php on line 42"
SOUND = soap.answer({"session": {}, 0: True}, encoded=False)
WARNING = f"<br />\n<b>Warning</b>: Undefined array key in {LEAK}<br />\n".encode()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(f"<html>Forbidden {LEAK}</html>".encode(), 403), errors.ServerError),
        (Answer(f"<html><h1>500 Server Error</h1>{LEAK}</html>".encode()), errors.HtmlAnswer),
        (Answer(f"Fatal error: {LEAK}".encode()), errors.HtmlAnswer),
        (Answer(b"", 500), errors.ServerError),
        (Answer(f"<html>{LEAK}</html>".encode(), 503), errors.ServerError),
        (Answer(f"<html>{LEAK}</html>".encode(), 404), errors.ServerError),
        (Answer(b"", 302, {"Location": "https://elsewhere.example/"}), errors.Redirected),
        (Answer(soap.fault(soap.Fault("Server", LEAK)), 500), errors.SoapFault),
        (Answer(soap.fault(soap.Fault("Client", LEAK)), 200), errors.SoapFault),
        (Answer(WARNING + SOUND), errors.PhpWarning),
        (Answer(SOUND + WARNING), errors.PhpWarning),
        (Answer(b""), errors.CutOff),
        (Answer(SOUND[:-30]), errors.CutOff),
        (Answer(SOUND[:30]), errors.CutOff),
        (Answer(SOUND[:-30], length=len(SOUND)), errors.CutOff),
        (Answer(SOUND, headers={"Content-Encoding": "gzip"}), errors.CutOff),
        (Answer(SOUND.replace(b"a:", b"x:")), errors.Malformed),
        (Answer(SOUND.replace(b"<return", b"<other").replace(b"/return>", b"/other>")), errors.Malformed),
        (Answer(SOUND.replace(b"a:2", b"&undefined;")), errors.Malformed),
        (Answer(SOUND.replace(b"xsd:string", b"xsd  string")), errors.Malformed),
        (Answer(SOUND.replace(b"?>\n", b'?>\n<!DOCTYPE x [<!ENTITY e "y">]>\n', 1)), errors.Malformed),
        (Answer(SOUND.replace(b"?>\n", b"?>\n<!DOCTYPE x>\n", 1)), errors.Malformed),
        (Answer(b'{"errors": {"401": "Unauthorized"}}', 401), errors.LoginRefused),
    ],
)
def test_an_answer_that_is_none_is_its_own_exception(answer: Answer, expected: type, server: AnsweringServer) -> None:
    server.answers = [answer]
    with RunLmb(settings(server.url)) as runlmb, pytest.raises(LimbasUnavailable) as raised:
        runlmb.call({0: {"getvars": ["gtab"]}})
    assert type(raised.value) is expected
    sentence = str(raised.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert LEAK not in sentence
    assert "limbas/" not in sentence
    assert raised.value.__cause__ is None, "a traceback would show the answer"


damage = st.binary(max_size=20) | st.sampled_from(
    [b"<", b">", b"&", b"</", b"/>", b"&#0;", b"<!DOCTYPE x>", b"<?xml ", b"<Envelope>", b"</SOAP-ENV:Envelope>",
     b"<SOAP-ENV:Fault/>", b'<return xsi:type="SOAP-ENC:Array"/>', b"<x:return/>", b"a:1:{i:0;N;}",
     b'<input name="password">', b' xsi:type="xsd:int">', b"<return><item/></return>", b"</return><return>"]
)  # fmt: skip


@given(st.integers(0, len(SOUND)), st.integers(0, 300), damage, st.sampled_from([200, 200, 500, 204]))
def test_any_damage_to_an_answer_is_unavailable_or_harmless(start: int, length: int, by: bytes, status: int) -> None:
    damaged = SOUND[:start] + by + SOUND[start + length :]
    with AnsweringServer() as server, RunLmb(settings(server.url)) as runlmb, contextlib.suppress(LimbasUnavailable):
        server.answers = [Answer(damaged if status != 204 else b"", status)]
        assert isinstance(runlmb.call({}), dict)


def test_white_space_around_the_answer_does_no_harm(server: AnsweringServer) -> None:
    server.answers = [Answer(b"\xef\xbb\xbf\n\n" + SOUND + b"\n\n")]
    with RunLmb(settings(server.url)) as runlmb:
        assert runlmb.call({})[0] is True


def test_a_packed_answer_is_unpacked(server: AnsweringServer) -> None:
    server.answers = [Answer(gzip.compress(SOUND), headers={"Content-Encoding": "gzip"})]
    with RunLmb(settings(server.url)) as runlmb:
        assert runlmb.call({})[0] is True


def test_a_closed_port_is_unreachable() -> None:
    with RunLmb(settings(f"http://127.0.0.1:{free_port()}")) as runlmb, pytest.raises(errors.Unreachable):
        runlmb.call({})


def test_an_unknown_name_is_unreachable_and_says_so() -> None:
    with RunLmb(settings("http://limbas.invalid")) as runlmb, pytest.raises(errors.Unreachable, match="name"):
        runlmb.call({})


def test_a_connection_that_breaks_without_an_answer_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with RunLmb(settings(f"http://127.0.0.1:{port}", limbas_timeout=1)) as runlmb:
            listener.close()
            with pytest.raises(errors.Unreachable):
                runlmb.call({})


def test_a_server_that_does_not_pick_up_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as busy:
        address = busy.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(address)
        url = f"http://127.0.0.1:{address[1]}"
        with RunLmb(settings(url, limbas_timeout=0.2)) as runlmb, pytest.raises(errors.Unreachable, match="pick up"):
            runlmb.call({})
        for client in waiting:
            client.close()


def test_silence_times_out() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        RunLmb(settings(f"http://127.0.0.1:{silent.getsockname()[1]}", limbas_timeout=0.1)) as runlmb,
        pytest.raises(errors.TimedOut, match=r"0\.1 s"),
    ):
        runlmb.call({})


def test_an_answer_that_stops_in_the_middle_times_out(server: AnsweringServer) -> None:
    over = Event()
    server.answers = [Answer(SOUND, between=lambda: over.wait(5))]
    with RunLmb(settings(server.url, limbas_timeout=0.1)) as runlmb, pytest.raises(errors.TimedOut):
        runlmb.call({})
    over.set()


def test_an_answer_that_trickles_in_times_out_as_a_whole() -> None:
    """Each piece comes in time, and yet it would take forever."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        stop = Event()

        def trickle() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
                while not stop.wait(0.02):
                    try:
                        connection.sendall(b" ")
                    except OSError:
                        return

        thread = Thread(target=trickle)
        thread.start()
        begun = time.monotonic()
        with RunLmb(settings(url, limbas_timeout=0.3)) as runlmb, pytest.raises(errors.TimedOut):
            runlmb.call({})
        assert time.monotonic() - begun < 10
        stop.set()
        thread.join()


def test_an_answer_without_end_is_not_read_to_its_end(server: AnsweringServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LARGEST_ANSWER", 1024 * 1024)
    bomb = gzip.compress(b" " * 50 * 1024 * 1024)
    assert len(bomb) < 1024 * 1024
    server.answers = [Answer(bomb, headers={"Content-Encoding": "gzip"})]
    with RunLmb(settings(server.url)) as runlmb, pytest.raises(errors.TooLarge):
        runlmb.call({})


def test_an_answer_with_one_very_long_text_is_read(server: AnsweringServer) -> None:
    """libxml2 itself would stop at 10 MB."""
    text = "x" * 11 * 1024 * 1024
    server.answers = [soap_answer({0: text})]
    with RunLmb(settings(server.url)) as runlmb:
        assert runlmb.call({}) == {0: text}


def test_the_next_call_works_after_any_failure(client: Limbas, server: AnsweringServer) -> None:
    server.answers = [Answer(WARNING + SOUND), Answer(SOUND[:-30], length=len(SOUND)), recorded_answer("01")]
    for expected in (errors.PhpWarning, errors.CutOff):
        with pytest.raises(expected):
            client.schema()
    assert client.schema().table("ANRUFE").fields


def test_every_unavailable_can_be_caught_as_one_and_no_refusal_is_one() -> None:
    classes = [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, Exception)]
    assert {errors.Unreachable, errors.TimedOut, errors.LoginRefused, errors.CutOff} <= set(classes)
    for found in classes:
        assert not (issubclass(found, errors.LimbasUnavailable) and issubclass(found, errors.RecordRefused))
        assert issubclass(found, errors.LimbasError)
