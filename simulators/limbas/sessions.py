"""Logging in to the simulated Limbas: users, sessions, and the lock-out after wrong passwords.

As FACTS and the recordings 50 to 52 have it; the number of attempts and the 30 characters are in the source of Limbas
7.0.25 (`lib/auth/Auth.php`, `AuthDefault.php`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any, Final

from simulators.limbas.soap import PhpArray
from simulators.limbas.store import Store
from simulators.limbas.tables import Tables

COOKIE: Final = "LMB_SESS_ID"
ATTEMPTS: Final = 5
"""Wrong logins from one address after which everything from there is refused. A right one takes none of them back."""
LOCKED_SECONDS: Final = 15.0
MENU_NEW: Final = 1
MENU_DELETE: Final = 11
MENU_LINK: Final = 157
MENU_UNLINK: Final = 158
EVERY_MENU_RIGHT: Final = frozenset({MENU_NEW, MENU_DELETE, MENU_LINK, MENU_UNLINK})
"""Rights to use the menu entries «neu anlegen», «löschen», «verknüpfen» and «Verknüpfungen entfernen». Without them
the rights to a table are worth nothing (`extra/soap/soap.lib`, `gtab/gtab.lib`). The numbers are those of the data that
Limbas brings along, alike in 5.3 and 7.0."""
_LONGEST_CREDENTIAL: Final = 30


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in."""

    name: str
    password: str
    id: int
    may_write: bool = True
    first_name: str = ""
    last_name: str = ""
    rows_per_page: int = 15
    """The user's setting: how many rows a query gives that does not say."""
    menu_rights: frozenset[int] = EVERY_MENU_RIGHT
    phone: str = ""
    group: str = "Büro"
    """Group 1 is that of the administrators, as user 1 is the first of them; every user has a group of its own."""
    language: int = 1
    """Limbas' number of it: 1 German, 2 English."""


@dataclass(slots=True)
class Session:
    """What Limbas keeps between requests with the same cookie: the schema and the rights as they were at login."""

    id: str
    user: User
    tables: Tables
    started: float
    used: float
    counts: dict[int, int] = field(default_factory=dict)
    """Rows per page by table id, as a query last asked for them."""
    extensions: dict[str, list[Path]] = field(default_factory=dict)
    """The files of extensions by name, as they stood in their folder when the session began."""

    def block(self) -> PhpArray:
        """The `session` part that every answer carries."""
        return _block(self)


class LoginRefused(Exception):
    """No login. `locked`: the address has to be silent for a while first."""

    def __init__(self, *, locked: bool) -> None:
        super().__init__("locked" if locked else "refused")
        self.locked = locked


class Sessions:
    """The users and who of them is logged in."""

    def __init__(
        self, store: Store, users: Iterable[User], *, clock: Callable[[], float], lifetime_seconds: float
    ) -> None:
        self._lock = RLock()
        self._store = store
        self._users = {user.name: user for user in users}
        self._clock = clock
        self._lifetime = lifetime_seconds
        self._open: dict[str, Session] = {}
        self._wrong: dict[str, _WrongLogins] = {}

    def enter(self, cookie: str | None, credentials: tuple[str, str] | None, address: str) -> tuple[Session, bool]:
        """The session of a request, and whether it is a new one. Who has an open session needs no password.

        Raises `LoginRefused`. An address that is locked stays so until it has been silent for `LOCKED_SECONDS`:
        attempts in between, right or wrong, begin the wait anew.
        """
        with self._lock:
            now = self._clock()
            self._refuse_if_locked(address, now)
            session = self._open.get(cookie or "")
            if session and now - session.used <= self._lifetime:
                session.used = now
                return session, False
            if not credentials or not credentials[0]:
                raise LoginRefused(locked=False)
            user = self._authenticated(*credentials)
            if user is None:
                self._wrong.setdefault(address, _WrongLogins()).add(now)
                raise LoginRefused(locked=False)
            session = Session(secrets.token_hex(13), user, self._store.tables, started=now, used=now)
            self._open[session.id] = session
            return session, True

    def open(self) -> int:
        """How many sessions there are, expired ones too: Limbas keeps their rows for days."""
        return len(self._open)

    def end(self, session: Session) -> None:
        """Forget one session: a person logged out."""
        with self._lock:
            self._open.pop(session.id, None)

    def end_all(self) -> None:
        """Forget every session, as a restart does."""
        with self._lock:
            self._open.clear()

    def set_user(self, user: User) -> None:
        """Add a user, or change one. Open sessions go on with what they had."""
        with self._lock:
            self._users[user.name] = user

    def user(self, name: str) -> User | None:
        """A user by name."""
        return self._users.get(name)

    def new_user_id(self) -> int:
        """The id for a user that is yet to come."""
        return max((user.id for user in self._users.values()), default=1) + 1

    def _refuse_if_locked(self, address: str, now: float) -> None:
        wrong = self._wrong.get(address)
        if wrong is None or wrong.count < ATTEMPTS:
            return
        if now - wrong.last < LOCKED_SECONDS:
            wrong.last = now
            raise LoginRefused(locked=True)
        del self._wrong[address]

    def _authenticated(self, name: str, password: str) -> User | None:
        user = self._users.get(_as_limbas_reads(name))
        right = user is not None and secrets.compare_digest(user.password.encode(), _as_limbas_reads(password).encode())
        return user if right else None


@dataclass(slots=True)
class _WrongLogins:
    """Of one address."""

    count: int = 0
    last: float = 0.0

    def add(self, now: float) -> None:
        self.count += 1
        self.last = now


def _as_limbas_reads(credential: str) -> str:
    """A name or password as Limbas compares it: cut, and with quotes doubled. Such a one is never found."""
    return credential[:_LONGEST_CREDENTIAL].replace("'", "''")


_SAME_FOR_ALL: Final[dict[int | str, Any]] = {
    "phone": "",
    "position": "0",
    "usercolor": "",
    "farbschema": 1,
    "data_hide": 1,
    "data_display": 2,
    "data_color": False,
    "language": 1,
    "dlanguage": 1,
    "layout": "comet",
    "uploadsize": 1048576,
    "debug": False,
    "logging": 0,
    "change_pass": False,
    "symbolbar": True,
    "lockbackend": False,
    "superadmin": False,
    "gc_maxlifetime": 0,
    "printer": 0,
    "multiframe": "default",
    "dateformat": 1,
    "setlocale": "de_DE",
    "timezone": "Europe/Berlin",
    "settings": {},
    "css": "assets/css/default.css",
    "legacyCss": "assets/css/legacy-default.css",
    "soundlist": {0: "notify.wav", 1: "rinring.wav", 2: "latetermin.wav"},
    "filestruct": {"root": 1},
}


def _block(session: Session) -> PhpArray:
    user = session.user
    return {
        "lastreset": int(session.started),
        "s_id": session.id,
        "s_name": COOKIE,
        "group_id": user.id,
        "user_id": user.id,
        "username": user.name,
        "vorname": user.first_name,
        "name": user.last_name,
        "email": f"{user.name}@example.invalid",
        "maxresult": str(user.rows_per_page),
        "login_date": str(int(session.started)),
        "subgroup": {0: user.id},
        **_SAME_FOR_ALL,
        "phone": user.phone,
        "language": user.language,
    }
