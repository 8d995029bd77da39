-- Uses a nonce once until it expires.
-- KEYS: the nonce. ARGV: now, the moment it expires, both in milliseconds by the caller's clock. Returns 1 when it was fresh.
local expires_at = tonumber(redis.call('GET', KEYS[1]))
if expires_at and expires_at > tonumber(ARGV[1]) then
	return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', math.max(1, tonumber(ARGV[2]) - tonumber(ARGV[1])))
return 1
