-- The epoch of a log in a cluster ends with what stands for the history of the node's data: its replication id. A node
-- makes a new one when it takes over from another node, and whenever it starts, so also with data of a backup. So no
-- number means two entries: those that its data lacks had another epoch.
--
-- https://redis.io/docs/latest/operate/oss_and_stack/management/replication/, "Replication ID explained"

-- Returns how epochs end here. `in_cluster`: '1' in a cluster, '0' on one Redis, whose epochs end with nothing.
local function history_of(in_cluster)
  if in_cluster == '0' then
    return ''
  end
  return '.' .. string.match(redis.call('INFO', 'replication'), '\nmaster_replid:(%x%x%x%x%x%x%x%x%x%x%x%x)')
end

-- Returns an epoch as it is in this history.
local function in_history(epoch, history)
  if history == '' then
    return epoch
  end
  return string.match(epoch, '^[^.]*') .. history
end

