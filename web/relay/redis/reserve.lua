#!lua flags=allow-oom
-- The reserve: what goes on when Redis' memory is full, up to a hard line.
--
-- Redis refuses every write from `maxmemory` on, but not those of a script with the flag above. So appends, which
-- have no such flag, are refused there, and what has it goes on: up to a share of maxmemory, so that nothing fills
-- the memory that the container has beyond. INFO is Redis' own word on it, and costs 11 µs.

-- The error to answer with if Redis uses more than `share` of maxmemory, else nil.
local function beyond(share)
  local info = redis.call('INFO', 'memory')
  local most = tonumber(string.match(info, '\nmaxmemory:(%d+)'))
  local used = string.match(info, '\nused_memory:(%d+)') - string.match(info, '\nmem_not_counted_for_evict:(%d+)')
  if most > 0 and used > most * share then
    return redis.error_reply('OOM more than ' .. share .. ' of maxmemory is used.')
  end
end

