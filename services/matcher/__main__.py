"""`python -m services.matcher`."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event as StopSignal
from threading import Thread

from services.matcher.refresh import keep_fresh
from services.matcher.resolve import resolve
from services.matcher.settings import MatcherSettings
from shared.consumer import Consumer, Done, Entry, Unavailable, worker_name
from shared.contacts.index import ContactIndex
from shared.contacts.reading import read_contacts
from shared.event_log import open_event_log
from shared.limbas.client import Limbas
from shared.login_gate import RedisGate
from shared.service import Health, run


def work(settings: MatcherSettings, stop: StopSignal, health: Health) -> None:
    """A thread keeps the contact index fresh; this one resolves calls by it."""
    event_log = open_event_log(settings)
    index = ContactIndex(event_log)

    def handle(entries: Sequence[Entry]) -> list[Done]:
        if not index.exists():
            raise Unavailable("The contacts have not been read from Limbas yet.")
        return resolve(entries, index.lookup)

    limbas = Limbas(settings, gate=RedisGate(event_log))
    reading = Thread(
        target=keep_fresh,
        args=(index, lambda: read_contacts(limbas, settings.contacts, settings.office()), stop),
        daemon=True,
        name="contacts",
    )
    consumer = Consumer(event_log, "matcher", worker_name(), handle)
    health.readiness = lambda: {"redis": event_log.answers(), "contacts": consumer.ready and index.exists()}
    reading.start()
    consumer.run(stop)


if __name__ == "__main__":
    run("matcher", MatcherSettings, work)
