-- Knows where a site's speech stands and how it goes. Stands before every script that changes it; `known` is the site's key.
--   speech             id -> what is known of it, as JSON
--   speech:<id>        its sound
--   speech:used        ids by the time of last use
--   speech:rests       id -> documents that it rests on, as JSON: { on: [...], of: [...] }
--   speech:on:<document>   ids of answers that rest on a document: they go when it changes
--   speech:of:<document>   ids of what was read from a document: they go when it goes

local function silence(known, id)
	local rests = redis.call('HGET', known .. ':rests', id)
	if rests then
		for how, documents in pairs(cjson.decode(rests)) do
			for _, document in ipairs(documents) do
				redis.call('SREM', known .. ':' .. how .. ':' .. document, id)
			end
		end
		redis.call('HDEL', known .. ':rests', id)
	end
	redis.call('UNLINK', known .. ':' .. id)
	redis.call('HDEL', known, id)
	redis.call('ZREM', known .. ':used', id)
end

-- Forgets all speech that rests on a document in one of the ways.
local function silence_all(known, how, document)
	for _, id in ipairs(redis.call('SMEMBERS', known .. ':' .. how .. ':' .. document)) do
		silence(known, id)
	end
end
