-- An entry's way into its room's log, in one atomic step: look up its id, number it, keep it, tell everyone.
--
-- Appending and publishing are one step, so every subscriber hears every room in the order of its log.
-- With `appendfsync always` Redis sends the reply and the broadcasts only after the write is on disk.
--
-- KEYS  1 log (stream)  2 head (hash)  3 ids (hash)  4 … buckets to take a token of: see bucket.lua
-- ARGV  1 epoch, if the log has to be made  2 id  3 what a repetition repeats (a digest)  4 window in seconds
--       5 entries to keep, 0 all  6 live channel  7 data  8 … of the buckets
-- Reply {epoch, "seq at digest" of the entry that has the id, 1 if it was appended before else 0};
--       or the microseconds to wait, if a bucket is empty

local head = redis.call('HMGET', KEYS[2], 'epoch', 'seq')
local epoch = head[1] or ARGV[1]

local first = redis.call('HGET', KEYS[3], ARGV[2])
if first then
  return {epoch, first, 1}
end

local seq = string.format('%.0f', (head[2] or 0) + 1)
local time = redis.call('TIME')
local at = time[1] .. string.format('%03d', math.floor(time[2] / 1000))

local wait = take(time[1] * 1000000 + time[2], 4, 8)
if wait > 0 then
  return wait
end

-- The stream comes first: a script is not rolled back, and of all writes only this one can be refused.
if ARGV[5] == '0' then
  redis.call('XADD', KEYS[1], seq .. '-0', 'id', ARGV[2], 'at', at, 'data', ARGV[7])
else
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[5], seq .. '-0', 'id', ARGV[2], 'at', at, 'data', ARGV[7])
end
local entry = table.concat({seq, at, ARGV[3]}, ' ')
redis.call('HSET', KEYS[2], 'epoch', epoch, 'seq', seq)
redis.call('HSETEX', KEYS[3], 'EX', ARGV[4], 'FIELDS', 1, ARGV[2], entry)

-- The whole entry, so that no receiver has to read it. The id's length keeps an id with spaces whole.
redis.call('PUBLISH', ARGV[6], table.concat({epoch, seq, at, #ARGV[2], ARGV[2] .. ARGV[7]}, ' '))
return {epoch, entry, 0}
