"""What is measured of the event streams, and how Prometheus reads it: at HEALTH_PORT, from any worker, about all.

Each worker process counts for itself, in files that prometheus_client maps into memory (its multiprocess mode);
whichever worker is asked adds them all up. The page's own port knows nothing of it: that one is open to the office.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final

from flask import Flask
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector
from werkzeug.wrappers import Response

from shared.events import CallEvent, Event
from shared.metrics import Readiness, exposition

BROWSERS: Final = Gauge(
    "callmonitor_browsers", "Event streams that are open at the moment.", multiprocess_mode="livesum"
)
BROWSERS_CUT_OFF: Final = Counter(
    "callmonitor_browsers_cut_off", "Event streams that were ended because the browser did not keep up."
)
RING_TO_BROWSER_SECONDS: Final = Histogram(
    "callmonitor_ring_to_browser_seconds",
    "From the receipt of the line that opens a call until its event has left for one browser.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
ANSWERED_BY_THE_APPLICATION: Final = frozenset({"/healthz", "/readyz"})

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def rang_at(event: Event) -> datetime | None:
    """When the line was received that opened a call, if this is the event that says so."""
    return event.call.received_at if isinstance(event, CallEvent) and event.call.seq == 1 else None


def sent(rang: datetime | None) -> None:
    """An event has left for a browser."""
    if rang:
        RING_TO_BROWSER_SECONDS.observe(max(0.0, (datetime.now(UTC) - rang).total_seconds()))


def with_health_port(app: Flask, port: int, readiness: Callable[[], dict[str, bool]]) -> WsgiApp:
    """The application, and at `port` nothing but its health and the metrics. 0: there is no such port."""
    ready = Readiness(readiness)

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if environ["SERVER_PORT"] != str(port) or path in ANSWERED_BY_THE_APPLICATION:
            return app(environ, start_response)
        if path != "/metrics":
            return Response(status=404)(environ, start_response)
        body, content_type = exposition(environ.get("HTTP_ACCEPT", ""), _of_all_workers(), ready)
        return Response(body, content_type=content_type)(environ, start_response)

    return answer if port else app


def _of_all_workers() -> CollectorRegistry:
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # prometheus_client is annotated in parts
    return registry
