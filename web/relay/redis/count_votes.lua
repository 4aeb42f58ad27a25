-- Counts so many votes more of a voter. `key`: voters (hash) of the room: how many votes are kept of each, and the last
-- name. `name`: theirs from now on; nil: as before. Whoever has no vote left is forgotten.
local function count_votes(key, id, more, name)
  local kept = redis.call('HGET', key, id) or '0 '
  local votes = string.match(kept, '^%d+')
  local left = votes + more
  if left > 0 then
    redis.call('HSET', key, id, left .. (name and ' ' .. name or string.sub(kept, #votes + 1)))
  else
    redis.call('HDEL', key, id)
  end
end

