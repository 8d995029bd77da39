-- Frees the conversation of a turn, if this proxy still has it; keeps the turn for a while, or not at all.
-- KEYS as in begin. ARGV: turn, proxy, milliseconds to keep (0: forget).
if redis.call('GET', KEYS[2]) == ARGV[1] .. ' ' .. ARGV[2] then
	redis.call('DEL', KEYS[2])
end
if redis.call('HGET', KEYS[1], 'proxy') ~= ARGV[2] then
	return
end
redis.call('ZREM', KEYS[3], ARGV[1])
if ARGV[3] == '0' then
	redis.call('DEL', KEYS[1])
else
	redis.call('HSET', KEYS[1], 'ended', '1')
	redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
