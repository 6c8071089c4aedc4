"""What Prometheus reads at `/metrics`.

What is measured stands where it is measured, or in a service's own `metrics`; docs/operations.md lists all of it. No
label holds a number or a person's name: they end up in systems that keep them for years.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import Metric, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

# When each series began would double their number, and nobody asks.
disable_created_metrics()  # type: ignore[no-untyped-call] # prometheus_client is annotated in parts


class Readiness(Collector):
    """What a service depends on, each as 0 or 1."""

    def __init__(self, state: Callable[[], Mapping[str, bool]]) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        """One sample per part."""
        family = GaugeMetricFamily("callmonitor_ready", "Whether the service has what it depends on.", labels=["part"])
        for part, ready in self._state().items():
            family.add_metric([part], float(ready))
        yield family


class _Together(Collector):
    """Several collectors as one, without registering those that come and go with a service."""

    def __init__(self, collectors: Iterable[Collector]) -> None:
        self._collectors = tuple(collectors)

    def collect(self) -> Iterator[Metric]:
        for collector in self._collectors:
            yield from collector.collect()


def exposition(accept: str, *collectors: Collector) -> tuple[bytes, str]:
    """What the `collectors` say, in a format that is accepted, and that format. `accept`: the request's header."""
    encode, content_type = choose_encoder(accept)
    return encode(_Together(collectors)), content_type
