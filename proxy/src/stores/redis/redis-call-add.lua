-- Adds a call to the log and counts it in the sums of its day. A call whose id is known changes nothing.
--
-- KEYS  1 rows (hash: place -> row), 2 the places of its turn, 3 all places, 4 the places of its group, 5 groups (set), 6 sums of the day
--       (hash: group -> "calls in out cost saved"), 7 days (sorted set), 8 the last number given.
-- ARGV  1 time, padded, 2 id, 3 turn, 4 group, 5 the row as JSON, 6 day, 7... input tokens, output tokens, cost, saved.
-- Places are "<time>:<number>", so that they sort by time and then by the order of adding.
local places = redis.call( 'ZRANGE', KEYS[ 2 ], 0, -1 )
if #places > 0 then
	for _, row in ipairs( redis.call( 'HMGET', KEYS[ 1 ], unpack( places ) ) ) do
		if row and string.match( row, '^([^\n]*)\n' ) == ARGV[ 2 ] then
			return 0
		end
	end
end
local place = ARGV[ 1 ] .. ':' .. string.format( '%012d', redis.call( 'INCR', KEYS[ 8 ] ) )
redis.call( 'HSET', KEYS[ 1 ], place, table.concat( { ARGV[ 2 ], ARGV[ 3 ], ARGV[ 4 ], ARGV[ 5 ] }, '\n' ) )
for number = 2, 4 do
	redis.call( 'ZADD', KEYS[ number ], 0, place )
end
redis.call( 'SADD', KEYS[ 5 ], ARGV[ 4 ] )
local sums = {}
for sum in string.gmatch( redis.call( 'HGET', KEYS[ 6 ], ARGV[ 4 ] ) or '0 0 0 0 0', '%d+' ) do
	sums[ #sums + 1 ] = tonumber( sum )
end
sums[ 1 ] = sums[ 1 ] + 1
for number = 2, 5 do
	sums[ number ] = sums[ number ] + tonumber( ARGV[ number + 5 ] )
end
redis.call( 'HSET', KEYS[ 6 ], ARGV[ 4 ], string.format( '%.0f %.0f %.0f %.0f %.0f', unpack( sums ) ) )
redis.call( 'ZADD', KEYS[ 7 ], 0, ARGV[ 6 ] )
return 1
