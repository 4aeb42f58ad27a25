-- Counts so many votes more of a voter. `key`: voters (hash) of the room: how many votes are kept of each, and the last
-- name. `name`: theirs from now on; nil: as before. Whoever has no vote left is forgotten.
local function count_votes(key, id, more, name)
  local votes, before = string.match(redis.call('HGET', key, id) or '0 ', '^(%d+) (.*)$')
  local left = votes + more
  if left > 0 then
    redis.call('HSET', key, id, string.format('%.0f ', left) .. (name or before))
  else
    redis.call('HDEL', key, id)
  end
end

