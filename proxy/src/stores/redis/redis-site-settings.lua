-- Changes a site's settings when they are still what the change was made from.
-- KEYS: settings. ARGV: the text it was made from (empty for none), the new text. Returns 1 when done, 0 when somebody was faster.
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
	return 0
end
redis.call('SET', KEYS[1], ARGV[2])
return 1
