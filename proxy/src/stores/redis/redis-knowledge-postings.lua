-- Reads the postings of words. KEYS: what all keys of the site begin with. ARGV: passages in a block, words.
-- Returns the version, and then in turns a language, a block, and the postings (or false) of each word.
local site = KEYS[1]
local version, next_number, languages, pending =
	unpack(redis.call('HMGET', site .. 'knowledge', 'version', 'next', 'languages', 'pending'))
if not version then
	return { '0' }
end
local found = { version }
for language in pairs(cjson.decode(languages)) do
	for block = 0, math.ceil(tonumber(next_number) / tonumber(ARGV[1])) - 1 do
		found[#found + 1] = language
		found[#found + 1] = block
		found[#found + 1] = read(site, pending, 'words:' .. language .. ':' .. block, ARGV, 2)
	end
end
return found
