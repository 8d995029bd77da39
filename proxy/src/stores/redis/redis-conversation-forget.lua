-- Forgets a visitor's conversation. KEYS: what all keys of the site begin with. ARGV: visitor, conversation.
-- Returns 0 when the visitor has no such conversation.
if redis.call('HGET', KEYS[1] .. 'conversation:' .. ARGV[2], 'visitor') ~= ARGV[1] then
	return 0
end
return forget(KEYS[1], ARGV[2]) and 1 or 0
