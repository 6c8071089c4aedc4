"""One refused login stops every process that would try it, for a while."""

from __future__ import annotations

import time

from shared.event_log import EventLog
from shared.login_gate import RedisGate
from shared.redis_client import connect
from tests.waiting import eventually


def test_a_login_refused_here_closes_the_gate_everywhere_and_it_opens_again(event_log: EventLog) -> None:
    here, elsewhere = RedisGate(event_log), RedisGate(event_log)
    assert not elsewhere.closed()
    here.close(0.2)
    assert elsewhere.closed()
    began = time.monotonic()
    eventually(lambda: not elsewhere.closed())
    assert time.monotonic() - began > 0.1


def test_without_redis_the_gate_is_open() -> None:
    gate = RedisGate(EventLog(connect("redis://127.0.0.1:1/0"), "callmonitor:events", 60))
    gate.close(60)
    assert not gate.closed()
