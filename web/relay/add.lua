-- A member into several sets, or into none of them if one is full.
--
-- KEYS  the sets
-- ARGV  1 member; then for each set how many it takes and how many seconds it is kept, 0 for ever
-- Reply 0, or which set is full

for n, key in ipairs(KEYS) do
  local most = tonumber(ARGV[2 * n])
  if redis.call('SISMEMBER', key, ARGV[1]) == 0 and redis.call('SCARD', key) >= most then
    return n
  end
end

for n, key in ipairs(KEYS) do
  redis.call('SADD', key, ARGV[1])
  if ARGV[2 * n + 1] ~= '0' then
    redis.call('EXPIRE', key, ARGV[2 * n + 1])
  end
end
return 0
