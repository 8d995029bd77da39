-- Finds the owner's entries for a question, and the cached answer to it.
-- KEYS: answers. ARGV: the question, what an exact hit agrees on.
-- Returns the cached entry (or false) and then the owned ones, each as id, answer, hits, time of last use.
local answers = KEYS[1]

local function read(id, used)
	return {
		id,
		redis.call('HGET', answers, id),
		redis.call('HGET', answers .. ':hits', id) or '0',
		redis.call('ZSCORE', answers .. used, id),
	}
end

local cached = redis.call('HGET', answers .. ':by-key', ARGV[2])
local found = { cached and read(cached, ':cached') }
local owned = redis.call('HGET', answers .. ':owned', ARGV[1])
if owned then
	for _, id in pairs(cjson.decode(owned)) do
		found[#found + 1] = read(id, ':owned-used')
	end
end
return found
