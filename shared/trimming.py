"""How long events stay in the stream: for the retention, and longer where a consumer group has not finished them.

Every consumer trims now and then, so that it does not depend on one service that runs, and jobs does where nothing new
comes. Ingest and web do not: they have no right to remove anything (`cli.prepare.redis_users`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final, cast

import structlog
from prometheus_client import Counter
from redis import Redis

TRIM_SECONDS: Final = 60.0
"""How often a consumer removes what is too old."""
HARD_LIMIT: Final = 4
"""Retentions. A group that is behind keeps its events for so long; then they go, lest they fill the memory."""
DROPPED: Final = Counter(
    "callmonitor_events_dropped",
    "Events that this process removed for their age although a consumer group had not finished them.",
)

log = structlog.get_logger()


class Trimming:
    """Of one stream."""

    def __init__(self, redis: Redis, stream: str, retention_seconds: float) -> None:
        self._stream = stream
        self._retention = retention_seconds
        self._next = float("-inf")
        self._script = redis.register_script(_TRIM)

    def trim_now_and_then(self) -> None:
        """Trim, if that was `TRIM_SECONDS` ago. Also a Redis without memory allows it."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + TRIM_SECONDS
            self.trim()

    def trim(self) -> Mapping[str, int]:
        """Remove the events that are older than the retention and that every group has finished.

        Beyond `HARD_LIMIT` retentions they go all the same, which is logged and counted. Returns how many unfinished
        events each group has lost so.
        """
        now = time.time()
        kept = [f"{max(0, round((now - times * self._retention) * 1000))}-0" for times in (1, HARD_LIMIT)]
        reply = iter(cast("list[Any]", self._script([self._stream], kept)))
        dropped = {group.decode(): count for group, count in zip(reply, reply, strict=True)}
        for group, count in dropped.items():
            DROPPED.inc(count)
            log.error("events were removed that this group had not finished, too far behind", group=group, count=count)
        return dropped


# KEYS: stream. ARGV: id from which on all is kept, id from which on what a group has not finished is.
# Returns for each group that lost events its name and how many.
_TRIM: Final = """
local function before(one, other)
  local a, b = string.match(one, '(%d+)-(%d+)')
  local c, d = string.match(other, '(%d+)-(%d+)')
  a, b, c, d = tonumber(a), tonumber(b), tonumber(c), tonumber(d)
  return a < c or (a == c and b < d)
end
local function count(page, start)
  local total = 0
  repeat
    local found = page(start)
    total = total + #found
    if #found > 0 then start = '(' .. found[#found][1] end
  until #found < PAGE
  return total
end
if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
local keep, hard, dropped = ARGV[1], ARGV[2], {}
for _, fields in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for n = 1, #fields, 2 do group[fields[n]] = fields[n + 1] end
  local name, delivered = group['name'], group['last-delivered-id']
  local taken = redis.call('XPENDING', KEYS[1], name)
  local oldest = taken[1] > 0 and taken[2]
  if not oldest then
    local waiting = redis.call('XRANGE', KEYS[1], '(' .. delivered, '+', 'COUNT', 1)
    oldest = waiting[1] and waiting[1][1]
  end
  if oldest and before(oldest, keep) then keep = oldest end
  if oldest and before(oldest, hard) then
    local lost = count(function(start)
      local found = redis.call('XPENDING', KEYS[1], name, start, '(' .. hard, PAGE)
      for _, entry in ipairs(found) do redis.call('XACK', KEYS[1], name, entry[1]) end
      return found
    end, '-')
    if before(delivered, hard) then
      lost = lost + count(function(start)
        return redis.call('XRANGE', KEYS[1], start, '(' .. hard, 'COUNT', PAGE)
      end, '(' .. delivered)
    end
    dropped[#dropped + 1] = name
    dropped[#dropped + 1] = lost
  end
end
if before(keep, hard) then keep = hard end
redis.call('XTRIM', KEYS[1], 'MINID', '=', keep)
return dropped
""".replace("PAGE", "1000")
