-- Reads the last turns of a visitor's conversation, oldest first.
-- KEYS: what all keys of the site begin with. ARGV: conversation, visitor, how many turns.
-- Returns what was said in each as JSON, or false when the visitor has no such conversation.
local key = KEYS[1] .. 'conversation:' .. ARGV[1]
local visitor, count = unpack(redis.call('HMGET', key, 'visitor', 'count'))
if visitor ~= ARGV[2] then
	return false
end
count = tonumber(count)
return redis.call('HMGET', key, unpack(numbered('q:', math.max(1, count - tonumber(ARGV[3]) + 1), count)))
