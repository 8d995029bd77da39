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

local function call_in_parts(command, key, list)
	for from = 1, #list, 1000 do
		redis.call(command, key, unpack(list, from, math.min(from + 999, #list)))
	end
end

local function forget_owned(answers, id, ties)
	local owned = cjson.decode(redis.call('HGET', answers .. ':owned', ties.question))
	owned[ties.language] = nil
	if next(owned) then
		redis.call('HSET', answers .. ':owned', ties.question, cjson.encode(owned))
	else
		redis.call('HDEL', answers .. ':owned', ties.question)
	end
	redis.call('ZREM', answers .. ':owned-used', id)
end

-- Drops answers and everything that points to them; returns how many there were. A site may lose thousands at once.
local function drop(answers, ids)
	local dropped, cached, keys, resting, seen = {}, {}, {}, {}, {}
	for from = 1, #ids, 1000 do
		local some = { unpack(ids, from, math.min(from + 999, #ids)) }
		for at, tied in ipairs(redis.call('HMGET', answers .. ':ties', unpack(some))) do
			local id = some[at]
			if tied and not seen[id] then
				seen[id] = true
				dropped[#dropped + 1] = id
				local ties = cjson.decode(tied)
				if ties.key then
					cached[#cached + 1] = id
					keys[#keys + 1] = ties.key
					redis.call('SREM', answers .. ':to:' .. ties.question, id)
					for _, document in ipairs(ties.documents) do
						resting[document] = resting[document] or {}
						table.insert(resting[document], id)
					end
				else
					forget_owned(answers, id, ties)
				end
			end
		end
	end
	call_in_parts('HDEL', answers .. ':by-key', keys)
	call_in_parts('HDEL', answers .. ':terms', cached)
	call_in_parts('ZREM', answers .. ':cached', cached)
	call_in_parts('ZREM', answers .. ':order', cached)
	call_in_parts('ZREM', answers .. ':expiry', cached)
	for document, of_document in pairs(resting) do
		call_in_parts('SREM', answers .. ':on:' .. document, of_document)
	end
	call_in_parts('HDEL', answers, dropped)
	call_in_parts('HDEL', answers .. ':ties', dropped)
	call_in_parts('HDEL', answers .. ':hits', dropped)
	return #dropped
end
