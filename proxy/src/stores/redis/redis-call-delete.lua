-- Removes calls that ended before a time; the sums stay. Replies how many.
--
-- KEYS  1 rows, 2 all places. ARGV  1 the time, padded, 2 how many at most, 3 what the keys of turns, 4 and of groups begin with.
local places = redis.call( 'ZRANGEBYLEX', KEYS[ 2 ], '-', '(' .. ARGV[ 1 ], 'LIMIT', 0, ARGV[ 2 ] )
if #places == 0 then
	return 0
end
for index, row in ipairs( redis.call( 'HMGET', KEYS[ 1 ], unpack( places ) ) ) do
	if row then
		local _, turn, group = string.match( row, '^([^\n]*)\n([^\n]*)\n([^\n]*)\n' )
		redis.call( 'ZREM', ARGV[ 3 ] .. turn, places[ index ] )
		redis.call( 'ZREM', ARGV[ 4 ] .. group, places[ index ] )
	end
end
redis.call( 'HDEL', KEYS[ 1 ], unpack( places ) )
redis.call( 'ZREM', KEYS[ 2 ], unpack( places ) )
return #places
