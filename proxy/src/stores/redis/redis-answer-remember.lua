-- Stores a cached answer, if the site is still as it was when the answer was computed and the owner has not spoken.
-- KEYS: answers, knowledge, hashes of documents. ARGV: version of the documents, grounds as JSON ([document, hash] each), language,
-- id, the answer with its cost, ties as JSON, terms, the time it was made, the time it expires, how many cached answers may stay.
-- Returns 1 when it was stored.
local answers = KEYS[1]
local id = ARGV[4]
local ties = cjson.decode(ARGV[6])

if (redis.call('HGET', KEYS[2], 'version') or '0') ~= ARGV[1] then
	return 0
end
for _, ground in ipairs(cjson.decode(ARGV[2])) do
	-- Stored with the version of the word rules before it.
	local stored = redis.call('HGET', KEYS[3], ground[1])
	if not stored or string.match(stored, '^%d+ (.*)$') ~= ground[2] then
		return 0
	end
end
local owned = cjson.decode(redis.call('HGET', answers .. ':owned', ties.question) or '{}')
if owned[''] or owned[ARGV[3]] then
	return 0
end

local earlier = redis.call('HGET', answers .. ':by-key', ties.key)
if earlier then
	drop(answers, { earlier })
end
redis.call('HSET', answers, id, ARGV[5])
redis.call('HSET', answers .. ':ties', id, ARGV[6])
redis.call('HSET', answers .. ':terms', id, ARGV[7])
redis.call('HSET', answers .. ':by-key', ties.key, id)
redis.call('SADD', answers .. ':to:' .. ties.question, id)
for _, document in ipairs(ties.documents) do
	redis.call('SADD', answers .. ':on:' .. document, id)
end
redis.call('ZADD', answers .. ':cached', ARGV[8], id)
redis.call('ZADD', answers .. ':expiry', ARGV[9], id)
redis.call('ZADD', answers .. ':order', redis.call('INCR', answers .. ':count'), id)

local surplus = redis.call('ZCARD', answers .. ':cached') - tonumber(ARGV[10])
if surplus > 0 then
	drop(answers, redis.call('ZRANGE', answers .. ':cached', 0, surplus - 1))
end
return 1
