-- Keeps what a visitor thinks of a turn. KEYS: what all keys of the site begin with. ARGV: visitor, turn, the rating as JSON.
-- Returns 0 when the visitor has no such turn.
local key, number = find_turn(KEYS[1], ARGV[1], ARGV[2])
if not key then
	return 0
end
redis.call('HSET', key, 'r:' .. number, ARGV[3])
return 1
