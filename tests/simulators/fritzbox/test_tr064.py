"""The simulated TR-064 interface, asked by a plain HTTP client and by `fritzconnection` itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import requests
from fritzconnection import FritzConnection
from fritzconnection.lib.fritzphonebook import FritzPhonebook
from requests.auth import HTTPDigestAuth

from simulators.fritzbox.tr064.interface import PASSWORD, Tr064Interface
from simulators.fritzbox.tr064.phonebooks import BOOKS
from tests.simulators.fritzbox.tr064 import self_signed

LOGIN = HTTPDigestAuth("callmonitor", PASSWORD)
SERVICE = "urn:dslforum-org:service:X_AVM-DE_OnTel:1"
ENVELOPE = (
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<u:{action} xmlns:u="{service}">{arguments}</u:{action}></s:Body></s:Envelope>'
)


@pytest.fixture
def interface() -> Iterator[Tr064Interface]:
    with Tr064Interface() as interface:
        yield interface


def call(
    interface: Tr064Interface,
    action: str,
    arguments: str = "",
    *,
    login: HTTPDigestAuth | None = LOGIN,
    headers: dict[str, str] | None = None,
) -> requests.Response:
    return requests.post(
        f"http://127.0.0.1:{interface.port}/upnp/control/x_contact",
        data=ENVELOPE.format(action=action, service=SERVICE, arguments=arguments),
        auth=login,
        headers=headers,
        timeout=5,
    )


def error_code(answer: requests.Response) -> str:
    assert answer.status_code == 500
    found = ET.fromstring(answer.content).findtext(".//{urn:dslforum-org:control-1-0}errorCode")  # noqa: S314 - ours
    assert found
    return found


def test_fritzconnection_reads_all_books(interface: Tr064Interface) -> None:
    box = FritzConnection("127.0.0.1", interface.port, "callmonitor", PASSWORD, timeout=5)
    phonebook = FritzPhonebook(box)

    assert (box.modelname, box.system_version) == ("FRITZ!Box 7590", "8.02")
    assert phonebook.phonebook_ids == [0, 1]
    assert [phonebook.phonebook_info(number)["name"] for number in (0, 1)] == [book.name for book in BOOKS]
    box.session.close()


def test_nobody_is_let_in_without_a_login_and_the_challenge_is_that_of_a_box(interface: Tr064Interface) -> None:
    answer = call(interface, "GetPhonebookList", login=None)

    assert answer.status_code == 401
    challenge = r'Digest realm="F!Box SOAP-Auth",nonce="[0-9A-F]{16}",algorithm=MD5,qop="auth"'
    assert re.fullmatch(challenge, answer.headers["WWW-Authenticate"])
    assert answer.text.startswith("<HTML><HEAD><TITLE>401 Unauthorized")


@pytest.mark.parametrize("login", [HTTPDigestAuth("callmonitor", "wrong"), HTTPDigestAuth("nobody", PASSWORD)])
def test_a_wrong_login_is_refused(interface: Tr064Interface, login: HTTPDigestAuth) -> None:
    answer = call(interface, "GetPhonebookList", login=login)

    assert answer.status_code == 401
    assert "stale" not in answer.headers["WWW-Authenticate"]


def test_a_request_cannot_be_played_again(interface: Tr064Interface) -> None:
    first = call(interface, "GetPhonebookList", login=HTTPDigestAuth("callmonitor", PASSWORD))
    assert first.status_code == 200

    again = call(
        interface, "GetPhonebookList", login=None, headers={"Authorization": first.request.headers["Authorization"]}
    )

    assert again.status_code == 401
    assert again.headers["WWW-Authenticate"].endswith(",stale=true")


def test_a_login_goes_on_after_the_box_has_forgotten_it(interface: Tr064Interface) -> None:
    login = HTTPDigestAuth("callmonitor", PASSWORD)
    assert call(interface, "GetPhonebookList", login=login).status_code == 200
    interface.forget_nonces()
    assert call(interface, "GetPhonebookList", login=login).status_code == 200


@pytest.mark.parametrize(
    ("action", "arguments", "code"),
    [
        ("GetCallBarring", "", "401"),
        ("GetPhonebook", "", "402"),
        ("GetPhonebook", "<NewPhonebookID>first</NewPhonebookID>", "402"),
        ("GetPhonebook", "<NewPhonebookID>2</NewPhonebookID>", "713"),
        ("GetPhonebook", "<NewPhonebookID>&unknown;</NewPhonebookID>", "402"),
    ],
)
def test_what_cannot_be_done_is_a_upnp_error(interface: Tr064Interface, action: str, arguments: str, code: str) -> None:
    assert error_code(call(interface, action, arguments)) == code


def test_a_user_without_the_right_to_telephony_gets_error_606(interface: Tr064Interface) -> None:
    assert error_code(call(interface, "GetPhonebookList", login=HTTPDigestAuth("ohne-telefonie", PASSWORD))) == "606"


def test_a_phonebook_needs_a_session(interface: Tr064Interface) -> None:
    address = f"http://127.0.0.1:{interface.port}/phonebook.lua"

    assert requests.get(f"{address}?sid=0123456789abcdef&pbid=0", timeout=5).status_code == 403
    assert requests.get(f"{address}?pbid=0", timeout=5).status_code == 403


def test_nothing_is_there_when_access_for_applications_is_not_allowed(interface: Tr064Interface) -> None:
    interface.switched_on = False

    answer = requests.get(f"http://127.0.0.1:{interface.port}/tr64desc.xml", timeout=5)

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html")


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_it_speaks_tls_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    with Tr064Interface(tls=self_signed(tmp_path)) as interface:
        url = f"https://127.0.0.1:{interface.port}/tr64desc.xml"
        assert b"X_AVM-DE_OnTel" in requests.get(url, timeout=5, verify=False).content  # noqa: S501 - as said
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(url, timeout=5)
