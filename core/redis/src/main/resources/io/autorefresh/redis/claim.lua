-- Answers the claim of each key: {now, how many keys held garbage, answer...}.
-- An answer is 0: granted; a number of milliseconds: wait; or {asOf, version, value}: take.
--
-- A key is a hash: f the format of the entry (1: with a value, 0: deleted), a its asOf, v its version, d its value,
-- h who holds the lease, u until when. Times are milliseconds by this server's clock. Numbers that make no sense, as
-- those of the future after the clock was set back, are as good as none.
local MOST_VERSION = 2 ^ 53
local LONGEST_LEASE = 3600000
local MOST_BYTES = 4194304

local node, lease, largest, ages = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answers, garbage, bytes = {now, 0}, 0, 0

for i, key in ipairs(KEYS) do
  local s = redis.pcall('HMGET', key, 'f', 'a', 'v', 'h', 'u')
  if s.err then
    redis.call('DEL', key)
    s, garbage = {}, garbage + 1
  elseif s[1] and s[1] ~= '1' and s[1] ~= '0' then
    garbage = garbage + 1
  end
  local asOf, version, ends = tonumber(s[2]), tonumber(s[3]), tonumber(s[5])
  local value = false
  if s[1] == '1' and asOf and asOf <= now and now - asOf < struct.unpack('>I6', ages, i * 6 - 5) then
    value = redis.call('HGET', key, 'd')
    if not (value and #value <= largest and version and version >= 0 and version < MOST_VERSION) then
      value, garbage = false, garbage + 1
    end
  end
  local leased = ends and ends > now and ends - now <= LONGEST_LEASE
  if value then
    bytes = bytes + #value
    -- What is too much for one answer is claimed again at once.
    answers[i + 2] = (bytes <= MOST_BYTES or bytes == #value) and {asOf, version, value} or 1
  elseif leased and s[4] ~= node then
    answers[i + 2] = ends - now
  else
    ends = leased and math.max(ends, now + lease) or now + lease
    redis.call('HSET', key, 'h', node, 'u', string.format('%.0f', ends))
    if redis.call('PTTL', key) < ends - now then
      redis.call('PEXPIRE', key, string.format('%.0f', ends - now))
    end
    answers[i + 2] = 0
  end
end

answers[2] = garbage
return answers
