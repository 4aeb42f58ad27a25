-- Reads the rules and their version.
--
-- KEYS  1 rules (hash)  2 version (string)
-- Reply {version, then of each rule its name, its value, and the milliseconds for which it stands, less than 0 until it
--       is dropped}

-- A Lua script can hand at most about 7,900 words to one command.
local MOST = 1000

local found = redis.call('HGETALL', KEYS[1])
local reply = {redis.call('GET', KEYS[2]) or '0'}
for first = 1, #found, 2 * MOST do
  local names = {}
  for n = first, math.min(first + 2 * MOST, #found) - 1, 2 do
    names[#names + 1] = found[n]
  end
  local left = redis.call('HPTTL', KEYS[1], 'FIELDS', #names, unpack(names))
  for n, name in ipairs(names) do
    reply[#reply + 1] = name
    reply[#reply + 1] = found[first + 2 * n - 1]
    reply[#reply + 1] = left[n]
  end
end
return reply
