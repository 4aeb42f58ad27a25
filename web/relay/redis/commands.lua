-- Runs commands in one atomic step, as a transaction does. Stands behind reserve.lua.
--
-- KEYS  1 any key of those that the commands are about
-- ARGV  1 share of maxmemory up to which they are run; then for each command its number of words, and these
-- Reply the replies, in order

local full = beyond(ARGV[1])
if full then
  return full
end

local replies, at = {}, 2
while at <= #ARGV do
  local last = at + ARGV[at]
  replies[#replies + 1] = redis.call(unpack(ARGV, at + 1, last))
  at = last + 1
end
return replies
