-- Token buckets, each kept as the time at which it is full again, in microseconds on Redis' clock: see buckets.py.
--
-- Stands before append.lua in one script, since a bucket of its own round trip would cost a post another wait.
-- They are neither written to the append-only file nor to a replica: after a restart they are full.

-- Takes a token of each of KEYS[n] …, or of none; ARGV[a] … has for each the microseconds until there is another
-- token, and how many it holds. Returns the microseconds to wait, 0 if the tokens were taken.
local function take(now, n, a)
  local full, wait = {}, 0
  for key = n, #KEYS do
    local token, holds = tonumber(ARGV[a + 2 * (key - n)]), tonumber(ARGV[a + 2 * (key - n) + 1])
    local before = tonumber(redis.call('GET', KEYS[key]) or now)
    -- Later than an empty bucket is full again: the clock was set back, and the time says nothing any more.
    if before < now or before > now + token * holds then
      before = now
    end
    full[key] = before + token
    wait = math.max(wait, full[key] - token * holds - now)
  end
  if wait > 0 then
    return wait
  end
  redis.set_repl(redis.REPL_NONE)
  for key = n, #KEYS do
    redis.call('SET', KEYS[key], string.format('%.0f', full[key]), 'PX', math.ceil((full[key] - now) / 1000))
  end
  redis.set_repl(redis.REPL_ALL)
  return 0
end

