-- Adds a member to several sets, or to none of them if one is full. Stands behind reserve.lua.
--
-- KEYS  the sets
-- ARGV  1 share of maxmemory  2 member; then for each set how many it takes and how many seconds it is kept, 0 for ever
-- Reply 0, or which set is full

local full = beyond(ARGV[1])
if full then
  return full
end

for n, key in ipairs(KEYS) do
  local most = tonumber(ARGV[2 * n + 1])
  if redis.call('SISMEMBER', key, ARGV[2]) == 0 and redis.call('SCARD', key) >= most then
    return n
  end
end

for n, key in ipairs(KEYS) do
  redis.call('SADD', key, ARGV[2])
  if ARGV[2 * n + 2] ~= '0' then
    redis.call('EXPIRE', key, ARGV[2 * n + 2])
  end
end
return 0
