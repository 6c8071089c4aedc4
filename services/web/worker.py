"""What one worker process has: the picture of the calls, the one reader that keeps it, and the application."""

from __future__ import annotations

from functools import cache, partial
from threading import Event as StopSignal
from threading import Thread

from services.web.api.calls import Calls
from services.web.api.contact import Contacts
from services.web.app import create_app
from services.web.event_stream import EventStreams
from services.web.feed import Feed
from services.web.history import History
from services.web.metrics import with_health_port
from services.web.payload import Payload
from services.web.reader import PAGE, Reader
from services.web.settings import WebSettings
from services.web.trails import Trails
from shared.event_log import open_event_log
from shared.garbage import look_less
from shared.unknown_calls import UnknownCalls


class Worker:
    """Starts to follow the event log at once; needs nobody to be there yet."""

    def __init__(self, settings: WebSettings) -> None:
        event_log = open_event_log(settings)
        home = settings.office()
        payload = Payload(home, settings.web_heartbeat_seconds, settings.limbas_links)
        trails = Trails(partial(event_log.newest, count=PAGE))
        self._feed = Feed(payload, trails)
        self._stop = StopSignal()
        history = History()
        reader = Reader(event_log, self._feed, history, settings.retention_days * 24 * 3600)
        Thread(target=reader.run, args=(self._stop,), daemon=True, name="reader").start()
        place_of = cache(settings.place_of)
        app = create_app(
            settings.web_secret.get_secret_value(),
            self._feed,
            EventStreams(self._feed, event_log, payload, trails, place_of),
            Calls(history, home, place_of, payload.shown),
            Contacts(event_log, UnknownCalls(event_log, settings.late_link_days)),
            settings.web_origins,
        )
        self.app = with_health_port(app, settings.health_port, self._feed.readiness)
        look_less()

    def stop(self) -> None:
        """End every stream and the reader."""
        self._stop.set()
        self._feed.close()
