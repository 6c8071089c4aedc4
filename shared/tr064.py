"""TR-064, the interface of a FRITZ!Box for programs: `fritzconnection`, and one sentence for whatever goes wrong.

`fritzconnection` is imported when a box is first talked to: the services that never do need not pay for it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final, Self
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

import requests
import urllib3
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from shared.boxes import Box

SECONDS: Final = 15.0
"""For one answer."""
CONNECT_SECONDS: Final = 5.0
LARGEST_DOCUMENT: Final = 16 * 1024 * 1024
"""Bytes. A phonebook with 1000 entries and their pictures' addresses is 0.6 MB."""

_CHUNK: Final = 64 * 1024
_SWITCH: Final = "Home Network > Network > Network Settings > Allow access for applications"


class Tr064Error(Exception):
    """Anything that can go wrong with TR-064. Its text is one sentence, without a password and without a number."""


class Unreachable(Tr064Error):
    """No connection: the name is unknown, the port is closed, or the connection broke before an answer came."""


class TimedOut(Tr064Error):
    """No answer, or not the whole of it, within the time set."""


class TlsProblem(Tr064Error):
    """The other side does not speak TLS, or not one that this machine accepts."""


class SwitchedOff(Tr064Error):
    """The box answers, but does not allow access for applications."""


class LoginRefused(Tr064Error):
    """The user or the password is wrong."""


class NotAllowed(Tr064Error):
    """The user lacks a right (UPnP error 606)."""


class NotOffered(Tr064Error):
    """The box has no such service or action: it is a repeater, or its FRITZ!OS is too old."""


class BadAnswer(Tr064Error):
    """An answer that makes no sense, an error inside the box, or something else than a FRITZ!Box."""


class Tr064:
    """A box's TR-064 interface, to be closed after use. For one thread at a time."""

    def __init__(self, box: Box, *, seconds: float = SECONDS) -> None:
        """Connect, and read what the box offers: some 40 small documents. `seconds` is for each answer.

        Raises `Tr064Error`.
        """
        self._box = box
        self._seconds = seconds
        with self._one_sentence():
            self._connection = _connect(box, _password(box), (min(CONNECT_SECONDS, seconds), seconds))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._connection.session.close()

    def call(self, service: str, action: str, **arguments: str | int) -> dict[str, str]:
        """What an action answers: its arguments' names, as `NewPhonebookList`, and values.

        Raises `Tr064Error`.
        """
        with self._one_sentence():
            answer = self._connection.call_action(service, action, **arguments)
            return {name: str(value) for name, value in answer.items()}

    def download(self, address: str) -> bytes:
        """The document that an answer points to.

        It is asked for where TR-064 answered, whatever host `address` names: a box behind a port forwarding names one
        that cannot be reached, and nobody else is to be sent to. Raises `Tr064Error`.
        """
        with self._one_sentence():
            parts = urlsplit(address)
            url = f"{self._connection.address}:{self._connection.port}{parts.path}?{parts.query}"
            answer = self._connection.session.get(url, timeout=self._connection.timeout, allow_redirects=False)
            if answer.status_code != requests.codes.ok:
                raise BadAnswer(f"{self._who} answers HTTP {answer.status_code} where it offered a document.")
            return bytes(answer.content)

    @property
    def _who(self) -> str:
        return f"The FRITZ!Box at {self._box.host}"

    def _timed_out(self) -> TimedOut:
        return TimedOut(f"{self._who} has not answered within {self._seconds:g} s.")

    @contextmanager
    def _one_sentence(self) -> Iterator[None]:
        """Of all that the libraries may raise."""
        from fritzconnection.core.exceptions import FritzConnectionException

        try:
            yield
        except FritzConnectionException as error:
            raise self._said_by_the_box(error) from None
        except requests.RequestException as error:
            raise self._no_answer(error) from None
        except _TooLarge:
            raise BadAnswer(f"{self._who} sends more than {LARGEST_DOCUMENT // 1024 // 1024} MB.") from None
        except urllib3.exceptions.TimeoutError:
            raise self._timed_out() from None
        except urllib3.exceptions.HTTPError:
            raise BadAnswer(f"{self._who} broke off in the middle of an answer.") from None
        except UnicodeEncodeError:
            raise LoginRefused(
                f"The user for {self._box.host} has letters that cannot be sent: choose a name without them."
            ) from None
        except (ParseError, AttributeError, LookupError, TypeError, ValueError):
            # What fritzconnection stumbles over when an answer has not the form that it expects.
            raise BadAnswer(
                f"What answers at {self._box.host} does not answer as a FRITZ!Box does: check the address and the port."
            ) from None

    def _said_by_the_box(self, error: Exception) -> Tr064Error:
        from fritzconnection.core import exceptions as theirs

        if isinstance(error.__context__, requests.RequestException):  # which it puts into other words
            return self._no_answer(error.__context__)
        if isinstance(error, theirs.FritzAuthorizationError):
            return LoginRefused(
                f"{self._who} refuses the login: check the user and the password, and that it has a user of that name."
            )
        if isinstance(error, theirs.FritzSecurityError):
            return NotAllowed(
                f"{self._who} lets in the user, who lacks a right: "
                "tick the right to voice messages, faxes and the call list under System > FRITZ!Box Users."
            )
        if isinstance(error, theirs.ServiceError | theirs.ActionError):
            return NotOffered(f"{self._who} does not offer this: it may be a repeater, or its FRITZ!OS is too old.")
        if "access for applications disabled" in str(error):
            return SwitchedOff(f"{self._who} does not let programs in: switch on {_SWITCH}.")
        code = re.search(r"errorCode: (\d{1,4})", str(error))
        return BadAnswer(f"{self._who} reports {f'error {code[1]}' if code else 'an error'} where an answer was due.")

    def _no_answer(self, error: requests.RequestException) -> Tr064Error:
        if isinstance(error, requests.exceptions.SSLError):
            return TlsProblem(f"{self._who} does not speak TLS there: check tls and the port.")
        if isinstance(error, requests.TooManyRedirects):
            return BadAnswer(f"What answers at {self._box.host} sends us elsewhere: check the address and the port.")
        if isinstance(error, requests.exceptions.ConnectTimeout):
            return Unreachable(f"{self._who} does not pick up: is it on, and in this network?")
        if isinstance(error, requests.exceptions.Timeout):
            return self._timed_out()
        if "NameResolutionError" in str(error):
            return Unreachable(f"The name {self._box.host} is not known in this network.")
        return Unreachable(f"{self._who} takes no connection for TR-064, or broke it off: switch on {_SWITCH}.")


