-- Tells a partition the version of the rules, unless it knows a later one.
--
-- KEYS  1 rules (string) of the partition
-- ARGV  1 version
-- It may write in a Redis that is full, so that moderators can set rules: there are as many keys as partitions.

if tonumber(redis.call('GET', KEYS[1]) or 0) <= tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1])
end
return 0
