"""One `runlmb` call over HTTP: zeep with a WSDL of ours, a kept session, and everything about the answer doubted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Final, Self

import requests
import urllib3
import zeep
from requests import Response
from requests.auth import HTTPBasicAuth
from zeep.exceptions import Fault
from zeep.transports import Transport

from shared.limbas import measuring, php
from shared.limbas.answer import envelope, is_login_page
from shared.limbas.errors import (
    CutOff,
    LimbasUnavailable,
    Malformed,
    SoapFault,
    TimedOut,
    TlsProblem,
    TooLarge,
    Unreachable,
)
from shared.limbas.login_guard import Gate, LoginGuard
from shared.limbas.settings import LimbasSettings

LARGEST_ANSWER: Final = 32 * 1024 * 1024
"""Bytes, unpacked. The schema of the recorded system with its 6 tables is 60 kB."""
CONNECT_SECONDS: Final = 5.0
SESSION_SECONDS: Final = 3600.0
"""Limbas keeps a user's tables and rights in the session. After this time a new one shows what people changed."""
SESSION_COOKIE: Final = "LMB_SESS_ID"

_WSDL: Final = Path(__file__).with_name("runlmb.wsdl")
_BINDING: Final = "{urn:xmethodsLimbasServer}runlmbBinding"
_CHUNK: Final = 64 * 1024
_OF_A_READER: Final = (ValueError, LookupError, TypeError, AttributeError)
"""What zeep lets through of a damaged answer, beside its own errors: lxml on a name that is none, for one."""


class RunLmb:
    """Limbas' SOAP interface at one address, for one user. For one thread at a time."""

    def __init__(
        self, settings: LimbasSettings, clock: Callable[[], float] = monotonic, gate: Gate | None = None
    ) -> None:
        """Parse the WSDL. Nothing is sent yet. `clock` counts seconds; `gate` is shared with other processes."""
        self._as_base64 = settings.limbas_soap_base64
        self._clock = clock
        self._guard = LoginGuard(clock, gate)
        self._http = _Http(settings)
        self._renewed = clock()
        measuring.begin()
        self.session_number = 0
        """Counts Limbas sessions. What was read of the schema holds within one only."""
        client = zeep.Client(  # type: ignore[no-untyped-call] # zeep is annotated in parts
            str(_WSDL),
            transport=self._http,
            # Our own limit replaces libxml2's on the length of a text: the answer is one single text.
            settings=zeep.Settings(
                forbid_dtd=True, forbid_entities=True, forbid_external=True, xml_huge_tree=True, force_https=False
            ),
        )
        self._service = client.create_service(_BINDING, settings.soap_address)  # type: ignore[no-untyped-call]

    def call(self, payload: php.Payload) -> php.Array:
        """Send an array, get an array.

        Raises one of `LimbasUnavailable`'s classes; then what the payload asks for may have happened nonetheless.
        """
        self._guard.check()
        if self._clock() - self._renewed > SESSION_SECONDS:
            self.renew_session()
        before = self._http.session_id
        with measuring.measured():
            answer = self._send(php.dumps(payload, as_base64=self._as_base64))
            self._guard.accepted()
            if before and self._http.session_id != before:
                self._session_ended()
            return php.loads(answer, as_base64=self._as_base64)

    def renew_session(self) -> None:
        """Have the next call start a new Limbas session, in which new tables and rights show."""
        self._http.forget_session()
        self._session_ended()

    def close(self) -> None:
        """Close the connection."""
        self._http.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _session_ended(self) -> None:
        self.session_number += 1
        self._renewed = self._clock()

    def _send(self, argument: str) -> str:
        try:
            answer = self._service.runlmb(argument)
        except _LoginPage:
            self.renew_session()
            raise self._guard.refused() from None
        except Fault as fault:
            raise SoapFault(
                f"Limbas answers with a SOAP fault ({_code(fault)}): an error inside Limbas, see its server's log."
            ) from None
        except (zeep.exceptions.Error, *_OF_A_READER):
            raise Malformed("Limbas' answer is not a SOAP answer of runlmb.") from None
        if not isinstance(answer, str):
            raise Malformed("Limbas' answer is not a SOAP answer of runlmb.")
        return answer


