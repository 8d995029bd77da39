-- Knows where a site's answers stand and how one goes. Stands before every script that changes answers; `answers` is the site's key.
--   answers                  id -> cost, a line break, the answer as JSON
--   answers:ties             id -> everything that points to the answer, as JSON
--   answers:hits             id -> how often it was served
--   answers:cached           ids by the time of last use      answers:owned-used  the same for the owner's entries
--   answers:order            cached ids by the order they came in, counted in answers:count
--   answers:expiry           cached ids by the time they expire
--   answers:terms            cached id -> what its question asks about
--   answers:by-key           what an exact hit agrees on -> cached id
--   answers:owned            question -> ids of the owner's entries by language, as JSON
--   answers:to:<question>    ids of the cached answers to a question in every language, page and assistant
--   answers:on:<document>    ids of the cached answers that rest on a document

-- Drops an answer and everything that points to it; tells whether there was one.
local function drop(answers, id)
	local tied = redis.call('HGET', answers .. ':ties', id)
	if not tied then
		return false
	end
	local ties = cjson.decode(tied)
	if ties.key then
		if redis.call('HGET', answers .. ':by-key', ties.key) == id then
			redis.call('HDEL', answers .. ':by-key', ties.key)
		end
		redis.call('SREM', answers .. ':to:' .. ties.question, id)
		for _, document in ipairs(ties.documents) do
			redis.call('SREM', answers .. ':on:' .. document, id)
		end
		redis.call('HDEL', answers .. ':terms', id)
		redis.call('ZREM', answers .. ':cached', id)
		redis.call('ZREM', answers .. ':order', id)
		redis.call('ZREM', answers .. ':expiry', id)
	else
		local owned = cjson.decode(redis.call('HGET', answers .. ':owned', ties.question) or '{}')
		if owned[ties.language] == id then
			owned[ties.language] = nil
			if next(owned) then
				redis.call('HSET', answers .. ':owned', ties.question, cjson.encode(owned))
			else
				redis.call('HDEL', answers .. ':owned', ties.question)
			end
		end
		redis.call('ZREM', answers .. ':owned-used', id)
	end
	redis.call('HDEL', answers, id)
	redis.call('HDEL', answers .. ':ties', id)
	redis.call('HDEL', answers .. ':hits', id)
	return true
end
