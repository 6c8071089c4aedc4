"""What is measured of the boxes and their lines. A box's name is the one in the settings."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge

CONNECTED: Final = Gauge("callmonitor_box_connected", "Whether the box's call monitor is connected.", ["box"])
CONNECTIONS: Final = Counter("callmonitor_box_connections", "Connections to the box's call monitor.", ["box"])
LINES: Final = Counter("callmonitor_box_lines", "Lines received from the box, readable or not.", ["box"])
MALFORMED: Final = Counter(
    "callmonitor_box_lines_malformed",
    "Lines that are none of the call monitor's, kept in the quarantine or not.",
    ["box"],
)
WAITING: Final = Gauge(
    "callmonitor_box_lines_waiting", "Lines in the spool that are not in the event log yet.", ["box"]
)
PUBLISHES: Final = Gauge(
    "callmonitor_box_publishes", "Whether this ingest is the one that publishes the box's calls.", ["box"]
)
LOST: Final = Counter(
    "callmonitor_lines_lost", "Lines that were damaged in the spool, or too old when Redis came back."
)