class _LoginPage(Exception):
    """The login page came."""


class _Http(Transport):
    """zeep's transport with limits: on time, on size, and on what counts as an answer."""

    def __init__(self, settings: LimbasSettings) -> None:
        session = requests.Session()
        # As bytes: requests would encode text as Latin-1, Limbas expects UTF-8.
        session.auth = HTTPBasicAuth(
            settings.limbas_user.encode(), settings.limbas_password.get_secret_value().encode()
        )
        super().__init__(session=session)  # type: ignore[no-untyped-call] # as above
        self._seconds = settings.limbas_timeout
        self._verify: bool | str = str(settings.limbas_ca_file) if settings.limbas_ca_file else True

    @property
    def session_id(self) -> str | None:
        """Which Limbas session the next request belongs to."""
        values = [cookie.value for cookie in self.session.cookies if cookie.name == SESSION_COOKIE]
        return values[-1] if values else None

    def forget_session(self) -> None:
        self.session.cookies.clear()

    def load(self, url: str) -> bytes:
        """Our own WSDL. zeep would fetch whatever schema an answer names."""
        if url != str(_WSDL):
            raise Malformed("Limbas' answer is not a SOAP answer of runlmb.")
        return _WSDL.read_bytes()

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> Response:
        """Send a request and read the whole answer. Raises `LimbasUnavailable` or `_LoginPage`."""
        deadline = monotonic() + self._seconds
        try:
            response = self.session.post(
                address,
                data=message,
                headers=headers,
                timeout=(min(CONNECT_SECONDS, self._seconds), self._seconds),
                verify=self._verify,  # on every request: a session's setting yields to REQUESTS_CA_BUNDLE
                allow_redirects=False,
                stream=True,
            )
            with response:
                body = _read(response, deadline, self._seconds)
        except requests.RequestException as error:
            raise _no_answer(error, self._seconds) from None
        except urllib3.exceptions.TimeoutError:
            raise _timed_out(self._seconds) from None
        except urllib3.exceptions.HTTPError:
            raise CutOff("Limbas' answer ends in the middle: the server or the connection broke off.") from None
        if is_login_page(response.status_code, body):
            raise _LoginPage
        response._content = envelope(response.status_code, body)  # noqa: SLF001 - where zeep looks for it
        return response


def _read(response: Response, deadline: float, seconds: float) -> bytes:
    """The whole body, unpacked. Each piece is looked at as it comes: requests' own reading waits for full blocks."""
    body = bytearray()
    while chunk := response.raw.read1(_CHUNK, decode_content=True):
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise TooLarge(f"Limbas' answer is larger than {LARGEST_ANSWER // 1024 // 1024} MB.")
        if monotonic() > deadline:
            raise _timed_out(seconds)
    return bytes(body)


def _no_answer(error: requests.RequestException, seconds: float) -> LimbasUnavailable:
    """The sentence for a request that got no answer. The library's own texts hold addresses and are long."""
    if isinstance(error, requests.exceptions.SSLError):
        return TlsProblem(
            "The certificate of the server at LIMBAS_URL is not trusted, or it does not speak TLS: "
            "set LIMBAS_CA_FILE to the file of the authority that signed it."
        )
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Unreachable("The server at LIMBAS_URL does not pick up: is it on, and in this network?")
    if isinstance(error, requests.exceptions.Timeout):
        return _timed_out(seconds)
    if "NameResolutionError" in str(error):
        return Unreachable("The name in LIMBAS_URL is not known in this network.")
    return Unreachable("No connection to the server at LIMBAS_URL, or it hung up without an answer.")


def _timed_out(seconds: float) -> TimedOut:
    return TimedOut(f"Limbas has not answered within {seconds:g} s (LIMBAS_TIMEOUT).")


def _code(fault: Fault) -> str:
    """The fault's code. Its text is Limbas' own, and may hold paths."""
    code = str(fault.code or "").rpartition(":")[2]
    return code if code.isalnum() and len(code) <= 20 else "unknown"
