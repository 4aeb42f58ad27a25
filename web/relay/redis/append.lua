-- Appends entries to their rooms' logs, one after the other. Each has its own answer, as if it had come alone; what those
-- before it in the same call did holds for it. Stands behind entry.lua, which says what KEYS and ARGV are.
--
-- Reply for each entry as entry.lua says; or {error, 0, -3}

local own = ARGV[3] == '0' and 7 or 10

local replies, k, a = {}, 0, COMMON
while k < #KEYS do
  -- An error ends its own entry alone. A Redis without memory refuses the first write of each, so nothing of it.
  local done, reply = pcall(append, own, #replies + 1, k, a)
  replies[#replies + 1] = done and reply or {type(reply) == 'table' and reply.err or tostring(reply), 0, -3}
  k, a = k + keys_of(own, a), a + A
end
return replies
