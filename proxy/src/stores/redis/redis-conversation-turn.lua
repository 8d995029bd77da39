-- Finds a finished turn of a visitor. KEYS: what all keys of the site begin with. ARGV: visitor, turn.
-- Returns its conversation, what was said as JSON, and its events; or false.
local key, number, id = find_turn(KEYS[1], ARGV[1], ARGV[2])
if not key then
	return false
end
local said, events = unpack(redis.call('HMGET', key, 'q:' .. number, 'e:' .. number))
return { id, said, events }
