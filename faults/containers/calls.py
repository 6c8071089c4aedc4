"""People who call the simulated box in its container."""

from __future__ import annotations

import threading
import time
from typing import Final, Self

import requests

from faults.traffic import last_calls, traffic
from simulators.fritzbox.planned_call import PlannedCall

PATIENCE: Final = 180.0
"""Seconds for the box's answer. It may be paused for a minute; what was asked counts, so nothing is asked again."""


class Calls:
    """The calls of a seed, from the beginning of the `with` block until `finish`."""

    def __init__(self, box: str, seed: int) -> None:
        """`box`: the address of the simulated box's control."""
        self.count = 0
        self._box = box
        self._seed = seed
        self._over = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="calls", daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Nobody calls any more."""
        self._over.set()
        self._thread.join()

    def finish(self) -> None:
        """Wait for the last call's end, then call once on every connection, and wait for the end of that, too."""
        self._over.set()
        self._thread.join()
        if self._failure:
            raise self._failure
        self._await_the_end()
        for call in last_calls():
            self._call(call)
        self._await_the_end()

    def _run(self) -> None:
        began = time.monotonic()
        try:
            for at, call in traffic(self._seed):
                if self._over.wait(began + at - time.monotonic()):
                    return
                self._call(call)
        except Exception as error:  # noqa: BLE001 - raised where the end of the calls is waited for
            self._failure = error

    def _call(self, call: PlannedCall) -> None:
        answer = requests.post(f"{self._box}/calls", data=call.model_dump_json(), timeout=PATIENCE)
        answer.raise_for_status()
        self.count += 1

    def _await_the_end(self) -> None:
        while not requests.get(f"{self._box}/status", timeout=PATIENCE).json()["finished"]:
            time.sleep(0.2)
