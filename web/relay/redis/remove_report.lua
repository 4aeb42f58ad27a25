-- Removes members of a worker's presence report of a room, and the report with the last of them. Stands behind
-- reserve.lua, for its flag, changed.lua and leave.lua.
--
-- KEYS  1 reports (hash) of the room  2 report (hash) of the worker  3 people (hash) of the room
--       4 changed-reports (sorted set) of the partition
-- ARGV  1 worker  2 room  3 members that are removed at most
-- Reply 1 if some are left, else 0

if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
  -- They are in no count.
  redis.call('UNLINK', KEYS[2])
  return 0
end

for _, id in ipairs(redis.call('HRANDFIELD', KEYS[2], ARGV[3])) do
  leave(KEYS[2], KEYS[3], id)
end
if redis.call('EXISTS', KEYS[2]) == 1 then
  -- A worker that lives after all notices that its report is another one.
  redis.call('HSET', KEYS[1], ARGV[1], '-1')
  return 1
end

redis.call('HDEL', KEYS[1], ARGV[1])
local time = redis.call('TIME')
note_change(KEYS[4], time[1] .. string.format('%03d', math.floor(time[2] / 1000)), ARGV[2])
return 0
