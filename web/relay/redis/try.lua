-- Tries commands, and says what each was refused with.
--
-- ARGV  for each command its number of words, and these
-- Reply for each command the error, or an empty text

local errors, at = {}, 1
while at <= #ARGV do
  local last = at + ARGV[at]
  local reply = redis.pcall(unpack(ARGV, at + 1, last))
  errors[#errors + 1] = type(reply) == 'table' and reply.err or ''
  at = last + 1
end
return errors
