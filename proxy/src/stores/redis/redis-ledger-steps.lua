-- Runs steps of one site's ledger, in order, as one: reads what they need, moves counters, and writes everything once at the end.
--
-- KEYS  1 windows (hash: key -> "unit spent held", and "!epoch"), 2 reservations (hash: id -> record), 3 open (sorted set by expiry),
--       4 lapsed (sorted set by the time of expiring), 5 book (list of entries), 6... ids that are done, by day, today's first.
-- ARGV  1 the epoch that the caller knows, 2 the steps as JSON, 3 milliseconds that done ids are kept.
-- Reply "epoch" when the ledger's epoch is another (nothing was done), or the results, the windows that were moved with what they count
--       now, and the length of the book. Numbers are integers below 2^53, which Lua's own numbers hold exactly.
local WINDOWS, RESERVATIONS, OPEN, LAPSED, BOOK = KEYS[ 1 ], KEYS[ 2 ], KEYS[ 3 ], KEYS[ 4 ], KEYS[ 5 ]
local MAX = 9007199254740991
local steps = cjson.decode( ARGV[ 2 ] )

local function int( number )
	return string.format( '%.0f', number )
end

-- What the steps are about: reservations first, because they name windows.
local ids, wanted, asked = {}, { '!epoch' }, {}
for _, step in ipairs( steps ) do
	if step[ 1 ] == 'x' then
		step.due = redis.call( 'ZRANGEBYSCORE', OPEN, '-inf', int( step[ 2 ] ), 'LIMIT', 0, step[ 3 ] )
		for _, id in ipairs( step.due ) do
			ids[ #ids + 1 ] = id
		end
	elseif step[ 1 ] ~= 'k' then
		ids[ #ids + 1 ] = step[ 2 ]
	end
end

local records, done = {}, {}
if #ids > 0 then
	for index, text in ipairs( redis.call( 'HMGET', RESERVATIONS, unpack( ids ) ) ) do
		if text then
			local state, entry, nanoUsd, voiceSeconds, images, keys = string.match( text, '^(%l) (%d+) (%d+) (%d+) (%d+) (.*)$' )
			local record = {
				state = state,
				entry = entry,
				amounts = { tonumber( nanoUsd ), tonumber( voiceSeconds ), tonumber( images ) },
				keys = {},
				text = text,
			}
			for key in string.gmatch( keys, '[^\t]+' ) do
				record.keys[ #record.keys + 1 ] = key
				wanted[ #wanted + 1 ] = key
			end
			records[ ids[ index ] ] = record
		end
	end
	for number = 6, #KEYS do
		for index, is_member in ipairs( redis.call( 'SMISMEMBER', KEYS[ number ], unpack( ids ) ) ) do
			if is_member == 1 then
				done[ ids[ index ] ] = true
			end
		end
	end
end
for _, step in ipairs( steps ) do
	local named = ( step[ 1 ] == 'r' and step[ 5 ] ) or ( step[ 1 ] == 'k' and step[ 2 ] ) or ( step[ 1 ] == 's' and step[ 6 ] and step[ 6 ][ 2 ] ) or {}
	for _, window in ipairs( named ) do
		wanted[ #wanted + 1 ] = window[ 1 ]
	end
end

local windows = {}
for index, text in ipairs( redis.call( 'HMGET', WINDOWS, unpack( wanted ) ) ) do
	if index == 1 then
		if text ~= ARGV[ 1 ] then
			return { 'epoch' }
		end
	elseif text and not windows[ wanted[ index ] ] then
		local unit, spent, held = string.match( text, '^(%d) (%d+) (%d+)$' )
		windows[ wanted[ index ] ] = { unit = tonumber( unit ), spent = tonumber( spent ), held = tonumber( held ) }
	end
end

local first_entry = redis.call( 'LLEN', BOOK )
local entries, opened, closed, finished, forgotten, lapsed, unlapsed = {}, {}, {}, {}, {}, {}, {}
local changed_records = {}

local function write( kind, entry, amounts, keys, payload )
	entries[ #entries + 1 ] = table.concat( {
		kind, entry, int( amounts[ 1 ] ) .. ' ' .. int( amounts[ 2 ] ) .. ' ' .. int( amounts[ 3 ] ), keys, payload,
	}, '\n' )
end

-- Finds a window or makes it; nil when it counts another unit.
local function window_of( key, unit )
	local window = windows[ key ]
	if not window then
		window = { unit = unit, spent = 0, held = 0 }
		windows[ key ] = window
	end
	return window.unit == unit and window or nil
end

-- Moves the windows of a reservation, or none when one of them could not hold the number.
local function move( record, spent, freed, held )
	for _, key in ipairs( record.keys ) do
		local window = windows[ key ]
		if not window or window.spent + ( spent[ window.unit ] or 0 ) - ( freed[ window.unit ] or 0 ) > MAX then
			return false
		end
	end
	for _, key in ipairs( record.keys ) do
		local window = windows[ key ]
		window.spent = window.spent + ( spent[ window.unit ] or 0 ) - ( freed[ window.unit ] or 0 )
		window.held = window.held - ( held[ window.unit ] or 0 )
		window.moved = true
	end
	return true
end

local NOTHING = {}
local run = {}

-- r, id, expires at, amounts, { { key, unit, limit } }, payload
function run.r( step )
	local id, amounts = step[ 2 ], step[ 4 ]
	if records[ id ] or done[ id ] then
		return 2
	end
	local balances, fits = { 0 }, true
	for _, named in ipairs( step[ 5 ] ) do
		local window = windows[ named[ 1 ] ]
		if window and window.unit ~= named[ 2 ] then
			return -1
		end
		local spent, held = window and window.spent or 0, window and window.held or 0
		local limit = math.min( named[ 3 ], MAX )
		if amounts[ named[ 2 ] ] > limit - spent - held then
			fits = false
		end
		balances[ #balances + 1 ] = spent
		balances[ #balances + 1 ] = held
	end
	if not fits then
		return balances
	end
	local keys = {}
	for _, named in ipairs( step[ 5 ] ) do
		local window = window_of( named[ 1 ], named[ 2 ] )
		window.held = window.held + amounts[ named[ 2 ] ]
		window.moved = true
		keys[ #keys + 1 ] = named[ 1 ]
	end
	local entry = int( first_entry + #entries )
	local joined = table.concat( keys, '\t' )
	write( 'reserve', '-', amounts, joined, step[ 6 ] )
	records[ id ] = { state = 'o', entry = entry, amounts = amounts, keys = keys }
	records[ id ].text = 'o ' .. entry .. ' ' .. int( amounts[ 1 ] ) .. ' ' .. int( amounts[ 2 ] ) .. ' ' .. int( amounts[ 3 ] ) .. ' ' .. joined
	changed_records[ id ] = true
	opened[ #opened + 1 ] = int( step[ 3 ] )
	opened[ #opened + 1 ] = id
	return 1
end

local function finish( id )
	records[ id ] = nil
	changed_records[ id ] = nil
	done[ id ] = true
	forgotten[ #forgotten + 1 ] = id
	finished[ #finished + 1 ] = id
end

-- s, id, kind (settle or release), amounts, payload, what is known of a reservation that was lost or false, whether an unknown id is used up
function run.s( step )
	local id, kind, amounts, payload, lost = step[ 2 ], step[ 3 ], step[ 4 ], step[ 5 ], step[ 6 ]
	local record = records[ id ]
	if record and record.state == 'o' then
		if not move( record, amounts, NOTHING, record.amounts ) then
			return -2
		end
		write( kind, record.entry, amounts, '', payload )
		closed[ #closed + 1 ] = id
		finish( id )
		return 1
	end
	if record then
		if not move( record, amounts, record.amounts, NOTHING ) then
			return -2
		end
		write( 'reconcile', record.entry, amounts, '', payload )
		unlapsed[ #unlapsed + 1 ] = id
		finish( id )
		return 3
	end
	if done[ id ] then
		return 0
	end
	if lost then
		-- It was held before the ledger lost its memory, and what was restored counts it in full.
		for _, named in ipairs( lost[ 2 ] ) do
			local window = window_of( named[ 1 ], named[ 2 ] )
			if window then
				local unit = named[ 2 ]
				local added = math.max( -window.spent, math.min( amounts[ unit ] - lost[ 1 ][ unit ], MAX - window.spent ) )
				local by_unit = { 0, 0, 0 }
				by_unit[ unit ] = added
				if added ~= 0 then
					window.spent = window.spent + added
					window.moved = true
					write( 'correct', '-', by_unit, named[ 1 ], lost[ 3 ] )
				end
			end
		end
		finish( id )
		return 3
	end
	if step[ 7 ] then
		done[ id ] = true
		finished[ #finished + 1 ] = id
	end
	return 0
end

-- x, now, how many at most, time before which lapsed reservations are forgotten
function run.x( step )
	local payload = '{"t":' .. int( step[ 2 ] ) .. '}'
	for _, id in ipairs( step.due ) do
		local record = records[ id ]
		if record and record.state == 'o' then
			move( record, record.amounts, NOTHING, record.amounts )
			write( 'expire', record.entry, record.amounts, '', payload )
			record.state = 'e'
			record.text = 'e' .. string.sub( record.text, 2 )
			changed_records[ id ] = true
			lapsed[ #lapsed + 1 ] = int( step[ 2 ] )
			lapsed[ #lapsed + 1 ] = id
		end
		closed[ #closed + 1 ] = id
	end
	for _, id in ipairs( redis.call( 'ZRANGEBYSCORE', LAPSED, '-inf', int( step[ 4 ] ), 'LIMIT', 0, step[ 3 ] ) ) do
		unlapsed[ #unlapsed + 1 ] = id
		finish( id )
	end
	return #step.due
end

-- k, { { key, unit } }, amount, payload
function run.k( step )
	for _, named in ipairs( step[ 2 ] ) do
		local window = windows[ named[ 1 ] ]
		if window and ( window.unit ~= named[ 2 ] or window.spent + step[ 3 ] > MAX ) then
			return window.unit ~= named[ 2 ] and -1 or -2
		end
	end
	local groups, order = {}, {}
	for _, named in ipairs( step[ 2 ] ) do
		local window = window_of( named[ 1 ], named[ 2 ] )
		local added = math.max( step[ 3 ], -window.spent )
		if added ~= 0 then
			window.spent = window.spent + added
			window.moved = true
			if not groups[ added ] then
				groups[ added ] = {}
				order[ #order + 1 ] = added
			end
			table.insert( groups[ added ], named[ 1 ] )
		end
	end
	for _, added in ipairs( order ) do
		write( 'correct', '-', { added, 0, 0 }, table.concat( groups[ added ], '\t' ), step[ 4 ] )
	end
	return 1
end

local results = {}
for index, step in ipairs( steps ) do
	results[ index ] = run[ step[ 1 ] ]( step )
end

local function write_all( command, key, values )
	if #values > 0 then
		redis.call( command, key, unpack( values ) )
	end
end

local counters, moved = {}, {}
for key, window in pairs( windows ) do
	if window.moved then
		counters[ #counters + 1 ] = key
		counters[ #counters + 1 ] = window.unit .. ' ' .. int( window.spent ) .. ' ' .. int( window.held )
		moved[ #moved + 1 ] = key
		moved[ #moved + 1 ] = window.unit
		moved[ #moved + 1 ] = window.spent + window.held
	end
end
local kept = {}
for id in pairs( changed_records ) do
	kept[ #kept + 1 ] = id
	kept[ #kept + 1 ] = records[ id ].text
end
write_all( 'HSET', WINDOWS, counters )
write_all( 'HSET', RESERVATIONS, kept )
write_all( 'HDEL', RESERVATIONS, forgotten )
write_all( 'ZADD', OPEN, opened )
write_all( 'ZREM', OPEN, closed )
write_all( 'ZADD', LAPSED, lapsed )
write_all( 'ZREM', LAPSED, unlapsed )
write_all( 'RPUSH', BOOK, entries )
if #finished > 0 then
	redis.call( 'SADD', KEYS[ 6 ], unpack( finished ) )
	redis.call( 'PEXPIRE', KEYS[ 6 ], ARGV[ 3 ], 'NX' )
end
return { results, moved, first_entry + #entries }
