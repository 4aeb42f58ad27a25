-- Takes a member out of a worker's presence report of a room, and counts it at one worker less.
local function leave(report, people, id)
  if redis.call('HDEL', report, id) == 1 and redis.call('HINCRBY', people, id, -1) < 1 then
    redis.call('HDEL', people, id)
  end
end

