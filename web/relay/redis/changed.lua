-- Notes that a room changed, for the workers that ask; see changes.py.
--
-- Workers remove what nobody asks for any more, and keep the set. Of a partition that no worker watches nobody does. So a
-- room that comes new to the set removes it too, and the set ends by itself some time after that.

-- Milliseconds after which nobody asks for a change any more.
local FORGET = 60000
-- Seconds for which the set is kept.
local LIFETIME = 3600

-- `at`: now, in milliseconds.
local function note_change(key, at, room)
  if redis.call('ZADD', key, at, room) == 1 then
    redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('(%.0f', at - FORGET))
    redis.call('EXPIRE', key, LIFETIME)
  end
end

