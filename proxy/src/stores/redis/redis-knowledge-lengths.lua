-- Reads how long the postings of words are. KEYS: what all keys of the site begin with. ARGV: passages in a block, words.
-- Returns in turns a language, a block, and the bytes of each word.
local site = KEYS[1]
local next_number, languages = unpack(redis.call('HMGET', site .. 'knowledge', 'next', 'languages'))
local found = {}
for language in pairs(cjson.decode(languages or '{}')) do
	for block = 0, math.ceil(tonumber(next_number) / tonumber(ARGV[1])) - 1 do
		local lengths = {}
		for at = 2, #ARGV do
			lengths[#lengths + 1] = redis.call('HSTRLEN', site .. 'words:' .. language .. ':' .. block, ARGV[at])
		end
		found[#found + 1] = language
		found[#found + 1] = block
		found[#found + 1] = lengths
	end
end
return found
