-- Forgets some of the conversations whose last turn is older than a time.
-- KEYS: what all keys of the site begin with. ARGV: the time, how many to look at. Returns how many were looked at and forgotten.
local site = KEYS[1]
local old = redis.call('ZRANGEBYSCORE', site .. 'conversations', '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
local forgotten = 0
for _, id in ipairs(old) do
	if forget(site, id) then
		forgotten = forgotten + 1
	end
end
-- A conversation that expired by itself left the count of its turns behind.
if forgotten < #old then
	for _, way in ipairs(redis.call('SMEMBERS', site .. 'asked')) do
		redis.call('ZREMRANGEBYSCORE', site .. 'asked:' .. way, '-inf', '(' .. ARGV[1])
	end
end
return { #old, forgotten }
