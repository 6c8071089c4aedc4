"""What `services.logger.ledger` runs in Redis. A script takes any number of calls, in one round trip and one step."""

from __future__ import annotations

from typing import Final

# KEYS: each call's entry.
# ARGV: worker, seconds to hold, seconds to keep, seconds that an unanswered write is under way,
# then per call: seq, call, id of the contact event, contact.
# Returns per call what `ledger._known` reads.
NOTE: Final = """
local FIELDS = {'seq', 'call', 'contact_at', 'contact', 'version', 'settled', 'holder', 'held_until', 'sent', 'record',
                'made', 'meant', 'written', 'named'}
local function newer(one, other)
  local a, b = string.match(one, '(%d+)-(%d+)')
  local c, d = string.match(other, '(%d+)-(%d+)')
  a, b, c, d = tonumber(a), tonumber(b), tonumber(c), tonumber(d)
  return a > c or (a == c and b > d)
end
local time = redis.call('TIME')
local now, worker, keep, patience = tonumber(time[1]), ARGV[1], tonumber(ARGV[3]), tonumber(ARGV[4])
local function note(key, seq, call, contact_at, contact)
  local fresh, entry, changes = redis.call('EXISTS', key) == 0, {}, {}
  for n, value in ipairs(redis.call('HMGET', key, unpack(FIELDS))) do entry[FIELDS[n]] = value end
  local function set(field, value)
    entry[field] = value
    changes[#changes + 1], changes[#changes + 2] = field, value
  end
  local version = tonumber(entry.version or 0)
  if call ~= '' and tonumber(seq) > tonumber(entry.seq or 0) then
    version = version + 1
    set('seq', seq)
    set('call', call)
  end
  if contact ~= '' and newer(contact_at, entry.contact_at or '0-0') then
    version = version + 1
    set('contact_at', contact_at)
    set('contact', contact)
  end
  if #changes > 0 then set('version', version) end
  local holder, sent, settled = entry.holder, entry.sent, version == tonumber(entry.settled or -1)
  local free = not holder or holder == worker or tonumber(entry.held_until or 0) < now
  local held = entry.call and not settled and free
  if held then
    set('holder', worker)
    set('held_until', now + tonumber(ARGV[2]))
  end
  if #changes > 0 then redis.call('HSET', key, unpack(changes)) end
  if redis.call('TTL', key) < keep then redis.call('EXPIRE', key, keep) end
  local under_way = sent and now + tonumber(time[2]) / 1e6 - tonumber(sent) < patience
  return {held and 1 or 0, fresh and 1 or 0, version, settled and 1 or 0,
          entry.call or '', entry.contact or '', entry.record or '', entry.made or '', entry.meant or '',
          entry.seq and entry.seq == entry.written and 1 or 0, entry.named or '', under_way and 1 or 0}
end
local known = {}
for n, key in ipairs(KEYS) do known[n] = note(key, unpack(ARGV, 4 * n + 1, 4 * n + 4)) end
return known
"""

# KEYS: each call's entry.
SEND: Final = """
local time = redis.call('TIME')
for _, key in ipairs(KEYS) do redis.call('HSET', key, 'sent', string.format('%d.%06d', time[1], time[2])) end
"""

# KEYS: each call's entry.
ANSWERED: Final = """
for _, key in ipairs(KEYS) do redis.call('HDEL', key, 'sent') end
"""

# KEYS: each call's entry. ARGV: worker, until when.
RENEW: Final = """
for _, key in ipairs(KEYS) do
  if redis.call('HGET', key, 'holder') == ARGV[1] then redis.call('HSET', key, 'held_until', ARGV[2]) end
end
"""

# KEYS: the unknown calls, the stream, the calls in progress, then each call's entry.
# ARGV: worker, seconds to keep the entry of an unknown one, how many unknown ones,
# then per call: version, record id, link made, contact's name, seq, call and number (empty: it has none), whether it is
# sure who that is, the call's time, the call's id, the announcement.
# Returns per call whether the version is settled, and whether the announcement was news.
SETTLE: Final = """
local worker, keep, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local function settle(key, version, record, made, named, seq, caller, sure, time, call_id, announcement)
  local holder, announced, newest = unpack(redis.call('HMGET', key, 'holder', 'announced', 'version'))
  if holder ~= worker then return {0, 0} end
  local place = record .. ' ' .. made
  local news = announced ~= place and 1 or 0
  if news == 1 then
    redis.call('XADD', KEYS[2], '*', 'event', announcement)
    if redis.call('HEXISTS', KEYS[3], call_id .. '|call') == 1 then
      redis.call('HSET', KEYS[3], call_id .. '|record', announcement)
    end
  end
  redis.call('HSET', key, 'record', record, 'made', made, 'named', named, 'written', seq, 'announced', place)
  if newest ~= version then return {0, news} end
  redis.call('HSET', key, 'settled', version)
  redis.call('HDEL', key, 'holder', 'held_until', 'failures', 'sent')
  if sure == '1' then
    redis.call('ZREM', KEYS[1], caller)
  elseif caller ~= '' then
    redis.call('ZADD', KEYS[1], time, caller)
    redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - most)
    if redis.call('TTL', key) < keep then redis.call('EXPIRE', key, keep) end
  end
  return {1, news}
end
local settled = {}
for n = 1, #KEYS - 3 do settled[n] = settle(KEYS[n + 3], unpack(ARGV, 10 * n - 6, 10 * n + 3)) end
return settled
"""
