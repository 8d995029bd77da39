-- Counts hits of answers that are still there.
-- KEYS: answers. ARGV: id, hits, time of last use, in turns.
local answers = KEYS[1]
for at = 1, #ARGV, 3 do
	if redis.call('HEXISTS', answers, ARGV[at]) == 1 then
		redis.call('HINCRBY', answers .. ':hits', ARGV[at], ARGV[at + 1])
		redis.call('ZADD', answers .. ':cached', 'XX', 'GT', ARGV[at + 2], ARGV[at])
		redis.call('ZADD', answers .. ':owned-used', 'XX', 'GT', ARGV[at + 2], ARGV[at])
	end
end
return 1
