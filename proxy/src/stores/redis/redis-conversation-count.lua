-- Counts answers since a time by how they came about.
-- KEYS: what all keys of the site begin with. ARGV: the time. Returns how they came about and how many, in turns.
local counts = {}
for _, way in ipairs(redis.call('SMEMBERS', KEYS[1] .. 'asked')) do
	local count = redis.call('ZCOUNT', KEYS[1] .. 'asked:' .. way, ARGV[1], '+inf')
	if count > 0 then
		counts[#counts + 1] = way
		counts[#counts + 1] = count
	end
end
return counts
