-- Sets or drops a rule, numbers this, and says so. Stands behind reserve.lua.
--
-- The version is the time in microseconds, so that it grows also after Redis lost what it had.
--
-- KEYS  1 rules (hash), also the channel  2 version (string)
-- ARGV  1 share of maxmemory  2 name  3 value  4 seconds for which it stands, 0 until it is dropped; a rule that is to
--       be dropped has neither value nor seconds
-- Reply the version

if ARGV[3] then
  local full = beyond(ARGV[1])
  if full then
    return full
  end
end

if not ARGV[3] then
  redis.call('HDEL', KEYS[1], ARGV[2])
elseif ARGV[4] == '0' then
  -- HSET ends what time a field had left.
  redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
else
  redis.call('HSETEX', KEYS[1], 'EX', ARGV[4], 'FIELDS', 1, ARGV[2], ARGV[3])
end

local time = redis.call('TIME')
local last = tonumber(redis.call('GET', KEYS[2]) or 0)
local version = string.format('%.0f', math.max(time[1] * 1000000 + time[2], last + 1))
redis.call('SET', KEYS[2], version)
redis.call('SPUBLISH', KEYS[1], '')
return version
