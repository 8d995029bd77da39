-- Takes one request from every limit, or from none. The rules are those of rate-limit-rules.ts, which judges the same numbers again: this
-- script only drains, decides and writes, as one.
--
-- KEYS  the limits. ARGV  1 now, then quota and period of each, in milliseconds.
-- Reply 1 when the request was taken, and what there was before, as text: "at backlog" of each, drained.
local ROUNDING_MS = 0.001
local now = tonumber( ARGV[ 1 ] )
local before, after, fits = {}, {}, 1
for index, text in ipairs( redis.call( 'MGET', unpack( KEYS ) ) ) do
	local quota, period = tonumber( ARGV[ 2 * index ] ), tonumber( ARGV[ 2 * index + 1 ] )
	local at, backlog = string.match( text or '', '^(%S+) (%S+)$' )
	at, backlog = tonumber( at ), tonumber( backlog )
	if not at or at - now > period then
		at, backlog = now, 0
	else
		local later = math.max( at, now )
		at, backlog = later, math.max( 0, backlog - ( later - at ) )
	end
	local following = backlog + period / quota
	if following - period > ROUNDING_MS then
		fits = 0
	end
	before[ index ] = string.format( '%.17g %.17g', at, backlog )
	after[ index ] = string.format( '%.17g %.17g', at, following )
end
if fits == 1 then
	for index, key in ipairs( KEYS ) do
		redis.call( 'SET', key, after[ index ], 'PX', math.ceil( 2 * ARGV[ 2 * index + 1 ] ) + 60000 )
	end
end
return { fits, unpack( before ) }
