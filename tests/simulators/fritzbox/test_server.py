from __future__ import annotations

import socket
from contextlib import ExitStack
from datetime import UTC, datetime
from random import Random

import pytest

from simulators.fritzbox.faults import Chunker
from simulators.fritzbox.server import LONGEST_BACKLOG, FritzBoxSimulator
from tests.simulators.fritzbox.client import Listener
from tests.waiting import eventually

LINE = "03.11.16 13:17:08;RING;0;017604069063;99998248;SIP1;"


def test_everybody_who_is_connected_gets_every_line() -> None:
    with FritzBoxSimulator() as box, ExitStack() as stack:
        listeners = [stack.enter_context(Listener(box.port)) for _ in range(5)]
        box.wait_for_client(5)
        box.send(LINE)
        box.send("second")

        for listener in listeners:
            assert listener.line() == LINE.encode() + b"\r\n"
            assert listener.line() == b"second\r\n"


def test_who_connects_later_gets_only_what_comes_later() -> None:
    with FritzBoxSimulator() as box:
        box.send("to nobody")
        with Listener(box.port) as listener:
            box.wait_for_client()
            box.send("to one")
            assert listener.line() == b"to one\r\n"


def test_what_was_pushed_is_remembered_with_its_time_and_the_number_of_clients() -> None:
    with FritzBoxSimulator() as box:
        before = datetime.now(UTC)
        box.send("to nobody")
        with Listener(box.port):
            box.wait_for_client()
            box.send("to one")
            box.send_bytes(b"not a line\r\n")

        assert [(sent.line, sent.clients) for sent in box.sent] == [(b"to nobody", 0), (b"to one", 1)]
        assert before <= box.sent[0].at <= box.sent[1].at <= datetime.now(UTC)


def test_what_clients_say_is_not_listened_to() -> None:
    with FritzBoxSimulator() as box, Listener(box.port) as listener:
        box.wait_for_client()
        listener.socket.sendall(b"\n" * 100_000)
        box.send(LINE)
        assert listener.line() == LINE.encode() + b"\r\n"


def test_a_client_that_leaves_is_noticed() -> None:
    with FritzBoxSimulator() as box:
        with Listener(box.port):
            box.wait_for_client()
        box.wait_for_no_client()
        assert box.clients == 0


def test_waiting_for_clients_that_do_not_come_ends() -> None:
    with FritzBoxSimulator() as box:
        with pytest.raises(TimeoutError):
            box.wait_for_client(timeout=0.01)
        with Listener(box.port):
            box.wait_for_client()
            with pytest.raises(TimeoutError):
                box.wait_for_no_client(timeout=0.01)


def test_dropping_ends_all_connections_in_order_and_new_ones_are_taken() -> None:
    with FritzBoxSimulator() as box, Listener(box.port) as first:
        box.wait_for_client()
        box.send("last words")
        box.drop()

        assert first.rest() == b"last words\r\n"
        with Listener(box.port) as second:
            box.wait_for_client()
            box.send(LINE)
            assert second.line() == LINE.encode() + b"\r\n"


def test_dropping_by_a_reset_is_an_error_to_the_client() -> None:
    with FritzBoxSimulator() as box, Listener(box.port) as listener:
        box.wait_for_client()
        box.drop(reset=True)
        with pytest.raises(ConnectionResetError):
            listener.line()


def test_a_half_open_connection_stays_and_is_silent_while_new_ones_get_lines() -> None:
    with FritzBoxSimulator() as box, Listener(box.port) as old:
        box.wait_for_client()
        box.go_half_open()
        with Listener(box.port) as new:
            box.wait_for_client(2)
            box.send(LINE)

            assert new.line() == LINE.encode() + b"\r\n"
            assert box.sent[-1].clients == 1
            assert old.hears_nothing(seconds=0.05)


def test_bytes_are_sent_as_they_are() -> None:
    with FritzBoxSimulator() as box, Listener(box.port) as listener:
        box.wait_for_client()
        box.send_bytes(b"half a li")
        box.send_bytes(b"ne\n\xff\x00\n")
        box.drop()
        assert listener.rest() == b"half a line\n\xff\x00\n"


def test_chunking_changes_nothing_of_what_arrives() -> None:
    lines = [f"{LINE}{number}" for number in range(200)]
    with FritzBoxSimulator(chunker=Chunker(Random(1))) as box, Listener(box.port) as listener:
        box.wait_for_client()
        for line in lines:
            box.send(line)
        box.flush()
        box.drop()
        assert listener.rest() == b"".join(line.encode() + b"\r\n" for line in lines)


@pytest.mark.parametrize("seed", range(5))
def test_what_the_chunker_holds_back_goes_out_at_the_latest_in_the_end(seed: int) -> None:
    with ExitStack() as stack:
        with FritzBoxSimulator(chunker=Chunker(Random(seed))) as box:
            listener = stack.enter_context(Listener(box.port))
            box.wait_for_client()
            box.send(LINE)
        assert listener.rest() == LINE.encode() + b"\r\n"


@pytest.mark.parametrize("seed", range(5))
def test_who_connects_later_gets_no_part_of_what_the_chunker_held_back(seed: int) -> None:
    with FritzBoxSimulator(chunker=Chunker(Random(seed))) as box:
        box.send("to nobody")
        with Listener(box.port) as listener:
            box.wait_for_client()
            box.send("to one")
            box.flush()
            assert listener.line() == b"to one\r\n"


def test_a_client_that_does_not_read_is_given_up_on() -> None:
    with FritzBoxSimulator() as box, Listener(box.port):
        box.wait_for_client()
        for _ in range(LONGEST_BACKLOG // 1_000_000 * 3):
            box.send_bytes(b"x" * 1_000_000)
        eventually(lambda: box.clients == 0)


def test_when_it_stops_everybody_is_hung_up_on_and_its_port_is_free_at_once() -> None:
    with ExitStack() as stack:
        with FritzBoxSimulator() as box:
            listener = stack.enter_context(Listener(box.port))
            box.wait_for_client()
            box.send(LINE)
        assert listener.rest() == LINE.encode() + b"\r\n"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", box.port), timeout=1)
        with FritzBoxSimulator(port=box.port) as again:
            assert again.port == box.port


def test_a_port_in_use_is_an_error() -> None:
    with (
        FritzBoxSimulator() as box,
        pytest.raises(OSError, match="address already in use"),
        FritzBoxSimulator(port=box.port),
    ):
        pass
