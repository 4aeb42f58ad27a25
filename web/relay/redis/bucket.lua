-- Takes tokens of several buckets, or of none. What a worker let pass before by itself is charged in any case.
--
-- Each bucket is kept as the time at which it is full again, in microseconds on Redis' clock: see log/token_buckets.py.
-- It is kept two seconds longer than that, since a charge may come a second late and adds to what was taken before it.
-- Buckets are written neither to the append-only file nor to a replica: after a restart they are full.
--
-- KEYS  the buckets
-- ARGV  for each: microseconds until there is another token; tokens that it holds; tokens to take; tokens to charge, less
--       than 0 to give back; microseconds until those that are charged would be there again if nothing else was taken
-- Reply {1 if the tokens were taken else 0}, and then of each bucket the microseconds until it is full

-- Workers may let pass a quarter each beside what a bucket holds, and all of that is charged. A bucket that lacks eight times
-- what it holds would need 29 workers. It is from before the clock was set back, and means nothing any more.
local MOST = 8

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full, taken = {}, 1
for n, key in ipairs(KEYS) do
  local token, holds, takes, owed, own = unpack(ARGV, 5 * n - 4, 5 * n)
  local latest = now + MOST * token * holds
  local at = tonumber(redis.call('GET', key) or 0)
  if at > latest then
    at = 0
  end
  at = at + owed * token
  if tonumber(owed) > 0 then
    at = math.max(at, now + own)
  end
  full[n] = math.min(math.max(at, now), latest)
  if tonumber(takes) > 0 and full[n] + token * takes > now + token * holds then
    taken = 0
  end
end

local reply = {taken}
redis.set_repl(redis.REPL_NONE)
for n, key in ipairs(KEYS) do
  if taken == 1 then
    full[n] = full[n] + ARGV[5 * n - 4] * ARGV[5 * n - 2]
  end
  local left = full[n] - now
  -- A Redis without memory refuses it. It refuses entries too, so there is nothing to limit.
  redis.pcall('SET', key, string.format('%.0f', math.floor(full[n])), 'PX', math.ceil(left / 1000) + 2000)
  reply[n + 1] = math.ceil(left)
end
return reply
