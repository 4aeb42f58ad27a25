-- Replaces the data of entries, and appends an entry that says so: all in one atomic step, or nothing. Stands behind
-- epoch.lua and changed.lua.
--
-- A stream's entries can't be changed. So what is amended moves to a sorted set, and reads merge the two. To
-- delete an entry is not enough: a stream keeps its entries in nodes of up to a hundred, in which a deleted
-- one is only marked, so that its text stays in memory and in every backup until the whole node goes. Hence
-- its neighbours move as well, until its node is empty and freed. Walking down until a node is freed, and then
-- up until a node is freed, frees it in any case: if the first was the one below, it has nothing left below.
-- That takes some dozen moves; about 300 at most, within some milliseconds.
--
-- KEYS  1 log (stream)  2 head (hash)  3 ids (hash)  4 amended (sorted set)  5 changed-logs (sorted set) of the partition
-- ARGV  1 id of the notice  2 its fingerprint  3 deduplication time-to-live in seconds  4 live channel  5 notice  6 room
--       7 1 in a cluster else 0  8 … of each entry its number, its id and its new data
-- Reply {epoch, "seq at fingerprint" of the notice, 1 if it was amended before else 0}, or nothing if there is no
--       such entry
-- It may write in a Redis that is full: the new data is smaller than the old.

local head = redis.call('HMGET', KEYS[2], 'epoch', 'seq')
local epoch = head[1] and in_history(head[1], history_of(ARGV[7]))
local first = redis.call('HGET', KEYS[3], ARGV[1])
if first then
  redis.call('HSET', KEYS[2], 'epoch', epoch) -- see append.lua
  return {epoch, first, 1}
end

local function pack(seq, at, id, data)
  return table.concat({seq, at, #id, id .. data}, ' ')
end

-- Where an entry is: its row in the stream, or its member of the sorted set; its id, and its time.
local function find(seq)
  local row = redis.call('XRANGE', KEYS[1], seq .. '-0', seq .. '-0')[1]
  if row then
    return row, nil, row[2][2], row[2][4]
  end
  local member = redis.call('ZRANGE', KEYS[4], seq, seq, 'BYSCORE')[1]
  if member then
    local at, length, rest = string.match(member, '^%d+ (%d+) (%d+) (.*)$')
    return nil, member, string.sub(rest, 1, tonumber(length)), at
  end
end

for n = 8, #ARGV, 3 do
  local _, _, id = find(ARGV[n])
  if id ~= ARGV[n + 1] then
    return false
  end
end

-- The stream comes first: a script is not rolled back, and of all writes only this one can be refused.
local seq = string.format('%.0f', head[2] + 1)
local time = redis.call('TIME')
local now = time[1] .. string.format('%03d', math.floor(time[2] / 1000))
redis.call('XADD', KEYS[1], seq .. '-0', 'id', ARGV[1], 'at', now, 'data', ARGV[5])
local notice = table.concat({seq, now, ARGV[2]}, ' ')
redis.call('HSET', KEYS[2], 'epoch', epoch, 'seq', seq)
redis.call('HSETEX', KEYS[3], 'EX', ARGV[3], 'FIELDS', 1, ARGV[1], notice)

local function nodes()
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for n = 1, #info, 2 do
    if info[n] == 'radix-tree-keys' then
      return info[n + 1]
    end
  end
end

local function move(place, data)
  local number, fields = string.match(place[1], '^%d+'), place[2]
  redis.call('ZADD', KEYS[4], number, pack(number, fields[4], fields[2], data or fields[6]))
  redis.call('XDEL', KEYS[1], place[1])
end

local function free(command, from, to)
  local before = nodes()
  while nodes() == before do
    local next = redis.call(command, KEYS[1], '(' .. from .. '-0', to, 'COUNT', 1)[1]
    if not next then
      return
    end
    move(next)
  end
end

for n = 8, #ARGV, 3 do
  local number, data = ARGV[n], ARGV[n + 2]
  local row, member, id, at = find(number)
  if row then
    local before = nodes()
    move(row, data)
    if nodes() == before then
      free('XREVRANGE', number, '-')
      free('XRANGE', number, '+')
    end
  else
    redis.call('ZREM', KEYS[4], member)
    redis.call('ZADD', KEYS[4], number, pack(number, at, id, data))
  end
end

note_change(KEYS[5], now, ARGV[6])
redis.call('SPUBLISH', ARGV[4], table.concat({epoch, seq, now, #ARGV[1], ARGV[1] .. ARGV[5]}, ' '))
return {epoch, notice, 0}
