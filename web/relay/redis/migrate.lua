-- Renames what 0.1.0 kept, where a room's name was its hash tag, to where this version looks for it (see names.py).
--
-- Run it as an administrator while no worker runs: redis-cli EVAL "$(cat migrate.lua)" 0 PREFIX. It is one atomic step,
-- and does nothing where it was done before. Redis serves nobody else meanwhile: some 10 µs for each key that it has.
-- What ends by itself within minutes is left behind: who was where, and who wrote last in a slow room.
--
-- ARGV  1 prefix
-- Reply how many rooms were migrated

if redis.call('GET', ARGV[1] .. 'layout') == '2' then
  return 0
end

local PARTITIONS, SLOTS = 256, 16384
local KINDS = {'log', 'head', 'ids', 'amended'}
local prefix = ARGV[1]
-- As a pattern that nothing else matches.
local literal = string.gsub(prefix, '[%[%]*?\\]', '\\%0')

-- CRC-16/XMODEM, as Redis Cluster takes it of a key's hash tag.
local function slot(text)
  local crc = 0
  for n = 1, #text do
    crc = bit.bxor(crc, bit.lshift(string.byte(text, n), 8))
    for _ = 1, 8 do
      local high = bit.band(crc, 0x8000)
      crc = bit.band(bit.lshift(crc, 1), 0xFFFF)
      if high ~= 0 then
        crc = bit.bxor(crc, 0x1021)
      end
    end
  end
  return crc % SLOTS
end

local function partition(text)
  return math.floor(slot(text) * PARTITIONS / SLOTS)
end

local tags, found, number = {}, 0, 0
while found < PARTITIONS do
  local place = partition(tostring(number))
  if not tags[place] then
    tags[place], found = tostring(number), found + 1
  end
  number = number + 1
end

local function each(pattern, call)
  local cursor = '0'
  repeat
    local reply = redis.call('SCAN', cursor, 'MATCH', pattern, 'COUNT', 1000)
    cursor = reply[1]
    for _, key in ipairs(reply[2]) do
      call(key)
    end
  until cursor == '0'
end

local working
each(literal .. 'probe:*', function(key) working = key end)
each(literal .. '{' .. tags[0] .. '}:probe:*', function(key) working = key end)
if working then
  return redis.error_reply('ERR A worker runs, or ran within the last 6 s: there is ' .. working .. '. Stop all workers.')
end

local rooms = {}
each(literal .. '{*}:head', function(key)
  if redis.call('TYPE', key).ok ~= 'hash' then
    return
  end
  rooms[#rooms + 1] = string.sub(key, #prefix + 2, -#'}:head' - 1)
end)

for _, room in ipairs(rooms) do
  local old, new = prefix .. '{' .. room .. '}:', prefix .. '{' .. tags[partition(room)] .. '}:'
  if redis.call('EXISTS', new .. 'head:' .. room) == 1 then
    return redis.error_reply('ERR Nothing was done: there is ' .. new .. 'head:' .. room .. ' beside ' .. old .. 'head.')
  end
end
for _, room in ipairs(rooms) do
  local old, new = prefix .. '{' .. room .. '}:', prefix .. '{' .. tags[partition(room)] .. '}:'
  for _, kind in ipairs(KINDS) do
    if redis.call('EXISTS', old .. kind) == 1 then
      redis.call('RENAME', old .. kind, new .. kind .. ':' .. room)
    end
  end
  redis.call('SADD', prefix .. 'logs', room)
end

if redis.call('EXISTS', prefix .. 'rules') == 1 then
  redis.call('RENAME', prefix .. 'rules', prefix .. '{rules}:rules')
end
redis.call('SET', prefix .. 'layout', '2')
return #rooms
