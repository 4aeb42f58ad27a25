-- Appends entries to their rooms' logs, one after the other: looks up the id of each, numbers, keeps and publishes it.
-- Stands behind epoch.lua and changed.lua.
--
-- All is one atomic step, so every subscriber receives each room in the order of its log. Each entry has its own answer,
-- as if it had come alone; what those before it in the same call did holds for it.
-- With `appendfsync always` Redis sends the reply and the broadcasts only after the writes are on disk.
--
-- KEYS  for each entry
--       1 log (stream)  2 head (hash)  3 ids (hash)  4 amended (sorted set)  5 spoke (hash)
--       6 rules (string) of the partition  7 changed-logs (sorted set) of the partition
--       8 record (hash) of the room; only if the entry requires a field
--       and record (hash) of the room; only if a field keeps the entry out
-- ARGV  1 how an epoch begins, for logs that have to be made  2 deduplication time-to-live in seconds  3 entries to keep,
--       0 all  4 1 in a cluster else 0; then for each entry
--       1 0 if nothing may be written, 1 if an entry may, 2 if the log may be made for it
--       2 id  3 deduplication key  4 deduplication fingerprint  5 data  6 live channel  7 room
--       8 version of the rules that let it in  9 milliseconds that have to lie between two entries of its sender
--       10 sender  11 field of the record that it requires; empty: it requires none
--       12 field of a record that keeps it out; empty: there is none
-- Reply for each entry {epoch, "seq at fingerprint" of the entry with this key, 1 if it was appended before else 0};
--       or {milliseconds for which its sender still has to wait, 0, -1};
--       or {0, 0, -2} if it may not be written, or there is no log and it may not be made;
--       or {error, 0, -3};
--       or {version of the rules, 0, -4} if other rules stand than those that let it in;
--       or {0, 0, -5} if the record does not have the field, whatever else there is to say
--       or {0, 0, -6} if a field keeps it out

local K, A = 7, 12
local history = history_of(ARGV[4])

local time = redis.call('TIME')
local at = time[1] .. string.format('%03d', math.floor(time[2] / 1000))

-- How many keys the entry has whose arguments follow ARGV[a].
local function keys_of(a)
  return K + (ARGV[a + A - 1] == '' and 0 or 1) + (ARGV[a + A] == '' and 0 or 1)
end

-- Appends the entry whose keys and arguments follow KEYS[k] and ARGV[a]. `number`: which one it is in this call.
local function append(number, k, a)
  local lets, id, key, fingerprint, data, live, room, version, pause, sender, required, denying = unpack(ARGV, a + 1, a + A)
  if required ~= '' and redis.call('HEXISTS', KEYS[k + K + 1], required) == 0 then
    return {0, 0, -5}
  end

  local head = redis.call('HMGET', KEYS[k + 2], 'epoch', 'seq')
  -- Two logs that one call makes have two epochs.
  local epoch = in_history(head[1] or ARGV[1] .. number, history)

  local first = redis.call('HGET', KEYS[k + 3], key)
  if first then
    if history ~= '' then
      -- Replicas confirm what this connection wrote. Without a write they would confirm at once what they lack.
      -- EXPIRE and PERSIST are writes that a Redis without memory does not refuse.
      redis.call('EXPIRE', KEYS[k + 2], 1000000)
      redis.call('PERSIST', KEYS[k + 2])
    end
    return {epoch, first, 1}
  end

  if denying ~= '' and redis.call('HEXISTS', KEYS[k + keys_of(a)], denying) == 1 then
    return {0, 0, -6}
  end

  local rules = redis.call('GET', KEYS[k + 6])
  if rules and tonumber(rules) > tonumber(version) then
    return {rules, 0, -4}
  end

  if pause ~= '0' then
    local last = tonumber(redis.call('HGET', KEYS[k + 5], sender) or 0)
    local left = last + pause - at
    -- A time in the future is from before the clock was set back: it means nothing any more.
    if left > 0 and last <= tonumber(at) then
      return {left, 0, -1}
    end
  end

  if lets == '0' or (not head[1] and lets == '1') then
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
  if pause ~= '0' then
    redis.call('HSETEX', KEYS[k + 5], 'PX', pause, 'FIELDS', 1, sender, at)
  end
  if head[1] == epoch then
    redis.call('HSET', KEYS[k + 2], 'seq', seq)
  else
    redis.call('HSET', KEYS[k + 2], 'epoch', epoch, 'seq', seq)
  end
  local entry = table.concat({seq, at, fingerprint}, ' ')
  redis.call('HSETEX', KEYS[k + 3], 'EX', ARGV[2], 'FIELDS', 1, key, entry)
  note_change(KEYS[k + 7], at, room)

  -- The whole entry, so that no receiver has to read it. The id's length keeps an id with spaces whole.
  redis.call('SPUBLISH', live, table.concat({epoch, seq, at, #id, id .. data}, ' '))
  return {epoch, entry, 0}
end

local replies, k, a = {}, 0, 4
while k < #KEYS do
  -- An error ends its own entry alone. A Redis without memory refuses the first write of each, so nothing of it.
  local done, reply = pcall(append, #replies + 1, k, a)
  replies[#replies + 1] = done and reply or {type(reply) == 'table' and reply.err or tostring(reply), 0, -3}
  k, a = k + keys_of(a), a + A
end
return replies
