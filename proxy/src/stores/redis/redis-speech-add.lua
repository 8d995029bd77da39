-- Stores speech whole, unless it is there, and forgets the longest unheard of the site until the rest fits.
-- KEYS: what is known of all speech, when each was used, hashes of documents. ARGV: id, the sound, what is known of it as JSON, the time, how
-- many bytes may stay, documents that it rests on with their hashes as JSON ([document, hash] each), documents that it reads as JSON.
-- Returns 1 when it was stored; nothing is when a document is not any more as it was.
local known, used = KEYS[1], KEYS[2]
local id = ARGV[1]
if redis.call('HEXISTS', known, id) == 1 and redis.call('EXISTS', known .. ':' .. id) == 1 then
	return 0
end
local on, of = {}, cjson.decode(ARGV[7])
for _, ground in ipairs(cjson.decode(ARGV[6])) do
	-- Stored with the version of the word rules before it.
	local stored = redis.call('HGET', KEYS[3], ground[1])
	if not stored or string.match(stored, '^%d+ (.*)$') ~= ground[2] then
		return 0
	end
	on[#on + 1] = ground[1]
end
for _, document in ipairs(of) do
	if redis.call('HEXISTS', KEYS[3], document) == 0 then
		return 0
	end
end
if #on + #of > 0 then
	redis.call('HSET', known .. ':rests', id, cjson.encode({ on = on, of = of }))
	for _, document in ipairs(on) do
		redis.call('SADD', known .. ':on:' .. document, id)
	end
	for _, document in ipairs(of) do
		redis.call('SADD', known .. ':of:' .. document, id)
	end
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
		silence(known, one)
		total = total - sizes[at]
	end
end
return 1
