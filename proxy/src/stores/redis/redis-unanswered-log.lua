-- Counts a question without an answer, and forgets the longest unasked ones when there are too many.
-- KEYS: unanswered, their times. ARGV: the question normalised, as it was asked, language, the time, how many may stay.
local known = redis.call('HGET', KEYS[1], ARGV[1])
local entry = known and cjson.decode(known) or { count = 0, firstAskedAt = tonumber(ARGV[4]) }
entry.count = entry.count + 1
entry.question = ARGV[2]
entry.language = ARGV[3]
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(entry))
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
local surplus = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[5])
if surplus > 0 then
	for _, forgotten in ipairs(redis.call('ZRANGE', KEYS[2], 0, surplus - 1)) do
		redis.call('HDEL', KEYS[1], forgotten)
		redis.call('ZREM', KEYS[2], forgotten)
	end
end
return 1
