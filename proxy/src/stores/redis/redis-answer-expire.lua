-- Deletes some of the answers that expired. KEYS: answers. ARGV: now, how many at most. Returns how many.
local expired = redis.call('ZRANGEBYSCORE', KEYS[1] .. ':expiry', '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, id in ipairs(expired) do
	drop(KEYS[1], id)
end
return #expired