class _TooLarge(Exception):
    """More than `LARGEST_DOCUMENT` came."""


class _Doctype(ValueError):
    """A document with a type of its own came: no box sends one, and with it come entities that blow up to gigabytes."""


class _Limited(HTTPAdapter):
    """Reads answers with limits on time, size and what is in them.

    The libraries have none: their time-out is that of one piece, and their XML reader expands entities.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def send(self, request: PreparedRequest, *arguments: Any, **options: Any) -> Response:
        """Send a request, read the answer. Raises `_TooLarge`, `_Doctype`, and the errors of urllib3 and requests."""
        deadline = monotonic() + self._seconds
        response = super().send(request, *arguments, **options)
        body = bytearray()
        while piece := response.raw.read1(_CHUNK, decode_content=True):
            body += piece
            if len(body) > LARGEST_DOCUMENT:
                response.close()
                raise _TooLarge
            if monotonic() > deadline:
                response.close()
                raise urllib3.exceptions.TimeoutError
        if response.status_code != requests.codes.unauthorized and b"<!DOCTYPE" in body.replace(b"\0", b""):
            raise _Doctype
        response._content = bytes(body)  # noqa: SLF001 - where `content` looks first
        return response


def _connect(box: Box, password: str, timeout: tuple[float, float]) -> Any:
    """A `FritzConnection`. It has no annotations that a type checker could use."""
    from fritzconnection import FritzConnection

    class Connection(FritzConnection):  # type: ignore[misc] # as said
        def _load_router_api(self, *arguments: Any, **options: Any) -> None:
            # The first that is done with the session. A box is in the local network: no proxy leads there, and no list
            # of certificates vouches for it. Nor does it send anybody elsewhere: the login must not go along.
            self.session.trust_env = False
            self.session.max_redirects = 0
            for scheme in ("http://", "https://"):
                self.session.mount(scheme, _Limited(timeout[1]))
            super()._load_router_api(*arguments, **options)

    logging.getLogger("fritzconnection").setLevel(logging.CRITICAL)  # it says by exceptions what it logs besides
    return Connection(
        address=f"[{box.host}]" if ":" in box.host else box.host,
        port=box.tr064_port,
        user=box.user,
        password=password,
        timeout=timeout,
        use_tls=box.tls,
    )


def _password(box: Box) -> str:
    if box.password:
        return box.password.get_secret_value()
    if not box.password_file:
        raise LoginRefused(f"No user and password are set for the FRITZ!Box at {box.host}: TR-064 needs them.")
    try:
        return box.password_file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        because = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise LoginRefused(f"The password for {box.host} cannot be read from {box.password_file}: {because}.") from None
