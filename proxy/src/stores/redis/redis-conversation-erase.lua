-- Forgets every conversation of a signed-in person. KEYS: what all keys of the site begin with. ARGV: the person. Returns how many.
local erased = 0
local all = KEYS[1] .. 'conversations-of:' .. ARGV[1]
for _, id in ipairs(redis.call('SMEMBERS', all)) do
	if forget(KEYS[1], id) then
		erased = erased + 1
	end
end
redis.call('DEL', all)
return erased
