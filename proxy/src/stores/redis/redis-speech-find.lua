-- Returns what is known of speech and counts it as used, or false. KEYS: what is known of all speech, when each was used. ARGV: id, the time.
local found = redis.call('HGET', KEYS[1], ARGV[1])
if not found or redis.call('EXISTS', KEYS[1] .. ':' .. ARGV[1]) == 0 then
	return false
end
redis.call('ZADD', KEYS[2], 'GT', ARGV[2], ARGV[1])
return found
