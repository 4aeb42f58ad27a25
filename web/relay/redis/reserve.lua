#!lua flags=allow-oom
-- The reserve: writes that are still done when Redis' memory is full, up to a hard limit.
--
-- Redis refuses every write above `maxmemory`, but not those of a script with the flag above. Appends do not have
-- it. What has it is done up to a share of maxmemory, so that nothing fills the memory that the container has
-- beyond. INFO says how much is used, and costs 11 µs.

-- The error to answer with if Redis uses more than `share` of maxmemory, else nil.
local function beyond(share)
  local info = redis.call('INFO', 'memory')
  local most = tonumber(string.match(info, '\nmaxmemory:(%d+)'))
  local used = string.match(info, '\nused_memory:(%d+)') - string.match(info, '\nmem_not_counted_for_evict:(%d+)')
  if most > 0 and used > most * share then
    return redis.error_reply('OOM more than ' .. share .. ' of maxmemory is used.')
  end
end

