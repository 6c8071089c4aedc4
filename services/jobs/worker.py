"""RQ's worker, as a service: stops at once, survives every loss of Redis, and says in one line what went wrong."""

from __future__ import annotations

import logging
import signal
from _thread import start_new_thread
from collections.abc import Callable, Mapping
from threading import Event as StopSignal
from threading import Thread, main_thread
from typing import Any, Final

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer

from services.jobs.queue import named_jobs, open_queue
from shared.consumer import summary

ALIVE_SECONDS: Final = 60
"""How long a worker may be silent. RQ waits for a job 15 s shorter than that, without a word."""
AGAIN_SECONDS: Final = 2.0
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger()


class Worker:
    """Does the jobs of one queue, one after the other, in this process and its main thread."""

    def __init__(self, redis: Redis, event_stream: str, jobs: Mapping[str, Callable[[], None]]) -> None:
        """`redis` has to be the worker's own: RQ makes its timeout longer."""
        self._redis = redis
        self._stream = event_stream
        self._job_class = named_jobs(jobs)
        self._worker: _RqWorker | None = None
        self._stopping = False
        for name in ("rq", "rq.worker"):  # what matters is said here, once and without tracebacks
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)

    @property
    def ready(self) -> bool:
        """Whether it takes jobs."""
        return self._worker is not None and self._worker.registered

    def run(self, stop: StopSignal) -> None:
        """Work until `stop` is set, or SIGTERM or Ctrl-C comes, which sets it. For the main thread."""

        def request_stop(*_: object) -> None:
            """Break off whatever is done: a job is made to be broken off."""
            for number in SIGNALS:
                signal.signal(number, signal.SIG_IGN)
            self._stopping = True
            if self._worker:
                self._worker.end_soon()  # should RQ take what follows for a failure of the job
            start_new_thread(stop.set, ())  # as `shared.service.set_by` does
            raise StopRequested

        def wake() -> None:
            """Nothing else ends RQ's wait for a job where `stop` was set before these handlers were there."""
            stop.wait()
            if not self._stopping:
                signal.pthread_kill(main_thread().ident or 0, signal.SIGTERM)

        try:
            for number in SIGNALS:
                signal.signal(number, request_stop)
            Thread(target=wake, daemon=True, name="wake").start()
            while not (stop.is_set() or self._stopping):
                self._live(stop)
        except StopRequested:
            return
        finally:
            self._stopping = True
            for number in SIGNALS:
                signal.signal(number, signal.SIG_IGN)

    def _live(self, stop: StopSignal) -> None:
        """Work until Redis is lost."""
        try:
            self._worker = _RqWorker(self._redis, self._stream, self._job_class)
            self._worker.work(logging_level=None)
        except RedisError:
            pass  # which the schedule says
        finally:
            self._worker = None
        if not self._stopping:
            stop.wait(AGAIN_SECONDS)


class _RqWorker(SimpleWorker):
    """One life of the worker: RQ ends it when it loses Redis."""

    def __init__(self, redis: Redis, event_stream: str, job_class: type[Job]) -> None:
        queue = open_queue(redis, event_stream, job_class)
        super().__init__(
            [queue], connection=redis, job_class=job_class, serializer=JSONSerializer, worker_ttl=ALIVE_SECONDS
        )
        self.registered = False

    def bootstrap(self, *arguments: Any, **options: Any) -> None:
        super().bootstrap(*arguments, **options)
        self.registered = True

    def subscribe(self) -> None:
        """Take no commands: whoever wants this worker to stop has signals."""

    def unsubscribe(self) -> None:
        """Nothing was subscribed to."""

    def _install_signal_handlers(self) -> None:
        """Those of `Worker` are in place."""

    def end_soon(self) -> None:
        """Take no further job."""
        self._stop_requested = True

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        error = exc_info[1]
        if not isinstance(error, StopRequested):
            log.error("a job has failed", job=job.id, error=summary(error))
