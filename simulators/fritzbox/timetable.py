"""The order in which things happen: calls that are planned become messages that are due. Pure: time is a number.

Connection ids are given as the box gives them: the lowest that is free, free again at the call's end.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count

from simulators.fritzbox.faults import Fault
from simulators.fritzbox.messages import Connect, Dial, Disconnect, Message, Ring
from simulators.fritzbox.planned_call import PlannedCall


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A line that is sent as it is, its time stamp too."""

    line: bytes


Item = PlannedCall | Verbatim | Fault
"""What can be planned."""
Action = Message | Verbatim | Fault
"""What can happen."""


class Timetable:
    """What is planned, in seconds from a common start, and what is due next."""

    def __init__(self, planned: Iterable[tuple[float, Item]] = ()) -> None:
        """`planned` comes in order of time and may be endless: it is read as far as needed."""
        self._planned = iter(planned)
        self._upcoming = next(self._planned, None)
        self._due: list[tuple[float, int, Callable[[], Action]]] = []
        self._order = count()
        self._connections = _Connections()

    def next_at(self) -> float | None:
        """When the next action is due; None: never."""
        while self._upcoming and (not self._due or self._upcoming[0] <= self._due[0][0]):
            self.add(*self._upcoming)
            self._upcoming = next(self._planned, None)
        return self._due[0][0] if self._due else None

    def pop(self) -> tuple[float, Action]:
        """The next action and when it is due.

        Raises `IndexError` when nothing is left.
        """
        self.next_at()
        at, _, action = heapq.heappop(self._due)
        return at, action()

    def add(self, at: float, item: Item) -> None:
        """Plan something in addition."""
        if not isinstance(item, PlannedCall):
            action: Action = item
            self._push(at, lambda: action)
            return
        life = _Life(item, self._connections)
        self._push(at, life.open)
        if item.answered:
            self._push(at + item.rings, life.connect)
        self._push(at + item.lasts, life.disconnect)

    def _push(self, at: float, action: Callable[[], Action]) -> None:
        heapq.heappush(self._due, (at, next(self._order), action))


class _Connections:
    """The connection ids."""

    def __init__(self) -> None:
        self._free: list[int] = []
        self._used = count()

    def take(self) -> int:
        return heapq.heappop(self._free) if self._free else next(self._used)

    def give_back(self, connection: int) -> None:
        heapq.heappush(self._free, connection)


@dataclass(slots=True)
class _Life:
    """A call's messages. Its connection id is not known before it opens."""

    call: PlannedCall
    connections: _Connections
    connection: int = field(default=-1, init=False)

    def open(self) -> Message:
        self.connection = self.connections.take()
        call = self.call
        if call.direction == "inbound":
            return Ring(self.connection, call.remote, call.own_number, call.line)
        return Dial(self.connection, call.extension, call.own_number, call.remote, call.line)

    def connect(self) -> Message:
        return Connect(self.connection, self.call.extension, self.call.remote)

    def disconnect(self) -> Message:
        self.connections.give_back(self.connection)
        return Disconnect(self.connection, self.call.said_duration)
