"""`main_soap.php`: from an HTTP request to the reply, without the sockets. Faults strike here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final, Literal

from simulators.limbas import actions, pages, soap
from simulators.limbas.faults import FaultKind, Faults
from simulators.limbas.messages import Reply, Request, Reset
from simulators.limbas.sessions import COOKIE, LoginRefused, Session, Sessions
from simulators.limbas.store import Store

_REQUEST_SECONDS: Final = 0.023
_ACTION_SECONDS: Final = 0.002
_LOGIN_SECONDS: Final = 0.093
"""As measured (FACTS): one insert 25 ms, twenty in one request 63 ms, without the cookie 118 ms."""

_WARNING: Final = (
    b"<br />\n<b>Warning</b>:  Undefined array key &quot;verkn&quot; in "
    b"<b>/usr/local/limbas/limbas_src/extra/soap/soap.lib</b> on line <b>1022</b><br />\n"
)


@dataclass(frozen=True, slots=True)
class Options:
    """How the server is set up."""

    speed: Literal["instant", "real"] = "instant"
    """`real`: as slow as a real server."""
    version: Literal["7", "5"] = "7"
    """Limbas 7 says its answers are `text/html`, Limbas 5 `text/xml`."""
    base64: bool = False
    """The Limbas setting `soap_base64`."""


class Counters:
    """What was asked of the endpoint since they were last set to zero."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.requests = 0
        self.logins = 0
        self.refused_logins = 0
        self.actions: Counter[str] = Counter()

    def count(self, *, login: bool = False, refused: bool = False, actions: Mapping[str, int] | None = None) -> None:
        """Count one request's login or actions."""
        with self._lock:
            self.logins += login
            self.refused_logins += refused
            self.actions.update(actions or {})

    def count_request(self) -> None:
        """Count a request, whatever becomes of it."""
        with self._lock:
            self.requests += 1

    def reset(self) -> None:
        """Back to zero."""
        with self._lock:
            self.requests = self.logins = self.refused_logins = 0
            self.actions.clear()


class Endpoint:
    """`main_soap.php` of one server."""

    def __init__(
        self, store: Store, sessions: Sessions, faults: Faults, options: Options, wait: Callable[[float], object]
    ) -> None:
        self.counters = Counters()
        self._store = store
        self._sessions = sessions
        self._faults = faults
        self._options = options
        self._wait = wait

    def reply(self, request: Request) -> Reply:
        """Answer a request.

        Raises `Reset` where a fault wants no answer.
        """
        self.counters.count_request()
        faults = self._faults.strike()
        if FaultKind.SLOW in faults:
            self._wait(faults[FaultKind.SLOW].seconds)
        if failed := self._failed_before(faults, request):
            return failed
        try:
            session, new = self._sessions.enter(request.cookie, request.credentials, request.address)
        except LoginRefused as refused:
            self.counters.count(refused=True)
            return _login_page(locked=refused.locked)
        self.counters.count(login=new)
        reply = self._run(request, session, new=new, half=FaultKind.HALF_DONE in faults)
        return _failed_after(faults, reply)

    def _failed_before(self, faults: Mapping[FaultKind, object], request: Request) -> Reply | None:
        if FaultKind.DOWN in faults:
            raise Reset
        if FaultKind.SERVER_ERROR in faults or (FaultKind.WRITES_FAIL in faults and _writes(request)):
            return Reply(500, pages.error_page(500))
        if FaultKind.RESTARTING in faults:
            self._sessions.end_all()
            return Reply(503, pages.error_page(503))
        if FaultKind.LOGIN_PAGE in faults:
            self._sessions.end_all()
            return _login_page(locked=False)
        return None

    def _run(self, request: Request, session: Session, *, new: bool, half: bool) -> Reply:
        headers = {"Set-Cookie": f"{COOKIE}={session.id}; path=/; HttpOnly; SameSite=strict"} if new else {}
        try:
            payload = soap.unserialize(soap.argument(request.body), encoded=self._options.base64)
            if half:
                payload = _first_half(payload)
            numbered = actions.numbered(payload)
            self.counters.count(actions=Counter(map(actions.kind, numbered.values())))
            if self._options.speed == "real":
                self._wait(_REQUEST_SECONDS + _ACTION_SECONDS * len(numbered) + _LOGIN_SECONDS * new)
            body = soap.answer(actions.run(payload, session, self._store), encoded=self._options.base64)
        except soap.Fault as fault:
            return Reply(500, soap.fault(fault), "text/xml; charset=utf-8", headers)
        if half:
            return Reply(500, pages.error_page(500), headers=headers)
        content_type = "text/html; charset=UTF-8" if self._options.version == "7" else "text/xml; charset=utf-8"
        return Reply(200, body, content_type, headers)


def _failed_after(faults: Mapping[FaultKind, object], reply: Reply) -> Reply:
    if FaultKind.ANSWER_LOST in faults:
        raise Reset
    body = _WARNING + reply.body if FaultKind.WARNING in faults else reply.body
    return Reply(reply.status, body, reply.content_type, reply.headers, cut_off=FaultKind.CUT_OFF in faults)


def _login_page(*, locked: bool) -> Reply:
    gone = {
        "Set-Cookie": f"{COOKIE}=deleted; expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; path=/; SameSite=Strict"
    }
    return Reply(200, pages.login_page(locked=locked), headers=gone)


def _first_half(payload: soap.PhpArray) -> soap.PhpArray:
    keys = list(actions.numbered(payload))
    dropped = set(keys[len(keys) // 2 :])
    return {key: value for key, value in payload.items() if key not in dropped}


def _writes(request: Request) -> bool:
    return any(action in request.body for action in (b"gtab_new", b"gtab_change", b"gtab_delete"))
