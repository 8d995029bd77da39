-- Reads the numbers of the passages of some documents.
-- KEYS: what all keys of the site begin with. ARGV: how many ids there are, ids, addresses.
-- Returns the version and then the numbers of each document as JSON.
local site = KEYS[1]
local found = { redis.call('HGET', site .. 'knowledge', 'version') or '0' }
local seen = {}
local function add(id)
	local numbers = not seen[id] and redis.call('HGET', site .. 'documents:numbers', id)
	seen[id] = true
	if numbers then
		found[#found + 1] = numbers
	end
end
local ids = tonumber(ARGV[1])
for at = 2, #ARGV do
	if at <= ids + 1 then
		add(ARGV[at])
	else
		for _, id in ipairs(cjson.decode(redis.call('HGET', site .. 'urls', ARGV[at]) or '[]')) do
			add(id)
		end
	end
end
return found
