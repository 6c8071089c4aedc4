"""`python -m services.matcher`."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event as StopSignal
from threading import Thread, Timer
from typing import Final

from services.matcher import places
from services.matcher.live_search import LiveSearch
from services.matcher.places import place_of
from services.matcher.resolve import resolve
from services.matcher.settings import MatcherSettings
from shared.consumer import Consumer, Done, Entry, Unavailable, worker_name
from shared.contacts.index import ContactIndex, NoContacts
from shared.event_log import open_event_log
from shared.limbas.client import Limbas
from shared.login_gate import RedisGate
from shared.service import Health, run

UNHURRIED_SECONDS: Final = 3.0
"""When the plans of the world are loaded: after the start, and before the first stranger calls, if he is not quick."""


def work(settings: MatcherSettings, stop: StopSignal, health: Health) -> None:
    """A thread asks Limbas about unknown callers; this one resolves calls by the contact index, which jobs fills."""
    event_log = open_event_log(settings)
    index, office, gate = ContactIndex(event_log), settings.office(), RedisGate(event_log)
    live = LiveSearch(event_log, index, Limbas(settings, gate=gate), settings.contacts, office)

    def handle(entries: Sequence[Entry]) -> list[Done]:
        try:
            done = resolve(entries, index.lookup, lambda number: place_of(number, office.country))
        except NoContacts as error:
            raise Unavailable(str(error)) from error
        live.consider(entries)
        return done

    consumer = Consumer(event_log, "matcher", worker_name(), handle)
    health.readiness = lambda: {"redis": event_log.answers(), "contacts": consumer.ready and index.exists()}
    loading = Timer(UNHURRIED_SECONDS, places.load)
    loading.daemon = True
    loading.start()
    Thread(target=live.run, args=(stop,), daemon=True, name="live search").start()
    consumer.run(stop)


if __name__ == "__main__":
    run("matcher", MatcherSettings, work)
