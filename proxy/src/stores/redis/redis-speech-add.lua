-- Stores speech whole, unless it is there, and forgets the longest unheard of the site until the rest fits.
-- KEYS: what is known of all speech, when each was used. ARGV: id, the sound, what is known of it as JSON, the time, how many bytes may stay.
-- The sound of each is a key beside them: <known>:<id>. Returns 1 when it was stored.
local known, used = KEYS[1], KEYS[2]
local id = ARGV[1]
if redis.call('HEXISTS', known, id) == 1 and redis.call('EXISTS', known .. ':' .. id) == 1 then
	return 0
end
redis.call('SET', known .. ':' .. id, ARGV[2])
redis.call('HSET', known, id, ARGV[3])
redis.call('ZADD', used, ARGV[4], id)

local total = 0
local oldest = redis.call('ZRANGE', used, 0, -1)
local sizes = {}
for at, one in ipairs(oldest) do
	sizes[at] = redis.call('STRLEN', known .. ':' .. one)
	total = total + sizes[at]
end
for at, one in ipairs(oldest) do
	if total <= tonumber(ARGV[5]) then
		break
	end
	if one ~= id then
		redis.call('DEL', known .. ':' .. one)
		redis.call('HDEL', known, one)
		redis.call('ZREM', used, one)
		total = total - sizes[at]
	end
end
return 1
