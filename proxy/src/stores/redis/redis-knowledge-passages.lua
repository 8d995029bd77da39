-- Reads passages. KEYS: what all keys of the site begin with. ARGV: numbers.
-- Returns the version, the passages (or false), and in turns the ids of their documents and these.
local site = KEYS[1]
local version, pending = unpack(redis.call('HMGET', site .. 'knowledge', 'version', 'pending'))
local passages = read(site, pending, 'passages', ARGV)
local documents, seen = {}, {}
for _, passage in ipairs(passages) do
	local id = passage and string.match(passage, '^[^\n]*')
	if id and not seen[id] then
		seen[id] = true
		documents[#documents + 1] = id
		documents[#documents + 1] = redis.call('HGET', site .. 'documents', id)
	end
end
return { version or '0', passages, documents }
