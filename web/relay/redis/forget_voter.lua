-- Forgets the name of a voter, whose votes stay. It may write in a Redis that is full, which it makes emptier.
--
-- KEYS  1 voters (hash)
-- ARGV  1 id of the voter

local votes = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^%d+ ')
if votes then
  redis.call('HSET', KEYS[1], ARGV[1], votes)
end
return 0
