-- Stores one entry for each key, unless a newer one is there, and passes on those that are not too old. Returns how many
-- are unchanged without a value, and the value is not here.
--
-- The records of the entries stand one after the other: kind, asOf, version; a delay if the kind has 8 added, a value
-- behind its length if it has 16 added. A message is a format byte, the publisher, and for each entry the length of its
-- id, the id, and its record.
local LONGEST_LEASE = 3600000
local MOST_BYTES = 262144
local DELETED, FAILED, PAUSED = 2, 3, 4

local node, channel, prefix, timeToLive, records = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local parts, bytes, lost, at = {'\1' .. node}, 0, 0, 1

local function send()
  if #parts > 1 then
    redis.call('PUBLISH', channel, table.concat(parts))
    parts, bytes = {'\1' .. node}, 0
  end
end

for _, key in ipairs(KEYS) do
  local from = at
  local flags, asOf, version, delay, value
  flags, asOf, version, at = struct.unpack('>BI6I8', records, at)
  local kind = flags % 8
  if flags % 16 >= 8 then
    delay, at = struct.unpack('>I4', records, at)
  end
  if flags >= 16 then
    local length
    length, at = struct.unpack('>I4', records, at)
    value = string.sub(records, at, at + length - 1)
    at = at + length
  end

  local s = redis.pcall('HMGET', key, 'f', 'a', 'v', 'h', 'u')
  if s.err then
    redis.call('DEL', key)
    s = {}
  end
  local stored, ends = tonumber(s[2]), tonumber(s[5])
  if asOf <= now and not (stored and stored <= now and asOf < stored) then
    local a = string.format('%.0f', asOf)
    local v = string.format('%.0f', version)
    local alive = true
    if kind == FAILED or kind == PAUSED then
      alive = false
      delay = delay or 0
      if s[4] == node or not (ends and ends > now and ends - now <= LONGEST_LEASE) then
        redis.call('HSET', key, 'h', node, 'u', string.format('%.0f', now + delay))
        if redis.call('PTTL', key) < delay then
          redis.call('PEXPIRE', key, delay)
        end
      end
    elseif kind == DELETED then
      redis.call('HSET', key, 'f', '0', 'a', a, 'v', v, 'u', '0')
      redis.call('HDEL', key, 'd')
    elseif value then
      redis.call('HSET', key, 'f', '1', 'a', a, 'v', v, 'd', value, 'u', '0')
    elseif s[1] == '1' and tonumber(s[3]) == version then
      redis.call('HSET', key, 'a', a, 'u', '0')
    else
      alive = false
      lost = lost + 1
      if s[5] then
        redis.call('HSET', key, 'u', '0')
      end
    end
    if alive then
      redis.call('PEXPIRE', key, timeToLive)
    end
    local id = string.sub(key, prefix + 1)
    local part = struct.pack('>I4', #id) .. id .. string.sub(records, from, at - 1)
    if bytes + #part > MOST_BYTES then
      send()
    end
    parts[#parts + 1] = part
    bytes = bytes + #part
  end
end

send()
return lost
