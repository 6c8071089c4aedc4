"""A box that vanishes without a word, as by a pulled cable, in a network of this process' own: `unshare --net` runs it.

Prints what the reader said, one line each. All that is not real is the time that keepalive takes.
"""

from __future__ import annotations

import subprocess
import sys
import threading

from structlog.testing import capture_logs

from services.ingest import box_reader
from services.ingest.box_reader import BoxReader, Received
from shared.boxes import Box
from simulators.fritzbox.server import FritzBoxSimulator
from tests.waiting import eventually


def cable(state: str) -> None:
    """`up` or `down`."""
    subprocess.run(["ip", "link", "set", "lo", state], check=True)


if __name__ == "__main__":
    for name, seconds in {
        "KEEPALIVE_IDLE": 1,
        "KEEPALIVE_INTERVAL": 1,
        "KEEPALIVE_PROBES": 2,
        "LONGEST_WAIT": 0.5,
    }.items():
        setattr(box_reader, name, seconds)
    lines: list[Received] = []
    stop = threading.Event()
    cable("up")
    with FritzBoxSimulator() as box, capture_logs() as logs:
        reader = BoxReader(Box(name="office", host="127.0.0.1", port=box.port), lines.append)
        thread = threading.Thread(target=reader.run, args=(stop,))
        thread.start()
        box.wait_for_client()
        cable("down")
        eventually(lambda: not reader.connected, within=30)
        cable("up")
        eventually(lambda: reader.connected, within=30)
        box.wait_for_client(2, timeout=30)
        box.send("22.11.26 18:00:01;RING;0;03023125100;4710100;SIP0;")
        eventually(lambda: lines, within=10)
        stop.set()
        thread.join(10)
        said = [entry["event"] for entry in logs]
    sys.stdout.write("\n".join(said) + "\n")
