-- Takes back one of what was counted; a counter that began anew meanwhile has nothing to give. Stands behind
-- reserve.lua, for its flag.
--
-- KEYS  the counters

for _, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or 0) > 0 then
    redis.call('DECR', key)
  end
end
return 0
