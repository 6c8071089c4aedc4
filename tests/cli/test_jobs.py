"""`callmonitor jobs`, as a person runs it, on a real Valkey with RQ's own worker."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from redis import Redis
from rq.job import Job
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer

from cli.jobs.listed import JobList, Listed, Outcome, State
from cli.jobs.render import as_table
from cli.language import texts
from cli.main import callmonitor
from services.jobs.queue import SYNC, SYNC_NOW, named_jobs, open_queue, put, put_next
from services.jobs.worker import _RqWorker
from tests.conftest import STREAM
from tests.valkey import Valkey

Run = Callable[..., Result]
NUMBER = "+493023125123"


class Jobs:
    """A queue, and a worker whose sync fails as long as it is told to."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.queue = open_queue(redis, STREAM)
        self.failing = True
        self.done = 0

    def _sync(self) -> None:
        if self.failing:
            raise ConnectionError(f"Limbas knows nothing\nof {NUMBER}.")
        self.done += 1

    def work(self) -> None:
        """Do all that waits."""
        job_class = named_jobs({SYNC: self._sync, SYNC_NOW: self._sync})
        _RqWorker(self.redis, STREAM, job_class).work(burst=True, logging_level=None)

    def fail(self) -> str:
        """Let a sync fail. Returns the job's id."""
        job_id = put(self.queue, SYNC_NOW)
        self.work()
        self.failing = False
        return job_id

    def states(self) -> dict[str, State]:
        return {job.id: job.state for job in JobList(self.redis, STREAM)}


@pytest.fixture
def jobs(redis_client: Redis) -> Jobs:
    return Jobs(redis_client)


@pytest.fixture
def run(valkey: Valkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `callmonitor jobs`, in English."""
    monkeypatch.chdir(tmp_path)
    environment = {"REDIS_URL": valkey.url, "LANG": "en_GB.UTF-8", "LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": ""}
    return lambda *arguments: CliRunner().invoke(callmonitor, ["jobs", *arguments], env=environment)


def test_without_any_they_say_so(run: Run) -> None:
    assert run("list").output.startswith("There are no jobs.")
    assert run("list", "--language", "de").output.startswith("Es gibt keine Aufträge.")
    assert run("retry", "--failed").output == "No job has failed.\n"
    assert run("remove", "--failed").output == "No job has failed.\n"


def test_the_list_shows_what_runs_waits_is_due_and_has_failed_and_why(run: Run, jobs: Jobs) -> None:
    failed = jobs.fail()
    running = put(jobs.queue, SYNC)
    job = Job.fetch(running, jobs.redis, JSONSerializer)
    job.started_at = datetime.now(UTC)
    job.save()
    jobs.redis.zadd(StartedJobRegistry(queue=jobs.queue).key, {f"{running}:execution": 4e9})
    jobs.queue.remove(running)
    waiting = put(jobs.queue, SYNC_NOW)
    put_next(jobs.queue, SYNC, 3600)

    header, *rows = run("list").output.splitlines()

    assert header.split() == ["ID", "State", "Job", "When", "Reason"]
    assert [row.split()[1] for row in rows] == ["running", "waiting", "scheduled", "failed"]
    assert [row.split()[0] for row in rows][0:2] == [running, waiting]
    assert "sync of the contacts    " in rows[0]
    assert "for " in rows[1]
    assert " in " in rows[2]
    assert rows[3].startswith(failed)
    assert rows[3].endswith("of +493…23.")


def test_a_job_that_has_failed_is_done_again(run: Run, jobs: Jobs) -> None:
    failed = jobs.fail()

    result = run("retry", failed)

    assert (result.exit_code, result.output) == (0, f"✓ {failed} waits to be done again.\n")
    jobs.work()
    assert (jobs.done, jobs.states()) == (1, {})


def test_all_that_have_failed_can_be_done_again_or_forgotten(run: Run, jobs: Jobs) -> None:
    first = jobs.fail()
    jobs.failing = True
    second = jobs.fail()

    assert run("retry", "--failed").exit_code == 0
    assert set(jobs.states()) == {first, second}
    assert set(jobs.states().values()) == {State.QUEUED}

    jobs.failing = True
    jobs.work()
    assert run("remove", "--failed").output.count("was removed") == 2
    assert (jobs.states(), list(jobs.redis.scan_iter("rq:job:*")), list(jobs.redis.scan_iter("rq:results:*"))) == (
        {},
        [],
        [],
    )


def test_what_has_not_failed_is_not_done_again(run: Run, jobs: Jobs) -> None:
    waiting = put(jobs.queue, SYNC)

    result = run("retry", waiting, "nowhere")

    assert result.exit_code == 1
    assert result.output == f"✗ {waiting} has not failed.\n✗ There is no job nowhere.\n"
    assert jobs.states() == {waiting: State.QUEUED}


def test_what_waits_and_what_is_due_can_be_removed(run: Run, jobs: Jobs) -> None:
    put(jobs.queue, SYNC)
    put_next(jobs.queue, SYNC, 3600)

    assert run("remove", *jobs.states()).exit_code == 0
    assert jobs.states() == {}


def test_what_runs_cannot_be_removed(run: Run, jobs: Jobs) -> None:
    jobs.redis.zadd(StartedJobRegistry(queue=jobs.queue).key, {"one:execution": 4e9})

    result = run("remove", "one")

    assert (result.exit_code, jobs.states()) == (1, {"one": State.RUNNING})


@pytest.mark.parametrize("data", [b"", b"\x80\x04garbage", b'"text"', b"[1, 2]", bytes(range(40))], ids=repr)
def test_a_job_that_cannot_be_read_is_shown_as_such_and_can_be_removed(run: Run, jobs: Jobs, data: bytes) -> None:
    failed = jobs.fail()
    jobs.redis.hset(Job.key_for(failed), mapping={"data": data, "created_at": "\x1b[2Jnever"})

    assert "(unreadable)" in run("list").output
    assert "\x1b" not in run("list").output
    assert "would only fail again" in run("retry", failed).output
    assert run("remove", failed).exit_code == 0
    assert jobs.states() == {}


def test_a_job_of_another_version_is_not_tried_again(run: Run, jobs: Jobs) -> None:
    jobs.queue.enqueue("os.system", "touch /tmp/trace", failure_ttl=60)
    jobs.work()
    (failed,) = jobs.states()

    result = run("retry", failed)

    assert (result.exit_code, jobs.states()) == (1, {failed: State.FAILED})


@pytest.mark.parametrize("arguments", [("retry",), ("remove",), ("retry", "--failed", "one")])
def test_what_makes_no_sense_is_refused_in_a_sentence(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)

    assert (result.exit_code, "Error: Give ids, or --failed." in result.output) == (2, True)


def test_every_outcome_and_state_has_words() -> None:
    words = texts("jobs", "en")
    assert {f"state.{state.value}" for state in State} <= words.keys()
    said = {f"{what}.{outcome.value}" for what in ("retry", "remove") for outcome in Outcome}
    assert said - words.keys() == {"retry.running", "remove.not-failed", "remove.unknown"}


def test_the_list_is_german_for_who_reads_german() -> None:
    job = Listed("1", State.SCHEDULED, SYNC, datetime(2026, 11, 22, 18, 10, tzinfo=UTC))

    line = as_table([job], texts("jobs", "de"), datetime(2026, 11, 22, 18, 0, tzinfo=UTC)).splitlines()[1]

    assert re.split(" {2,}", line) == ["1", "eingeplant", "Abgleich der Kontakte", "in 10 min"]
