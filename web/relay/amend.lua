#!lua flags=allow-oom
-- Other data in the place of an entry's, and an entry that says so: both in one atomic step, or none.
--
-- A stream's entries can't be changed. So what is amended moves to a sorted set, and reads merge the two. To
-- delete an entry is not enough: a stream keeps its entries in nodes of up to a hundred, in which a deleted
-- one is only marked, so that its text stays in memory and in every backup until the whole node goes. Hence
-- its neighbours move as well, until its node is empty and freed. Walking down until a node is freed, and then
-- up until a node is freed, frees it in any case: if the first was the one below, it has nothing left below.
-- That takes some dozen moves; about 300 at most, within some milliseconds.
--
-- KEYS  1 log (stream)  2 head (hash)  3 ids (hash)  4 amended (sorted set)
-- ARGV  1 number of the entry  2 its id  3 its new data  4 id of the notice  5 the notice's digest
--       6 window in seconds  7 live channel  8 notice
-- Reply {epoch, "seq at digest" of the notice, 1 if it was amended before else 0}, or nothing if there is no
--       such entry
-- The flag lets it be done in a Redis that is full: what was said goes, and what comes in its place is small.

local head = redis.call('HMGET', KEYS[2], 'epoch', 'seq')
local first = redis.call('HGET', KEYS[3], ARGV[4])
if first then
  return {head[1], first, 1}
end

local function pack(seq, at, id, data)
  return table.concat({seq, at, #id, id .. data}, ' ')
end

local found = redis.call('XRANGE', KEYS[1], ARGV[1] .. '-0', ARGV[1] .. '-0')[1]
local moved = redis.call('ZRANGE', KEYS[4], ARGV[1], ARGV[1], 'BYSCORE')[1]
local id, at
if found then
  id, at = found[2][2], found[2][4]
elseif moved then
  local length, rest
  at, length, rest = string.match(moved, '^%d+ (%d+) (%d+) (.*)$')
  id = string.sub(rest, 1, tonumber(length))
end
if id ~= ARGV[2] then
  return false
end

-- The stream comes first: a script is not rolled back, and of all writes only this one can be refused.
local seq = string.format('%.0f', head[2] + 1)
local time = redis.call('TIME')
local now = time[1] .. string.format('%03d', math.floor(time[2] / 1000))
redis.call('XADD', KEYS[1], seq .. '-0', 'id', ARGV[4], 'at', now, 'data', ARGV[8])
local notice = table.concat({seq, now, ARGV[5]}, ' ')
redis.call('HSET', KEYS[2], 'seq', seq)
redis.call('HSETEX', KEYS[3], 'EX', ARGV[6], 'FIELDS', 1, ARGV[4], notice)

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

local function free(command, to)
  local before = nodes()
  while nodes() == before do
    local next = redis.call(command, KEYS[1], '(' .. ARGV[1] .. '-0', to, 'COUNT', 1)[1]
    if not next then
      return
    end
    move(next)
  end
end

if found then
  local before = nodes()
  move(found, ARGV[3])
  if nodes() == before then
    free('XREVRANGE', '-')
    free('XRANGE', '+')
  end
else
  redis.call('ZREM', KEYS[4], moved)
  redis.call('ZADD', KEYS[4], ARGV[1], pack(ARGV[1], at, id, ARGV[3]))
end

redis.call('PUBLISH', ARGV[7], table.concat({head[1], seq, now, #ARGV[4], ARGV[4] .. ARGV[8]}, ' '))
return {head[1], notice, 0}
