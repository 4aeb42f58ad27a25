-- The epoch of a log in a cluster ends with the generation of its shard, which grows with each failover. So no number
-- means two entries: those that the new primary does not have had another epoch.

-- Returns the epoch as it is in this generation, or nil if the log is of a later one already. '' is what has none.
local function in_generation(epoch, generation)
  if generation == '' then
    return epoch
  end
  local base, of = string.match(epoch, '^(.*)%.(%d+)$')
  if not of then
    return epoch .. '.' .. generation
  end
  if tonumber(of) > tonumber(generation) then
    return nil
  end
  return base .. '.' .. generation
end

