-- Casts a vote for an entry or takes it back, and appends the entry that says so, with the number of voters: all in one
-- atomic step, or nothing. Stands behind entry.lua and find_entry.lua.
--
-- KEYS  as entry.lua says
-- ARGV  as entry.lua says; then 1 number of the entry that the vote is for  2 its id  3 key  4 id of the voter
--       5 their name  6 1 to cast, 0 to take back  7 keys that an entry may have  8 what its data begins with
-- Reply {as entry.lua says, how many voters the key has}; instead of the former {0, 0, 2} if the vote changes nothing;
--       {number of the entry, 0, -7} if there is no such entry; {number of the entry, 0, -9} if it has too many keys

local target, id, key, voter, name, cast, most, begins = unpack(ARGV, COMMON + A + 1)

-- "number", then of each key " key<tab>voters<tab>since", the oldest first. No key has a blank.
local tally = redis.call('ZRANGE', KEYS[8], target, target, 'BYSCORE')[1]
local before, count, since, behind = tally or target, 0, nil, ''
local from, to = string.find(before, ' ' .. key .. '\t', 1, true)
if from then
  count, since, behind = string.match(tally, '^(%d+)\t(%d+)(.*)$', to + 1)
  before, count = string.sub(tally, 1, from - 1), tonumber(count)
end

local vote = target .. ' ' .. key .. ' ' .. voter
local has

local reply = append(10, 1, 0, COMMON, function(seq)
  local _, _, found, _, data = find_entry(KEYS[1], KEYS[4], target)
  if found ~= id or string.sub(data, 1, #begins) ~= begins then
    return nil, {target, 0, -7}
  end
  has = from and redis.call('ZSCORE', KEYS[9], vote) and true or false
  if (cast == '1') == has then
    write_again(KEYS[2])
    write_again(KEYS[2])
    return nil, {0, 0, 2}
  elseif not from and select(2, string.gsub(before, ' ', ' ')) >= tonumber(most) then
    return nil, {target, 0, -9}
  end
  since, count = since or seq, count + (has and -1 or 1)
  return with_number(ARGV[COMMON + 5], 'count', count)
end)
if reply[3] ~= 0 then
  return {reply, count}
end

if has then
  redis.call('ZREM', KEYS[9], vote)
  count_votes(KEYS[10], voter, -1, name)
else
  redis.call('ZADD', KEYS[9], target, vote)
  count_votes(KEYS[10], voter, 1, name)
end
if tally then
  redis.call('ZREMRANGEBYSCORE', KEYS[8], target, target)
end
if count > 0 then
  before = before .. ' ' .. key .. '\t' .. count .. '\t' .. since
end
if before .. behind ~= target then
  redis.call('ZADD', KEYS[8], target, before .. behind)
end
trim(0)
return {reply, count}
