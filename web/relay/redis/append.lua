-- Appends entries to their rooms' logs, one after the other: looks up the id of each, numbers, keeps and publishes it.
--
-- All is one atomic step, so every subscriber receives each room in the order of its log. Each entry has its own answer,
-- as if it had come alone; what those before it in the same call did holds for it.
-- With `appendfsync always` Redis sends the reply and the broadcasts only after the writes are on disk.
--
-- KEYS  1 rules (hash); then for each entry
--       1 log (stream)  2 head (hash)  3 ids (hash)  4 amended (sorted set)  5 when this sender appended last, in
--       milliseconds
-- ARGV  1 how an epoch begins, for logs that have to be made  2 deduplication time-to-live in seconds  3 entries to keep,
--       0 all; then for each entry
--       1 id  2 deduplication key  3 deduplication fingerprint  4 data  5 live channel  6 0 if nothing may be written, 1 if
--       an entry may, 2 if the log may be made for it
--       7 rule whose value is the slow mode in seconds  8 how many deny rules  9 … the deny rules
-- Reply for each entry {epoch, "seq at fingerprint" of the entry with this key, 1 if it was appended before else 0};
--       or {rule that keeps it out, milliseconds for which it still does, less than 0 for ever, -1};
--       or {0, 0, -2} if it may not be written, or there is no log and it may not be made;
--       or {error, 0, -3}

local time = redis.call('TIME')
local at = time[1] .. string.format('%03d', math.floor(time[2] / 1000))
local ruled = redis.call('EXISTS', KEYS[1]) == 1

-- Appends the entry whose keys and arguments follow KEYS[k] and ARGV[a]. `number`: which one it is in this call.
local function append(number, k, a)
  local id, data = ARGV[a + 1], ARGV[a + 4]
  local head = redis.call('HMGET', KEYS[k + 2], 'epoch', 'seq')
  -- Two logs that one call makes have two epochs.
  local epoch = head[1] or ARGV[1] .. number

  local first = redis.call('HGET', KEYS[k + 3], ARGV[a + 2])
  if first then
    return {epoch, first, 1}
  end

  local rules = ARGV[a + 8]
  local slow_mode = 0
  if ruled then
    local found = redis.call('HMGET', KEYS[1], ARGV[a + 7], unpack(ARGV, a + 9, a + 8 + rules))
    for n = 2, #found do
      if found[n] then
        local rule = ARGV[a + 7 + n]
        return {rule, redis.call('HPTTL', KEYS[1], 'FIELDS', 1, rule)[1], -1}
      end
    end
    slow_mode = (found[1] or 0) * 1000
    if slow_mode > 0 then
      local last = tonumber(redis.call('GET', KEYS[k + 5]) or 0)
      local left = last + slow_mode - at
      -- A time in the future is from before the clock was set back: it means nothing any more.
      if left > 0 and last <= tonumber(at) then
        return {ARGV[a + 7], left, -1}
      end
    end
  end

  if ARGV[a + 6] == '0' or (not head[1] and ARGV[a + 6] == '1') then
    return {0, 0, -2}
  end

  -- The stream comes first: a script is not rolled back, and of all writes only this one can be refused.
  local seq = string.format('%.0f', (head[2] or 0) + 1)
  local keep = ARGV[3]
  if keep == '0' then
    redis.call('XADD', KEYS[k + 1], seq .. '-0', 'id', id, 'at', at, 'data', data)
  else
    redis.call('XADD', KEYS[k + 1], 'MAXLEN', '~', keep, seq .. '-0', 'id', id, 'at', at, 'data', data)
    if redis.call('EXISTS', KEYS[k + 4]) == 1 and redis.call('XLEN', KEYS[k + 1]) >= tonumber(keep) then
      -- Amended entries are trimmed with those around them: none is left below the oldest in the stream.
      local oldest = redis.call('XRANGE', KEYS[k + 1], '-', '+', 'COUNT', 1)[1][1]
      redis.call('ZREMRANGEBYSCORE', KEYS[k + 4], '-inf', '(' .. string.match(oldest, '^%d+'))
    end
  end
  if slow_mode > 0 then
    redis.call('SET', KEYS[k + 5], at, 'PX', slow_mode)
  end
  if head[1] then
    redis.call('HSET', KEYS[k + 2], 'seq', seq)
  else
    redis.call('HSET', KEYS[k + 2], 'epoch', epoch, 'seq', seq)
  end
  local entry = table.concat({seq, at, ARGV[a + 3]}, ' ')
  redis.call('HSETEX', KEYS[k + 3], 'EX', ARGV[2], 'FIELDS', 1, ARGV[a + 2], entry)

  -- The whole entry, so that no receiver has to read it. The id's length keeps an id with spaces whole.
  redis.call('PUBLISH', ARGV[a + 5], table.concat({epoch, seq, at, #id, id .. data}, ' '))
  return {epoch, entry, 0}
end

local replies, k, a = {}, 1, 3
while k < #KEYS do
  -- An error ends its own entry alone. A Redis without memory refuses the first write of each, so nothing of it.
  local done, reply = pcall(append, #replies + 1, k, a)
  replies[#replies + 1] = done and reply or {type(reply) == 'table' and reply.err or tostring(reply), 0, -3}
  k, a = k + 5, a + 8 + ARGV[a + 8]
end
return replies
