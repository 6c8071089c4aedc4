"""`python -m services.ingest`."""

from __future__ import annotations

from threading import Event as StopSignal
from threading import Thread

from services.ingest.box_reader import BoxReader
from services.ingest.call_life import Office
from services.ingest.publisher import Publisher
from services.ingest.settings import IngestSettings
from shared.event_log import open_event_log
from shared.service import Health, run


def work(settings: IngestSettings, stop: StopSignal, health: Health) -> None:
    """One thread per box reads; this one publishes."""
    event_log = open_event_log(settings)
    publisher = Publisher(event_log, settings.every_box(), Office(settings.ignore, settings.own_numbers))
    readers = {box.name: BoxReader(box, publisher.deliver) for box in settings.every_box()}

    def readiness() -> dict[str, bool]:
        return {
            "redis": event_log.answers(),
            **{f"box {name}": reader.connected for name, reader in readers.items()},
        }

    health.readiness = readiness
    for name, reader in readers.items():
        Thread(target=reader.run, args=(stop,), name=f"box {name}", daemon=True).start()
    publisher.run(stop)


if __name__ == "__main__":
    run("ingest", IngestSettings, work)
