-- Removes a room's log, and says when. It may write in a Redis that is full, which it makes emptier. Stands
-- behind changed.lua.
--
-- KEYS  1 changed-logs (sorted set) of the partition; then what is removed
-- ARGV  1 room

-- Redis frees what it unlinks on a thread of its own, so nobody waits however large the log is.
redis.call('UNLINK', unpack(KEYS, 2))
local time = redis.call('TIME')
note_change(KEYS[1], time[1] .. string.format('%03d', math.floor(time[2] / 1000)), ARGV[1])
return 0
