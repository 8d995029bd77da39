-- Reads everything that a signed-in person said and was told.
-- KEYS: what all keys of the site begin with. ARGV: the person. Returns conversation, what was said, rating (or false) for every turn.
local site = KEYS[1]
local told = {}
for _, id in ipairs(redis.call('SMEMBERS', site .. 'conversations-of:' .. ARGV[1])) do
	local key = site .. 'conversation:' .. id
	for number = 1, tonumber(redis.call('HGET', key, 'count') or 0) do
		local said, rating = unpack(redis.call('HMGET', key, 'q:' .. number, 'r:' .. number))
		told[#told + 1] = { id, said, rating }
	end
end
return told
