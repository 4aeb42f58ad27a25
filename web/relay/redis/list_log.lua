-- Lists a room whose log is about to be made. Stands behind reserve.lua.
--
-- KEYS  1 logs (set)
-- ARGV  1 share of maxmemory  2 room  3 logs that there may be, 0 any number
-- Reply 1 if it is listed now, 0 if it was before, -1 if there are too many

local full = beyond(ARGV[1])
if full then
  return full
end

if redis.call('SISMEMBER', KEYS[1], ARGV[2]) == 1 then
  return 0
end
local most = tonumber(ARGV[3])
if most > 0 and redis.call('SCARD', KEYS[1]) >= most then
  return -1
end
return redis.call('SADD', KEYS[1], ARGV[2])
