-- Reads who voted for an entry.
--
-- KEYS  1 tallies (sorted set)  2 votes (sorted set)  3 voters (hash)
-- ARGV  1 number of the entry  2 key; empty: each of them  3 voters of a key that are listed at most
-- Reply of each voter, in the order of the keys and of their ids: key, id, name

local tally = redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[1], 'BYSCORE')[1] or ''
local keys, counts = {}, {}
for key, count in string.gmatch(tally, ' ([^\t]+)\t(%d+)') do
  keys[#keys + 1], counts[key] = key, tonumber(count)
end

local function votes(from, most)
  return redis.call('ZRANGE', KEYS[2], ARGV[1], ARGV[1], 'BYSCORE', 'LIMIT', from, most)
end

-- The votes for an entry have one score, so they are in the order of their texts: those of one key lie together.
local firsts, from = {}, 0
for _ = 1, #keys do
  local key = string.match(votes(from, 1)[1], ' ([^ ]+) ')
  firsts[key], from = from, from + counts[key]
end

local reply = {}
for _, key in ipairs(keys) do
  if ARGV[2] == '' or ARGV[2] == key then
    for _, vote in ipairs(votes(firsts[key], math.min(counts[key], tonumber(ARGV[3])))) do
      local id = string.match(vote, '[^ ]+$')
      reply[#reply + 1] = key
      reply[#reply + 1] = id
      reply[#reply + 1] = string.match(redis.call('HGET', KEYS[3], id), '^%d+ (.*)$')
    end
  end
end
return reply
