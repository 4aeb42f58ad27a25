-- Counts one less in several quotas; nothing in one that began anew meanwhile. Stands behind reserve.lua, for its
-- flag.
--
-- KEYS  the counters

for _, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or 0) > 0 then
    redis.call('DECR', key)
  end
end
return 0
