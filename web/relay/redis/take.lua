-- Counts one in several quotas, or in none of them if one is spent. Stands behind reserve.lua.
--
-- KEYS  the counters
-- ARGV  1 share of maxmemory; then for each how many it takes, and within how many seconds of the first
-- Reply {0, 0}, or {which one is spent, the seconds until it begins anew}

local full = beyond(ARGV[1])
if full then
  return full
end

for n, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or 0) >= tonumber(ARGV[2 * n]) then
    return {n, redis.call('TTL', key)}
  end
end

for n, key in ipairs(KEYS) do
  redis.call('INCR', key)
  redis.call('EXPIRE', key, ARGV[2 * n + 1], 'NX')
end
return {0, 0}
