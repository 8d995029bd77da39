-- Adds a turn, and its conversation when that is new. Adding the same turn again does nothing.
-- KEYS: what all keys of the site begin with. ARGV: conversation, visitor, turn, what was said as JSON, events, how the answer came
-- about, the time it was asked, how long to keep the conversation in milliseconds, the signed-in person (absent for none).
local site, id, turn, keep_ms, user = KEYS[1], ARGV[1], ARGV[3], tonumber(ARGV[8]), ARGV[9]
local key = site .. 'conversation:' .. id
local turn_key = site .. 'turn:' .. turn

local function keep(kept)
	if redis.call('PTTL', kept) < keep_ms then
		redis.call('PEXPIRE', kept, keep_ms)
	end
end

if redis.call('EXISTS', turn_key) == 1 then
	return 0
end
local number = redis.call('HINCRBY', key, 'count', 1)
if number == 1 then
	redis.call('HSET', key, 'visitor', ARGV[2])
	if user then
		local all = site .. 'conversations-of:' .. user
		for _, other in ipairs(redis.call('SMEMBERS', all)) do
			if redis.call('EXISTS', site .. 'conversation:' .. other) == 0 then
				redis.call('SREM', all, other)
			end
		end
		redis.call('HSET', key, 'user', user)
		redis.call('SADD', all, id)
	end
end
redis.call('HSET', key, 't:' .. number, turn .. ' ' .. ARGV[6], 'q:' .. number, ARGV[4], 'e:' .. number, ARGV[5])
redis.call('SET', turn_key, id .. ' ' .. number)
redis.call('ZADD', site .. 'conversations', ARGV[7], id)
redis.call('SADD', site .. 'asked', ARGV[6])
redis.call('ZADD', site .. 'asked:' .. ARGV[6], ARGV[7], turn)

-- The whole conversation lives as long as its last turn; only in one that never ends can the first turns be found no more.
keep(key)
for _, told in ipairs(redis.call('HMGET', key, unpack(numbered('t:', math.max(1, number - 99), number)))) do
	keep(site .. 'turn:' .. string.match(told, '^%S+'))
end
keep(site .. 'conversations')
keep(site .. 'asked')
keep(site .. 'asked:' .. ARGV[6])
local owner = redis.call('HGET', key, 'user')
if owner then
	keep(site .. 'conversations-of:' .. owner)
end
return 1
