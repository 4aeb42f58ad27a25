-- Writes what changed in a worker's presence report of a room, counts the room's members, and says so. Stands behind
-- reserve.lua, changed.lua and leave.lua.
--
-- The count is right because only this script and remove_report.lua write reports, and the reports of a room and their
-- count have one lifetime. The members of a report are kept for twice as long, so that no report lacks its members.
--
-- KEYS  1 reports (hash) of the room  2 report (hash) of the worker  3 people (hash) of the room
--       4 changed-reports (sorted set) of the partition
-- ARGV  1 share of maxmemory  2 worker  3 version that the report has, 0 if there is none  4 its new version, 0 if its
--       last member left  5 the worker's first members, or nothing  6 seconds for which it is kept  7 room
--       8 live channel  9 broadcast, or nothing  10 members up to which a room is told it
--       11 how many members left, and their ids; then the members that joined, each with id and name
-- Reply how many members the room has; -1 if the report has another version

local has = tonumber(string.match(redis.call('HGET', KEYS[1], ARGV[2]) or '0', '^%-?%d+'))
if has == tonumber(ARGV[4]) then
  -- The same call came before.
  return redis.call('HLEN', KEYS[3])
elseif has ~= tonumber(ARGV[3]) then
  return -1
end

if ARGV[4] ~= '0' then
  local full = beyond(ARGV[1])
  if full then
    return full
  end
end

if has == 0 then
  redis.call('UNLINK', KEYS[2])
end
local joined = 12 + ARGV[11]
for n = 12, joined - 1 do
  leave(KEYS[2], KEYS[3], ARGV[n])
end
for n = joined, #ARGV, 2 do
  if redis.call('HSET', KEYS[2], ARGV[n], ARGV[n + 1]) == 1 then
    redis.call('HINCRBY', KEYS[3], ARGV[n], 1)
  end
end

if ARGV[4] == '0' then
  redis.call('HDEL', KEYS[1], ARGV[2])
else
  redis.call('HSET', KEYS[1], ARGV[2], ARGV[4] .. ARGV[5])
  redis.call('EXPIRE', KEYS[1], ARGV[6])
  redis.call('EXPIRE', KEYS[2], 2 * ARGV[6])
  redis.call('EXPIRE', KEYS[3], ARGV[6])
end

local count = redis.call('HLEN', KEYS[3])
local time = redis.call('TIME')
note_change(KEYS[4], time[1] .. string.format('%03d', math.floor(time[2] / 1000)), ARGV[7])
if ARGV[9] ~= '' and count <= tonumber(ARGV[10]) then
  redis.call('SPUBLISH', ARGV[8], ARGV[9])
end
return count
