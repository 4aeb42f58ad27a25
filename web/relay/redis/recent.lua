-- The members of a set that keeps those who were remembered last: see keep_recent.lua.
--
-- KEYS  the set
-- ARGV  1 for how many seconds it keeps them  2 a member, if only that one is asked for
-- Reply the members, the newest first; or 1 if that one is among them, else 0

local time = redis.call('TIME')
local since = (time[1] - ARGV[1]) * 1000000 + time[2]
if ARGV[2] then
  return tonumber(redis.call('ZSCORE', KEYS[1], ARGV[2]) or 0) > since and 1 or 0
end
return redis.call('ZRANGE', KEYS[1], '+inf', string.format('(%.0f', since), 'BYSCORE', 'REV')
