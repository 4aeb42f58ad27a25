-- Where an entry is: its row in the stream, or its member of the sorted set `amended`; its id, its time and its data.
-- Nothing if there is none of this number.
local function find_entry(log, amended, seq)
  local row = redis.call('XRANGE', log, seq .. '-0', seq .. '-0')[1]
  if row then
    return row, nil, row[2][2], row[2][4], row[2][6]
  end
  local member = redis.call('ZRANGE', amended, seq, seq, 'BYSCORE')[1]
  if member then
    local at, length, rest = string.match(member, '^%d+ (%d+) (%d+) (.*)$')
    return nil, member, string.sub(rest, 1, tonumber(length)), at, string.sub(rest, length + 1)
  end
end

-- Data that ends with a JSON object, with one more field in it; see log/numbers.py.
local function with_number(data, field, number)
  local comma = string.sub(data, -2) == '{}' and '' or ','
  return string.sub(data, 1, -2) .. comma .. '"' .. field .. '":' .. number .. '}'
end

