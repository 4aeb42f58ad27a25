-- Writes what changed in a worker's presence report of a room, or removes the report, and says so. Stands behind
-- reserve.lua and changed.lua.
--
-- KEYS  1 reports (hash) of the room  2 report (hash) of the worker  3 changed-reports (sorted set) of the partition
-- ARGV  1 share of maxmemory  2 worker  3 version of the report, 0 if it is to be removed  4 seconds for which it is kept
--       5 room  6 live channel  7 broadcast, empty for none  8 1 if it is written anew else 0
--       9 how many members left, and their ids; then the members that joined, each with id and name

-- A Lua script can hand at most about 7,900 words to one command.
local MOST = 1000

local function each(command, first, last)
  for n = first, last, MOST do
    redis.call(command, KEYS[2], unpack(ARGV, n, math.min(n + MOST - 1, last)))
  end
end

if ARGV[3] == '0' then
  redis.call('DEL', KEYS[2])
  redis.call('HDEL', KEYS[1], ARGV[2])
else
  local full = beyond(ARGV[1])
  if full then
    return full
  end
  if ARGV[8] == '1' then
    redis.call('DEL', KEYS[2])
  end
  local left = 9 + ARGV[9]
  each('HDEL', 10, left)
  each('HSET', left + 1, #ARGV)
  redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
  redis.call('EXPIRE', KEYS[1], ARGV[4])
  redis.call('EXPIRE', KEYS[2], ARGV[4])
end

local time = redis.call('TIME')
note_change(KEYS[3], time[1] .. string.format('%03d', math.floor(time[2] / 1000)), ARGV[5])
if ARGV[7] ~= '' then
  redis.call('SPUBLISH', ARGV[6], ARGV[7])
end
return 0
