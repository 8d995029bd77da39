-- Reads the last turns of a visitor's conversation, oldest first.
-- KEYS: what all keys of the site begin with. ARGV: conversation, visitor, how many turns.
-- Returns what was said in each and its rating (or false), both as JSON, in turns; false when the visitor has no such conversation.
local key = KEYS[1] .. 'conversation:' .. ARGV[1]
local visitor, count = unpack(redis.call('HMGET', key, 'visitor', 'count'))
if visitor ~= ARGV[2] then
	return false
end
count = tonumber(count)
local fields = {}
for number = math.max(1, count - tonumber(ARGV[3]) + 1), count do
	fields[#fields + 1] = 'q:' .. number
	fields[#fields + 1] = 'r:' .. number
end
return redis.call('HMGET', key, unpack(fields))
