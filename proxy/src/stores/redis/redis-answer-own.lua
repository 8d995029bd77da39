-- Stores the owner's entry in the place of one with the same id, of one for the same question and language, and of cached answers.
-- KEYS: answers. ARGV: id, the question, language (empty for every language), the entry as JSON, the time.
local answers = KEYS[1]
local id, question, language = ARGV[1], ARGV[2], ARGV[3]

-- What an answer cost and how often it was served stay with its id.
local cost = string.match(redis.call('HGET', answers, id) or '0\n', '^%d+')
local hits = redis.call('HGET', answers .. ':hits', id)
drop(answers, { id })
for _, cached in ipairs(redis.call('SMEMBERS', answers .. ':to:' .. question)) do
	if language == '' or cjson.decode(redis.call('HGET', answers .. ':ties', cached)).language == language then
		drop(answers, { cached })
	end
end
local owned = cjson.decode(redis.call('HGET', answers .. ':owned', question) or '{}')
if owned[language] then
	drop(answers, { owned[language] })
	owned = cjson.decode(redis.call('HGET', answers .. ':owned', question) or '{}')
end

owned[language] = id
redis.call('HSET', answers .. ':owned', question, cjson.encode(owned))
redis.call('HSET', answers, id, cost .. '\n' .. ARGV[4])
redis.call('HSET', answers .. ':ties', id, cjson.encode({ question = question, language = language }))
redis.call('ZADD', answers .. ':owned-used', ARGV[5], id)
if hits then
	redis.call('HSET', answers .. ':hits', id, hits)
end
return 1
