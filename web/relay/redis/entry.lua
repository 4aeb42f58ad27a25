-- An entry: whether a log takes it, and how it is appended. append.lua, amend.lua and vote.lua have this in common. Stands
-- behind epoch.lua, changed.lua and count_votes.lua.
--
-- A script is one atomic step, so every subscriber receives each room in the order of its log. With `appendfsync always`
-- Redis sends the reply and the broadcasts only after the writes are on disk.
--
-- KEYS  for each entry
--       1 log (stream)  2 head (hash)  3 ids (hash)  4 amended (sorted set)  5 spoke (hash)
--       6 rules (string) of the partition  7 changed-logs (sorted set) of the partition
--       8 tallies (sorted set)  9 votes (sorted set)  10 voters (hash); only if entries are trimmed, and where they change
--       and record (hash) of the room; only if the entry requires a field
--       and record (hash) of the room; only if a field keeps the entry out
-- ARGV  1 how an epoch begins, for logs that have to be made  2 deduplication time-to-live in seconds  3 entries to keep,
--       0 all  4 1 in a cluster else 0; then for each entry
--       1 0 if nothing may be written, 1 if an entry may, 2 if the log may be made for it
--       2 id  3 deduplication key  4 deduplication fingerprint, empty: it is not remembered  5 data  6 live channel  7 room
--       8 version of the rules that let it in  9 milliseconds that have to lie between two entries of its sender
--       10 sender  11 field of the record that it requires; empty: it requires none
--       12 field of a record that keeps it out; empty: there is none
-- Reply for each entry {epoch, "seq at fingerprint" of the entry with this key, 1 if it was appended before else 0};
--       or {milliseconds for which its sender still has to wait, 0, -1};
--       or {0, 0, -2} if it may not be written, or there is no log and it may not be made;
--       or {version of the rules, 0, -4} if other rules stand than those that let it in;
--       or {0, 0, -5} if the record does not have the field, whatever else there is to say
--       or {0, 0, -6} if a field keeps it out

-- Arguments before those of the first entry, and of each entry.
local COMMON, A = 4, 12
local history = history_of(ARGV[4])

local time = redis.call('TIME')
local at = time[1] .. string.format('%03d', math.floor(time[2] / 1000))

-- Writes that a log's head is what it is. Replicas confirm what this connection wrote: an answer that something was written
-- before, maybe by another connection, would be confirmed at once although they lack it. EXPIRE and PERSIST are writes that
-- a Redis without memory does not refuse.
local function write_again(head)
  if history ~= '' then
    redis.call('EXPIRE', head, 1000000)
    redis.call('PERSIST', head)
  end
end

-- How many keys the entry has whose arguments follow ARGV[a]. `own`: how many it has besides records.
local function keys_of(own, a)
  return own + (ARGV[a + A - 1] == '' and 0 or 1) + (ARGV[a + A] == '' and 0 or 1)
end

-- Votes that go with one entry at most. Each was said by an entry, so there are no more of them than of entries.
local TRIMMED = 50

-- Removes what belongs to entries that were trimmed. It comes after all other writes.
local function trim(k)
  if ARGV[3] == '0' or redis.call('EXISTS', KEYS[k + 4], KEYS[k + 9]) == 0
    or redis.call('XLEN', KEYS[k + 1]) < tonumber(ARGV[3]) then
    return
  end
  -- Amended entries are trimmed with those around them: none is left below the oldest in the stream.
  local oldest = '(' .. string.match(redis.call('XRANGE', KEYS[k + 1], '-', '+', 'COUNT', 1)[1][1], '^%d+')
  redis.call('ZREMRANGEBYSCORE', KEYS[k + 4], '-inf', oldest)
  redis.call('ZREMRANGEBYSCORE', KEYS[k + 8], '-inf', oldest)
  local votes = redis.call('ZRANGE', KEYS[k + 9], '-inf', oldest, 'BYSCORE', 'LIMIT', 0, TRIMMED)
  for _, vote in ipairs(votes) do
    redis.call('ZREM', KEYS[k + 9], vote)
    count_votes(KEYS[k + 10], string.match(vote, '[^ ]+$'), -1)
  end
end

-- Appends the entry whose keys and arguments follow KEYS[k] and ARGV[a], and returns the reply. `own`: its keys besides
-- records. `number`: which one it is in this call. `prepare`: what to ask before anything is written; it is given the
-- entry's number, and returns the data, or nil and what to reply. Who gives one trims at the end.
local function append(own, number, k, a, prepare)
  local lets, id, key, fingerprint, data, live, room, version, pause, sender, required, denying = unpack(ARGV, a + 1, a + A)
  if required ~= '' and redis.call('HEXISTS', KEYS[k + own + 1], required) == 0 then
    return {0, 0, -5}
  end

  local head = redis.call('HMGET', KEYS[k + 2], 'epoch', 'seq')
  -- Two logs that one call makes have two epochs.
  local epoch = in_history(head[1] or ARGV[1] .. number, history)

  local first = fingerprint ~= '' and redis.call('HGET', KEYS[k + 3], key)
  if first then
    write_again(KEYS[k + 2])
    return {epoch, first, 1}
  end

  if denying ~= '' and redis.call('HEXISTS', KEYS[k + keys_of(own, a)], denying) == 1 then
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

  local seq = string.format('%.0f', (head[2] or 0) + 1)
  if prepare then
    local refused
    data, refused = prepare(seq)
    if refused then
      return refused
    end
  end

  -- The stream comes first: a script is not rolled back, and of all writes only this one can be refused.
  local keep = ARGV[3]
  if keep == '0' then
    redis.call('XADD', KEYS[k + 1], seq .. '-0', 'id', id, 'at', at, 'data', data)
  else
    redis.call('XADD', KEYS[k + 1], 'MAXLEN', '~', keep, seq .. '-0', 'id', id, 'at', at, 'data', data)
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
  if fingerprint ~= '' then
    redis.call('HSETEX', KEYS[k + 3], 'EX', ARGV[2], 'FIELDS', 1, key, entry)
  end
  note_change(KEYS[k + 7], at, room)
  if keep ~= '0' and not prepare then
    trim(k)
  end

  -- The whole entry, so that no receiver has to read it. The id's length keeps an id with spaces whole.
  redis.call('SPUBLISH', live, table.concat({epoch, seq, at, #id, id .. data}, ' '))
  return {epoch, entry, 0}
end

