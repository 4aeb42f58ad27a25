-- Takes tokens of several buckets, or of none. What a worker let pass before by itself is charged in any case.
--
-- Each bucket is kept as the time at which it is full again, in microseconds on Redis' clock: see log/token_buckets.py.
-- Buckets are written neither to the append-only file nor to a replica: after a restart they are full.
--
-- KEYS  the buckets
-- ARGV  1 1 if it is charged in any case; then for each bucket the microseconds until there is another token, how many
--       it holds, how many to take, less than 0 to put some back, and the microseconds until it would be full again if
--       nobody else had taken of it
-- Reply {1 if the tokens were taken else 0, and of each bucket the microseconds until it is full again}

-- A bucket may lack so many times what it holds. What lacks more is from before the clock was set back, and means
-- nothing any more.
local MOST = 10

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local before, after, taken = {}, {}, 1
for n, key in ipairs(KEYS) do
  local token, holds, takes, own = unpack(ARGV, 4 * n - 2, 4 * n + 1)
  local latest = now + MOST * token * holds
  local full = tonumber(redis.call('GET', key) or now)
  if full < now or full > latest then
    full = now
  end
  before[n] = full
  after[n] = now + own
  if full > now then
    after[n] = math.min(math.max(after[n], full + token * takes), latest)
  end
  if ARGV[1] == '0' and after[n] > now + token * holds then
    taken = 0
  end
end

redis.set_repl(redis.REPL_NONE)
local reply = {taken}
for n, key in ipairs(KEYS) do
  local full = taken == 1 and after[n] or before[n]
  local left = math.ceil((full - now) / 1000)
  if taken == 1 and left > 0 then
    -- A Redis without memory refuses it. It refuses entries too, so there is nothing to limit.
    redis.pcall('SET', key, string.format('%.0f', math.floor(full)), 'PX', left)
  elseif taken == 1 then
    redis.call('DEL', key)
  end
  reply[n + 1] = math.ceil(full - now)
end
return reply
