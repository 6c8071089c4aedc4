"""The HTTP server: `main_soap.php` for clients, `main.php` for people, `/_simulator/…` for tests and trials."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Event, Thread
from typing import Final, Self
from urllib.parse import parse_qs, unquote, urlsplit

from simulators.limbas import business
from simulators.limbas.browser.site import Site
from simulators.limbas.control import Control
from simulators.limbas.endpoint import Endpoint, Options
from simulators.limbas.faults import Faults
from simulators.limbas.handler import Server
from simulators.limbas.messages import Reply, Request
from simulators.limbas.pages import Pages, error_page
from simulators.limbas.sessions import Sessions, User
from simulators.limbas.store import Store

PASSWORD: Final = "callmonitor"  # noqa: S105 - of a simulator that holds nothing
USERS: Final = (
    User("callmonitor", PASSWORD, id=2, first_name="Call", last_name="Monitor"),
    User("leser", PASSWORD, id=3, may_write=False, first_name="L", last_name="Leser"),
    User("admin", PASSWORD, id=1, first_name="Adminus", last_name="Administratos", group="admin"),
    User("anna", PASSWORD, id=4, first_name="Anna", last_name="Amend", phone="0221 4710101"),
    User("bernd", PASSWORD, id=5, first_name="Bernd", last_name="Bäumler", phone="**610"),
)
SESSION_SECONDS: Final = 1440.0
"""PHP's own default."""
_POLL_SECONDS: Final = 0.02
"""How soon `stop` is noticed."""
_CONTROL: Final = "/_simulator"


class LimbasSimulator:
    """A simulated Limbas server. Serves on threads of its own between `start` and `stop`."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        store: Store | None = None,
        users: Iterable[User] = USERS,
        options: Options | None = None,
        session_seconds: float = SESSION_SECONDS,
        seed: int | None = None,
        clock: Callable[[], float] = time.time,
        installation: Path | None = None,
    ) -> None:
        """`port` 0: any free one. Without a `store` the sample business is in it. `seed`: of the faults' chances.

        With an `installation` people log in and see Limbas' pages with the extensions that lie in that folder; raises
        `Unable` where that cannot be. Without one `main.php` is simple, and open.
        """
        if store is None:
            store = Store()
            business.fill(store)
        self._stopping = Event()
        self.store = store
        self.faults = Faults(seed)
        self.sessions = Sessions(store, users, clock=clock, lifetime_seconds=session_seconds)
        options = options or Options()
        self.endpoint = Endpoint(store, self.sessions, self.faults, options, self._stopping.wait)
        self.site = Site(store, self.sessions, installation, options.version) if installation else None
        self._control = Control(store, self.sessions, self.faults, self.endpoint.counters)
        self._pages = Pages(store)
        self._server = Server((host, port), self.reply)

    @property
    def url(self) -> str:
        """Where it is: `http://127.0.0.1:8088`."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def start(self) -> Self:
        """Answer requests from now on."""
        Thread(target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True, name="limbas-simulator").start()
        return self

    def stop(self) -> None:
        """Answer no more, and let go of the port. Waits end at once."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def reply(self, method: str, target: str, request: Request) -> Reply:
        """The reply to an HTTP request.

        Raises `Reset` where there is none.
        """
        url = urlsplit(target)
        if url.path == "/main_soap.php":
            return self.endpoint.reply(request)
        if url.path == _CONTROL or url.path.startswith(f"{_CONTROL}/"):
            return self._control.reply(method, url.path.removeprefix(_CONTROL), request.body)
        if self.site:
            return self.site.reply(method, unquote(url.path), url.query, request)
        if url.path in {"/", "/main.php"}:
            return self._pages.reply({key: values[-1] for key, values in parse_qs(url.query).items()})
        return Reply(404, error_page(404))
