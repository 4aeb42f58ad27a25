-- Replaces what some notes say. Stands behind reserve.lua, for its flag: it adds no memory that was not freed.
--
-- A stream's entries can't be changed, and one that is deleted stays in memory for as long as its neighbours do. So
-- all are written anew, under their ids: some milliseconds for thousands.
--
-- KEYS  the stream
-- ARGV  … of each note its id and what it says from now on

local says = {}
for n = 1, #ARGV, 2 do
  says[ARGV[n]] = ARGV[n + 1]
end

local rows = redis.call('XRANGE', KEYS[1], '-', '+')
redis.call('DEL', KEYS[1])
for _, row in ipairs(rows) do
  redis.call('XADD', KEYS[1], row[1], 'what', says[row[1]] or row[2][2])
end
return 0
