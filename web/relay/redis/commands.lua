-- Commands in one atomic step, as a transaction. Stands behind reserve.lua.
--
-- ARGV  1 share of maxmemory up to which they are done; then each command: how many words, and these
-- Reply each one's reply

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
