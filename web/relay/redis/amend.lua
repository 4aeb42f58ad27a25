-- Replaces the data of entries, and appends an entry that says so: all in one atomic step, or nothing. Stands behind
-- entry.lua and find_entry.lua.
--
-- A stream's entries can't be changed. So what is amended moves to a sorted set, and reads merge the two. To
-- delete an entry is not enough: a stream keeps its entries in nodes of up to a hundred, in which a deleted
-- one is only marked, so that its text stays in memory and in every backup until the whole node goes. Hence
-- its neighbours move as well, until its node is empty and freed. Walking down until a node is freed, and then
-- up until a node is freed, frees it in any case: if the first was the one below, it has nothing left below.
-- That takes some dozen moves; about 300 at most, within some milliseconds.
--
-- KEYS  as entry.lua says, of the notice
-- ARGV  as entry.lua says, of the notice; then of each entry
--       1 its number  2 its id  3 its new data  4 field of it that gets the notice's number; empty: none does
--       5 1 if it has to have certain data now, else 0  6 which
-- Reply as entry.lua says; or {number of the entry, 0, -7} if there is no such entry
--       or {number of the entry, 0, -8} if it has other data

local W = 6

local number

local reply = append(10, 1, 0, COMMON, function(seq)
  number = seq
  for n = COMMON + A + 1, #ARGV, W do
    local _, _, id, _, data = find_entry(KEYS[1], KEYS[4], ARGV[n])
    if id ~= ARGV[n + 1] then
      return nil, {ARGV[n], 0, -7}
    elseif ARGV[n + 4] == '1' and data ~= ARGV[n + 5] then
      return nil, {ARGV[n], 0, -8}
    end
  end
  return ARGV[COMMON + 5]
end)
if reply[3] ~= 0 then
  return reply
end

local function pack(seq, at, id, data)
  return table.concat({seq, at, #id, id .. data}, ' ')
end

local function nodes()
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for n = 1, #info, 2 do
    if info[n] == 'radix-tree-keys' then
      return info[n + 1]
    end
  end
end

local function move(place, data)
  local seq, fields = string.match(place[1], '^%d+'), place[2]
  redis.call('ZADD', KEYS[4], seq, pack(seq, fields[4], fields[2], data or fields[6]))
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

for n = COMMON + A + 1, #ARGV, W do
  local seq, data, field = ARGV[n], ARGV[n + 2], ARGV[n + 3]
  if field ~= '' then
    data = with_number(data, field, number)
  end
  -- There is neither if the notice had the entry trimmed.
  local row, member, id, at = find_entry(KEYS[1], KEYS[4], seq)
  if row then
    local before = nodes()
    move(row, data)
    if nodes() == before then
      free('XREVRANGE', seq, '-')
      free('XRANGE', seq, '+')
    end
  elseif member then
    redis.call('ZREM', KEYS[4], member)
    redis.call('ZADD', KEYS[4], seq, pack(seq, at, id, data))
  end
end
trim(0)
return reply
