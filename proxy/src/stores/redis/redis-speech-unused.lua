-- Forgets speech that was not used since a time, at most so many at once; returns how many.
-- KEYS: what is known of all speech, when each was used. ARGV: the time, how many.
local unused = redis.call('ZRANGE', KEYS[2], '-inf', '(' .. ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[2])
for _, id in ipairs(unused) do
	silence(KEYS[1], id)
end
return #unused
