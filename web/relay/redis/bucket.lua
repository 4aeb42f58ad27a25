-- Token buckets, each kept as the time at which it is full again, in microseconds on Redis' clock: see log/token_buckets.py.
--
-- Stands before append.lua in one script, since a separate round trip would double the wait of a post.
-- Buckets are written neither to the append-only file nor to a replica: after a restart they are full.

-- Takes tokens of each of KEYS[first] … KEYS[last], or of none; ARGV[a] … has for each the microseconds until there is
-- another token, how many it holds, and how many to take. Returns the microseconds to wait, 0 if the tokens were
-- taken, and the number of the bucket that makes it so long.
local function take(now, first, last, a)
  local full, wait, which = {}, 0, 0
  for key = first, last do
    local at = a + 3 * (key - first)
    local token, holds, takes = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
    local before = tonumber(redis.call('GET', KEYS[key]) or now)
    -- Later than an empty bucket would be full again: the clock was set back, and the time means nothing any more.
    if before < now or before > now + token * holds then
      before = now
    end
    full[key] = before + token * takes
    if full[key] - token * holds - now > wait then
      wait, which = full[key] - token * holds - now, key - first + 1
    end
  end
  if wait > 0 then
    return math.ceil(wait), which
  end
  redis.set_repl(redis.REPL_NONE)
  for key = first, last do
    -- A bucket that is full again within this microsecond is not kept: Redis takes no lifetime of 0.
    if full[key] > now then
      local left = math.ceil((full[key] - now) / 1000)
      redis.call('SET', KEYS[key], string.format('%.0f', math.floor(full[key])), 'PX', left)
    end
  end
  redis.set_repl(redis.REPL_ALL)
  return 0, 0
end

