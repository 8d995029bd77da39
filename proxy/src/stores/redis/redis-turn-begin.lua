-- Makes a running turn known: unless it is known, its conversation has another one, or the visitor has too many.
-- running:<turn>                         proxy, conversation, visitor, fingerprint; `ended` once it has
-- running-in:<visitor>:<conversation>    the running turn of a conversation, a space, its proxy
-- running-of:<visitor>                   the visitor's running turns by the time they began
-- KEYS: these three. ARGV: site prefix, turn, proxy, conversation, visitor, fingerprint, most turns of a visitor,
-- milliseconds to keep, milliseconds after which a turn has surely ended, a proxy that is gone (or empty).
local site, turn, proxy, gone = ARGV[1], ARGV[2], ARGV[3], ARGV[10]

local known = redis.call('HMGET', KEYS[1], 'proxy', 'conversation', 'visitor', 'fingerprint')
if known[1] and known[1] ~= gone then
	return { 'known', known[1], known[2], known[3], known[4] }
end

local holder = redis.call('GET', KEYS[2])
if holder then
	local other, its_proxy = string.match(holder, '^(%S+) (%S+)$')
	if its_proxy ~= gone then
		return { 'conversation_busy', its_proxy }
	end
	redis.call('DEL', site .. 'running:' .. other)
	redis.call('ZREM', KEYS[3], other)
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREM', KEYS[3], turn)
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - ARGV[9])
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[7]) then
	return { 'too_many' }
end

redis.call('DEL', KEYS[1], site .. 'running-events:' .. turn)
redis.call('HSET', KEYS[1], 'proxy', proxy, 'conversation', ARGV[4], 'visitor', ARGV[5], 'fingerprint', ARGV[6])
redis.call('PEXPIRE', KEYS[1], ARGV[8])
redis.call('SET', KEYS[2], turn .. ' ' .. proxy, 'PX', ARGV[8])
redis.call('ZADD', KEYS[3], now, turn)
redis.call('PEXPIRE', KEYS[3], ARGV[8])
return { 'begun' }
