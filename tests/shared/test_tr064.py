"""What people read when TR-064 does not work, by `fritzconnection` against the simulated box."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from shared.contacts.phonebook import check
from shared.tr064 import (
    BadAnswer,
    LoginRefused,
    NotAllowed,
    NotOffered,
    SwitchedOff,
    TimedOut,
    TlsProblem,
    Tr064,
    Tr064Error,
    Unreachable,
)
from simulators.fritzbox.tr064.interface import Tr064Interface
from tests.simulators.fritzbox.tr064 import box_at, self_signed
from tests.valkey import free_port


@pytest.fixture
def interface() -> Iterator[Tr064Interface]:
    with Tr064Interface() as interface:
        yield interface


def test_a_box_that_lets_us_in_has_no_problem(interface: Tr064Interface) -> None:
    check(box_at(interface))


@pytest.mark.parametrize(
    ("changes", "kind", "sentence"),
    [
        ({"password": "open sesame"}, LoginRefused, "127.0.0.1 refuses the login: check the user and the password"),
        ({"user": "nobody"}, LoginRefused, "refuses the login"),
        ({"user": "Łukasz"}, LoginRefused, "has letters that cannot be sent"),
        ({"user": "", "password": None}, LoginRefused, "No user and password are set"),
        ({"password": None, "password_file": "/nowhere/password"}, LoginRefused, "No such file or directory"),
        ({"user": "ohne-telefonie"}, NotAllowed, "lacks a right: tick the right to voice messages, faxes and the call"),
        ({"host": "fritz.invalid"}, Unreachable, "The name fritz.invalid is not known in this network."),
        ({"tr064_port": free_port()}, Unreachable, "takes no connection for TR-064"),
        ({"tls": True}, TlsProblem, "does not speak TLS there"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    interface: Tr064Interface,
    capfd: pytest.CaptureFixture[str],
    changes: dict[str, object],
    kind: type[Tr064Error],
    sentence: str,
) -> None:
    with pytest.raises(kind) as error:
        check(box_at(interface, **changes))

    text = str(error.value)
    assert sentence in text
    assert (text.count(". "), text[-1]) == (0, ".")
    assert "sesame" not in text
    assert capfd.readouterr() == ("", "")


def test_access_for_applications_that_is_not_allowed_is_named(interface: Tr064Interface) -> None:
    interface.switched_on = False

    with pytest.raises(SwitchedOff, match="switch on Home Network > Network > Network Settings > Allow access"):
        check(box_at(interface))


def test_a_box_that_says_nothing_is_not_waited_for_longer_than_set(interface: Tr064Interface) -> None:
    interface.silent = True

    with pytest.raises(TimedOut, match=r"has not answered within 0\.2 s\."):
        check(box_at(interface), seconds=0.2)


def test_a_box_that_answers_byte_by_byte_is_not_waited_for_either(interface: Tr064Interface) -> None:
    interface.seconds_per_byte = 0.01

    with pytest.raises(TimedOut, match=r"has not answered within 0\.2 s\."):
        check(box_at(interface), seconds=0.2)


def test_a_box_without_telephony_is_named(interface: Tr064Interface) -> None:
    with Tr064(box_at(interface)) as tr064:
        with pytest.raises(NotOffered, match="it may be a repeater"):
            tr064.call("X_AVM-DE_Homeplug1", "GetInfo")
        with pytest.raises(NotOffered, match="its FRITZ!OS is too old"):
            tr064.call("X_AVM-DE_OnTel1", "GetCallBarring")


def test_an_error_inside_the_box_has_its_number(interface: Tr064Interface) -> None:
    with Tr064(box_at(interface)) as tr064, pytest.raises(BadAnswer, match="reports error 713 where an answer was due"):
        tr064.call("X_AVM-DE_OnTel1", "GetPhonebook", NewPhonebookID=9)


@pytest.mark.parametrize(
    ("status", "headers", "sentence"),
    [
        ("200 OK", "Content-Length: 5", "does not answer as a FRITZ!Box does: check the address and the"),
        ("200 OK", "Content-Length: 50", "broke off in the middle of an answer"),
        ("302 Found", "Content-Length: 0\r\nLocation: http://localhost/", "sends us elsewhere"),
        ("200 OK", "Content-Encoding: gzip\r\nContent-Length: 5", "broke off in the middle of an answer"),
    ],
    ids=["something else", "cut off", "elsewhere", "not gzip"],
)
def test_what_is_no_fritzbox_is_named(status: str, headers: str, sentence: str) -> None:
    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(f"HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n\r\nhello".encode())

    with socket.create_server(("127.0.0.1", 0)) as server, Tr064Interface() as interface:
        answering = Thread(target=serve, daemon=True)
        answering.start()
        with pytest.raises(BadAnswer, match=sentence):
            check(box_at(interface, tr064_port=server.getsockname()[1]), seconds=2)
        answering.join()


BOMB = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><root xmlns="urn:dslforum-org:device-1-0">&c;</root>'
READS_A_FILE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><root>&b;</root>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("document", [BOMB, READS_A_FILE], ids=["bomb", "file"])
def test_a_document_with_entities_is_not_read(document: str, encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?>{document}'.encode(encoding)

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(4096)
            head = f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body)

    with socket.create_server(("127.0.0.1", 0)) as server, Tr064Interface() as interface:
        answering = Thread(target=serve, daemon=True)
        answering.start()
        with pytest.raises(BadAnswer, match="does not answer as a FRITZ!Box does") as error:
            check(box_at(interface, tr064_port=server.getsockname()[1]), seconds=2)
        answering.join()
    assert "_Doctype" in repr(error.value.__context__)


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_a_box_can_be_talked_to_over_tls_and_past_the_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "not-there.pem"))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_port()}")
    with Tr064Interface(tls=self_signed(tmp_path)) as interface:
        check(box_at(interface, tls=True))
        with pytest.raises(Tr064Error):
            check(box_at(interface), seconds=2)


def test_who_does_not_use_tr064_does_not_load_fritzconnection() -> None:
    program = "import sys, services.matcher.__main__, services.jobs.__main__; print('fritzconnection' in sys.modules)"

    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert found.stdout == "False\n"
