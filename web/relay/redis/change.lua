-- Changes fields of hashes of one partition, all or none, and publishes an order with it. Stands behind reserve.lua.
--
-- KEYS  the hashes
-- ARGV  1 share of maxmemory  2 channel of a room  3 control channel  4 the order that is published on both, empty: none
--       5 how many expectations there are; then for each of these the number of its key, its field, 1 if it has to be
--       there else 0, and its value; or, with a 2, how many fields the hash may not have; then for each change the number of its key, its
--       field, 1 to keep a value else 0 to drop it, the value, for how many seconds, 0 until it is dropped, and how
--       many fields the hash then has at most
-- Reply 1, or 0 if something is not as expected

local full = beyond(ARGV[1])
if full then
  return full
end

-- Drops those of a hash's other fields that would be forgotten first, until it has no more than `most`.
local function make_room(key, field, most)
  local left = {}
  local fields = redis.call('HKEYS', key)
  for n, milliseconds in ipairs(redis.call('HPTTL', key, 'FIELDS', #fields, unpack(fields))) do
    if fields[n] ~= field then
      left[#left + 1] = { fields[n], milliseconds < 0 and math.huge or milliseconds }
    end
  end
  table.sort(left, function(one, other)
    return one[2] < other[2]
  end)
  for n = 1, #fields - most do
    redis.call('HDEL', key, left[n][1])
  end
end

local at = 6
for _ = 1, ARGV[5] do
  local number, field, there, value = unpack(ARGV, at, at + 3)
  local key = KEYS[tonumber(number)]
  if there == '2' then
    if redis.call('HLEN', key) >= tonumber(value) then
      return 0
    end
  else
    local found = redis.call('HGET', key, field)
    if there == '1' and found ~= value or there == '0' and found then
      return 0
    end
  end
  at = at + 4
end

while at <= #ARGV do
  local number, field, keep, value, seconds, most = unpack(ARGV, at, at + 5)
  local key = KEYS[tonumber(number)]
  if keep == '0' then
    redis.call('HDEL', key, field)
  else
    if seconds == '0' then
      -- HSET ends what time a field had left.
      redis.call('HSET', key, field, value)
    else
      redis.call('HSETEX', key, 'EX', seconds, 'FIELDS', 1, field, value)
    end
    if redis.call('HLEN', key) > tonumber(most) then
      make_room(key, field, tonumber(most))
    end
  end
  at = at + 6
end

-- On the room's own channel the order comes before what is appended later. A worker that is just subscribing to it gets
-- it on the control channel.
if ARGV[4] ~= '' then
  redis.call('SPUBLISH', ARGV[2], ARGV[4])
  redis.call('PUBLISH', ARGV[3], ARGV[4])
end
return 1
