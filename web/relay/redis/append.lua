-- Appends an entry to its room's log in one atomic step: looks up its id, numbers it, keeps it, publishes it.
--
-- Appending and publishing are one step, so every subscriber receives each room in the order of its log.
-- With `appendfsync always` Redis sends the reply and the broadcasts only after the write is on disk.
--
-- KEYS  1 log (stream)  2 head (hash)  3 ids (hash)  4 amended (sorted set)  5 rules (hash)
--       6 when this sender appended last, in milliseconds  7 logs (set)  8 … token buckets: see bucket.lua
-- ARGV  1 epoch, if the log has to be made  2 id  3 deduplication fingerprint  4 deduplication time-to-live in seconds
--       5 entries to keep, 0 all  6 live channel  7 data  8 rule whose value is the slow mode in seconds
--       9 room  10 logs that there may be, 0 any number  11 how many of the buckets, the last ones, are for making a
--       log only  12 deduplication key
--       13 … three words for each bucket, and then the deny rules
-- Reply {epoch, "seq at fingerprint" of the entry with this key, 1 if it was appended before else 0};
--       or {rule that keeps it out, milliseconds for which it still does, less than 0 for ever, -1};
--       or {number of a bucket that is empty, microseconds to wait, -2};
--       or {logs there are, 0, -3} if there are too many

local head = redis.call('HMGET', KEYS[2], 'epoch', 'seq')
local epoch = head[1] or ARGV[1]

local first = redis.call('HGET', KEYS[3], ARGV[12])
if first then
  return {epoch, first, 1}
end

for n = 13 + 3 * (#KEYS - 7), #ARGV do
  if redis.call('HEXISTS', KEYS[5], ARGV[n]) == 1 then
    return {ARGV[n], redis.call('HPTTL', KEYS[5], 'FIELDS', 1, ARGV[n])[1], -1}
  end
end
local slow_mode = tonumber(redis.call('HGET', KEYS[5], ARGV[8]) or 0) * 1000

local seq = string.format('%.0f', (head[2] or 0) + 1)
local time = redis.call('TIME')
local at = time[1] .. string.format('%03d', math.floor(time[2] / 1000))

if slow_mode > 0 then
  local last = tonumber(redis.call('GET', KEYS[6]) or 0)
  local left = last + slow_mode - at
  -- A time in the future is from before the clock was set back: it means nothing any more.
  if left > 0 and last <= tonumber(at) then
    return {ARGV[8], left, -1}
  end
end

-- A log that is older than this set comes into it with its next entry.
local listed = redis.call('SISMEMBER', KEYS[7], ARGV[9]) == 1
local makes = not listed and not head[1]
if makes and ARGV[10] ~= '0' then
  local logs = redis.call('SCARD', KEYS[7])
  if logs >= tonumber(ARGV[10]) then
    return {logs, 0, -3}
  end
end

-- After the rules, because an entry that they keep out takes no tokens.
local wait, bucket = take(time[1] * 1000000 + time[2], 8, makes and #KEYS or #KEYS - ARGV[11], 13)
if wait > 0 then
  return {bucket, wait, -2}
end

-- The stream comes first: a script is not rolled back, and of all writes only this one can be refused.
if ARGV[5] == '0' then
  redis.call('XADD', KEYS[1], seq .. '-0', 'id', ARGV[2], 'at', at, 'data', ARGV[7])
else
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[5], seq .. '-0', 'id', ARGV[2], 'at', at, 'data', ARGV[7])
end
if ARGV[5] ~= '0' and redis.call('EXISTS', KEYS[4]) == 1 and redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[5]) then
  -- Amended entries are trimmed with those around them: none is left below the oldest in the stream.
  local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1][1]
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', '(' .. string.match(oldest, '^%d+'))
end
if not listed then
  redis.call('SADD', KEYS[7], ARGV[9])
end
if slow_mode > 0 then
  redis.call('SET', KEYS[6], at, 'PX', slow_mode)
end
local entry = table.concat({seq, at, ARGV[3]}, ' ')
redis.call('HSET', KEYS[2], 'epoch', epoch, 'seq', seq)
redis.call('HSETEX', KEYS[3], 'EX', ARGV[4], 'FIELDS', 1, ARGV[12], entry)

-- The whole entry, so that no receiver has to read it. The id's length keeps an id with spaces whole.
redis.call('PUBLISH', ARGV[6], table.concat({epoch, seq, at, #ARGV[2], ARGV[2] .. ARGV[7]}, ' '))
return {epoch, entry, 0}
