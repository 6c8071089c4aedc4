"""Plain HTTP to direct a running simulator by: for checkers, and for `callmonitor simulate call`.

    POST /lines      the body's lines are pushed as they are
    POST /calls      the body, a `PlannedCall` as JSON, begins now
    POST /drop       all connections end; `/drop?reset` by a reset
    POST /half-open  nothing more comes over the present connections
    GET  /status     {"finished": …, "clients": …}: whether nothing is left to play, and how many listen
    GET  /sent       the same, and what was pushed: "lines": [{"at": …, "line": …, "clients": …}, …]

Whoever can reach it can use it. It listens to this machine only, unless told otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final, Self

from pydantic import ValidationError

from simulators.fritzbox.planned_call import PlannedCall
from simulators.fritzbox.player import Player
from simulators.fritzbox.server import FritzBoxSimulator

USUAL_PORT: Final = 11013
"""Where `callmonitor simulate call` looks for a simulator."""
LARGEST_BODY: Final = 1_000_000

Answer = tuple[int, dict[str, Any]]
_DONE: Final[Answer] = (200, {"done": True})


class Control:
    """The control interface, for as long as its `with` block lasts."""

    def __init__(self, simulator: FritzBoxSimulator, player: Player, port: int, host: str = "127.0.0.1") -> None:
        """Raises `OSError` when the port cannot be had. `port` 0: any free one."""
        self._server = ThreadingHTTPServer((host, port), _handler(_Routes(simulator, player)))
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        """Begin."""
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="control").start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_port


class _Routes:
    """What can be asked for."""

    def __init__(self, simulator: FritzBoxSimulator, player: Player) -> None:
        self._simulator = simulator
        self._player = player
        self._routes: dict[tuple[str, str], Callable[[bytes], Answer]] = {
            ("POST", "/lines"): self._lines,
            ("POST", "/calls"): self._calls,
            ("POST", "/drop"): lambda _: self._drop(reset=False),
            ("POST", "/drop?reset"): lambda _: self._drop(reset=True),
            ("POST", "/half-open"): self._half_open,
            ("GET", "/status"): self._status,
            ("GET", "/sent"): self._sent,
        }

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        route = self._routes.get((method, path))
        return route(body) if route else (404, {"error": "There is no such thing here."})

    def _lines(self, body: bytes) -> Answer:
        for line in body.splitlines():
            self._simulator.send(line)
        return _DONE

    def _calls(self, body: bytes) -> Answer:
        try:
            self._player.play(PlannedCall.model_validate_json(body))
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            return 400, {"error": f"{'.'.join(map(str, problem['loc'])) or 'The call'}: {problem['msg']}."}
        return _DONE

    def _drop(self, *, reset: bool) -> Answer:
        self._simulator.drop(reset=reset)
        return _DONE

    def _half_open(self, _: bytes) -> Answer:
        self._simulator.go_half_open()
        return _DONE

    def _status(self, _: bytes) -> Answer:
        return 200, {"finished": self._player.finished, "clients": self._simulator.clients}

    def _sent(self, body: bytes) -> Answer:
        status, report = self._status(body)
        lines = [
            {"at": entry.at.isoformat(), "line": entry.line.decode(errors="replace"), "clients": entry.clients}
            for entry in self._simulator.sent
        ]
        return status, report | {"lines": lines}


def _handler(routes: _Routes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > LARGEST_BODY:
                self._say(413, {"error": f"Send a Content-Length of at most {LARGEST_BODY}."})
            else:
                self._answer(self.rfile.read(int(length)))

        def _answer(self, body: bytes) -> None:
            self._say(*routes.answer(self.command, self.path, body))

        def _say(self, status: int, document: dict[str, Any]) -> None:
            answer = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Who asks is of no interest."""

    return Handler
