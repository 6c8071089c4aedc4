"""A browser at the event stream of a whole office."""

from __future__ import annotations

import threading

from tests.system.office import Office
from tests.web.event_source import EventSource, Message


class Browser:
    """What a browser gets to see of `/events`, from its first connection on and after each lost one."""

    def __init__(self, office: Office) -> None:
        self.events: list[Message] = []
        self.position = ""
        """The id of the newest event."""
        self._office = office
        self._over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def life(self, number: str) -> list[str]:
        """The types of the `call.…` events of the calls with that other side, as often as they came."""
        return [e.name for e in self.events if "call" in e.data and e.data["call"]["remote"]["received"] == number]

    def told(self, number: str) -> set[str]:
        """The types of all else that it was told about these calls."""
        calls = {e.data["call"]["id"] for e in self.events if "call" in e.data}
        calls &= {e.data["call"]["id"] for e in self.events if "call" in e.data and number in e.raw}
        return {e.name for e in self.events if e.data.get("call_id") in calls}

    def leave(self) -> None:
        """Look no more."""
        self._over.set()

    def _watch(self) -> None:
        while not self._over.is_set():
            try:
                with EventSource(
                    self._office.web_port, self._office.token, self.position or None, timeout=30
                ) as source:
                    self._follow(source)
            except OSError:
                self._over.wait(0.1)

    def _follow(self, source: EventSource) -> None:
        while not self._over.is_set() and (message := source.message()) is not None:
            self.position = message.id or self.position
            if message.name not in ("snapshot", "status"):
                self.events.append(message)
