-- Makes a member the newest of a set that keeps those who were remembered last. Stands behind reserve.lua.
--
-- KEYS  the set, sorted by when each was remembered last, in microseconds on Redis' clock
-- ARGV  1 share of maxmemory  2 member  3 how many are kept  4 for how many seconds
--       5 beginning of a key that is deleted with each member that gives way, if there is one

local full = beyond(ARGV[1])
if full then
  return full
end

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - ARGV[4] * 1000000))
if ARGV[5] then
  for _, oldest in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1 - ARGV[3])) do
    redis.call('DEL', ARGV[5] .. oldest)
  end
end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 0
