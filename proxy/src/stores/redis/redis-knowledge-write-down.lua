-- Writes down a part of a change that counts already. KEYS: what all keys of the site begin with. ARGV: id of the change, how many fields.
-- Returns how many fields are left.
if redis.call('HGET', KEYS[1] .. 'knowledge', 'pending') ~= ARGV[1] then
	return 0
end
return write_down(KEYS[1], ARGV[1], tonumber(ARGV[2]))
