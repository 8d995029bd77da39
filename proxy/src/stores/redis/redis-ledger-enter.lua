-- Lets a proxy into a site's ledger, and restores what the ledger has forgotten from what the proxy remembers.
--
-- An epoch ("<number> <run id of the server>") is a time in which nothing was forgotten. A version is the number of an epoch and the length
-- of the book in it, both padded, so that versions compare as text.
--
-- KEYS  1 windows, 2 book, 3 restored (hash: key -> "version total"; "!base" is the version that the server itself still had),
--       4 closed (exists while spending waits for what all proxies remember), 5 open reservations.
-- ARGV  1 the server's run id, 2 the number of a new epoch, 3 "1" when the caller knows that the site has spent before,
--       4 milliseconds to stay closed, 5 windows that the caller remembers, as JSON: { { key, unit, spent and held, version } },
--       6 the payload of entries that restore.
-- Reply the epoch, milliseconds to stay closed, 1 when the ledger is lost (nobody remembers it), how many windows were corrected.
local WINDOWS, BOOK, RESTORED, CLOSED, OPEN = KEYS[ 1 ], KEYS[ 2 ], KEYS[ 3 ], KEYS[ 4 ], KEYS[ 5 ]

local function int( number )
	return string.format( '%d', number )
end

-- A hash with a long value in it is looked up by hashing, not by searching, however few fields it has.
local LONG = string.rep( '.', 80 )

local epoch = redis.call( 'HGET', WINDOWS, '!epoch' )
local number, run_id = string.match( epoch or '', '^(%d+) (.*)$' )
if run_id ~= ARGV[ 1 ] then
	-- A server that has restarted may have lost its last steps; an empty one has lost them all, unless there were none.
	if epoch or ARGV[ 3 ] == '1' then
		redis.call( 'SET', CLOSED, '1', 'PX', ARGV[ 4 ] )
	end
	if not epoch and ARGV[ 3 ] == '1' then
		redis.call( 'HSET', WINDOWS, '!lost', '1' )
	end
	redis.call( 'DEL', RESTORED )
	redis.call( 'HSET', RESTORED, '!base', number and ( number .. ' ' .. string.format( '%012d', redis.call( 'LLEN', BOOK ) ) ) or '' )
	epoch = math.max( tonumber( ARGV[ 2 ] ), tonumber( number or 0 ) + 1 )
	number = string.format( '%015d', epoch )
	epoch = number .. ' ' .. ARGV[ 1 ]
	redis.call( 'HSET', WINDOWS, '!epoch', epoch, '!long', LONG )
	redis.call( 'HSET', OPEN, '!long', LONG )
end

local corrected = 0
local remembered = cjson.decode( ARGV[ 5 ] )
local base = redis.call( 'HGET', RESTORED, '!base' ) or ''
for _, named in ipairs( remembered ) do
	local key, unit, total, version = named[ 1 ], named[ 2 ], named[ 3 ], named[ 4 ]
	local known = redis.call( 'HGET', RESTORED, key )
	local known_version, known_total = string.match( known or '', '^(%d+ %d+) (%d+)$' )
	-- What was seen in this epoch is no news; what was seen latest before it is the truth.
	if string.sub( version, 1, 15 ) ~= number and version > ( known_version or base ) then
		local text = redis.call( 'HGET', WINDOWS, key )
		local _, spent, held = string.match( text or ( unit .. ' 0 0' ), '^(%d) (%d+) (%d+)$' )
		spent, held = tonumber( spent ), tonumber( held )
		local added = math.max( -spent, total - ( known_total and tonumber( known_total ) or spent + held ) )
		redis.call( 'HSET', RESTORED, key, version .. ' ' .. int( total ) )
		if added ~= 0 then
			local amounts = { 0, 0, 0 }
			amounts[ unit ] = added
			redis.call( 'HSET', WINDOWS, key, unit .. ' ' .. int( spent + added ) .. ' ' .. int( held ) )
			redis.call( 'RPUSH', BOOK, table.concat( {
				'correct', '-', int( amounts[ 1 ] ) .. ' ' .. int( amounts[ 2 ] ) .. ' ' .. int( amounts[ 3 ] ), key, ARGV[ 6 ],
			}, '\n' ) )
			corrected = corrected + 1
		end
	end
end
if #remembered > 0 then
	redis.call( 'HDEL', WINDOWS, '!lost' )
end
return { epoch, math.max( 0, redis.call( 'PTTL', CLOSED ) ), redis.call( 'HEXISTS', WINDOWS, '!lost' ), corrected }
