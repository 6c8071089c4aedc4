"""Whether a flood has been read: nothing else may fall over before it has."""

from __future__ import annotations

from faults.switchboard import Switchboard
from faults.traffic import OFFICE
from faults.unread import unread
from tests.simulators.fritzbox.client import Listener
from tests.waiting import eventually
from tests.web.tcp_pair import tcp_pair


def test_what_was_sent_is_unread_until_it_is_read() -> None:
    with tcp_pair() as (server, browser):
        port = server.getsockname()[1]
        assert unread(port) == 0
        server.sendall(b"x" * 1000)
        eventually(lambda: unread(port) == 1000)
        browser.recv(400)
        assert unread(port) == 600
        browser.recv(600)
        assert unread(port) == 0


def test_a_box_waits_for_all_who_listen() -> None:
    megabytes = 8_000_000  # more than a connection takes in
    with Switchboard(OFFICE, seed=1, seconds=0, port=0) as switchboard, Listener(switchboard.box.port) as listener:
        switchboard.box.wait_for_client()
        switchboard.send_bytes(b"x" * megabytes)
        assert not switchboard.wait_for_readers(seconds=0.1)
        while megabytes:
            megabytes -= len(listener.socket.recv(65536))
        assert switchboard.wait_for_readers(seconds=10)
