-- Runs steps of one site's ledger, in order, as one: reads what they need, moves counters, and writes everything once at the end.
--
-- KEYS  1 windows (hash: key -> "unit spent held", and "!epoch"), 2 open reservations and 3 those that ran out (hashes: id -> record, see
--       redis-ledger-format.ts), 4 book (list of entries), 5... ids that are done, by period, that of now first.
-- ARGV  1 the epoch that the caller knows, 2 milliseconds that done ids are kept, 3 how many ids and 4 how many windows the steps name,
--       5 how many steps; then the ids, the windows' keys, their units, and three texts for each step (see `run`).
-- Reply "epoch" when the ledger's epoch is another (nothing was done), or the results, the windows that were moved with what they count
--       now, and the length of the book. Numbers are integers below 2^53, which Lua's own numbers hold exactly.
local WINDOWS, OPEN, LAPSED, BOOK, DONE = KEYS[ 1 ], KEYS[ 2 ], KEYS[ 3 ], KEYS[ 4 ], KEYS[ 5 ]
local MAX = 9007199254740991
local call, match, gmatch = redis.call, string.match, string.gmatch
local id_count, window_count = tonumber( ARGV[ 3 ] ), tonumber( ARGV[ 4 ] )
local first_window = 6 + id_count
local first_unit = first_window + window_count
local first_step = first_unit + window_count

if call( 'HGET', WINDOWS, '!epoch' ) ~= ARGV[ 1 ] then
	return { 'epoch' }
end

local function int( number )
	return string.format( '%d', number )
end

-- The windows that the steps name, and those that were looked up for reservations of other proxies.
local windows = {}

local function read_window( key, text, unit )
	local spent, held = 0, 0
	if text then
		unit, spent, held = match( text, '^(%d) (%d+) (%d+)$' )
	end
	windows[ key ] = { key = key, unit = tonumber( unit ), spent = tonumber( spent ), held = tonumber( held ) }
	return windows[ key ]
end

local named = {}
if window_count > 0 then
	for index, text in ipairs( call( 'HMGET', WINDOWS, unpack( ARGV, first_window, first_unit - 1 ) ) ) do
		named[ index ] = read_window( ARGV[ first_window + index - 1 ], text, ARGV[ first_unit + index - 1 ] )
	end
end

local function window_at( key )
	return windows[ key ] or read_window( key, call( 'HGET', WINDOWS, key ), 1 )
end

-- What is known of the reservations: a record, "done", or nothing.
local records = {}
if id_count > 0 then
	local unknown = {}
	for index, text in ipairs( call( 'HMGET', OPEN, unpack( ARGV, 6, first_window - 1 ) ) ) do
		if text then
			records[ ARGV[ 5 + index ] ] = text
		else
			unknown[ #unknown + 1 ] = ARGV[ 5 + index ]
		end
	end
	for number = 5, #KEYS do
		if #unknown > 0 and call( 'EXISTS', KEYS[ number ] ) == 1 then
			for index, is_member in ipairs( call( 'SMISMEMBER', KEYS[ number ], unpack( unknown ) ) ) do
				if is_member == 1 then
					records[ unknown[ index ] ] = 'done'
				end
			end
		end
	end
end

local entries, moved, opened, closed, finished, unlapsed = {}, {}, {}, {}, {}, {}
local has_lapsed = call( 'HLEN', LAPSED ) > 0

local function touch( window )
	if not window.is_moved then
		window.is_moved = true
		moved[ #moved + 1 ] = window
	end
end

-- Reads a record: its amounts by unit, its windows.
local function read_record( text )
	local nano_usd, voice_seconds, images, keys = match( text, '^%d+ (%d+) (%d+) (%d+) (.*)$' )
	local held = {}
	for key in gmatch( keys, '[^\t]+' ) do
		held[ #held + 1 ] = window_at( key )
	end
	return { tonumber( nano_usd ), tonumber( voice_seconds ), tonumber( images ) }, held
end

local NOTHING = { 0, 0, 0 }

-- Spends amounts in windows, and takes back what was spent or held in them before; nothing when one could not hold the number.
local function spend( held, amounts, spent_before, held_before )
	for _, window in ipairs( held ) do
		if window.spent + amounts[ window.unit ] - spent_before[ window.unit ] > MAX then
			return false
		end
	end
	for _, window in ipairs( held ) do
		local unit = window.unit
		window.spent = window.spent + amounts[ unit ] - spent_before[ unit ]
		window.held = window.held - held_before[ unit ]
		touch( window )
	end
	return true
end

-- Adds to what is spent in windows of one unit, never below zero, and writes one entry for each amount that was really added.
local function correct( chosen, amount, payload )
	local groups, order = {}, {}
	for _, window in ipairs( chosen ) do
		local added = math.max( -window.spent, math.min( amount, MAX - window.spent ) )
		if added ~= 0 then
			window.spent = window.spent + added
			touch( window )
			if not groups[ added ] then
				groups[ added ] = { unit = window.unit }
				order[ #order + 1 ] = added
			end
			table.insert( groups[ added ], window.key )
		end
	end
	for _, added in ipairs( order ) do
		local amounts = { '0', '0', '0' }
		amounts[ groups[ added ].unit ] = int( added )
		entries[ #entries + 1 ] = 'correct\n-\n' .. table.concat( amounts, ' ' ) .. '\n' .. table.concat( groups[ added ], '\t' ) .. '\n' .. payload
	end
end

local function finish( id )
	records[ id ] = 'done'
	finished[ #finished + 1 ] = id
end

local run = {}

-- r: "id expires-at window:limit:amount,…" with numbers of windows | the entry of the book, of which the record takes the third and fourth line.
function run.r( head, entry )
	local id, expires_at, list = match( head, '^r (%S+) (%d+) (%S+)$' )
	if records[ id ] or ( has_lapsed and call( 'HEXISTS', LAPSED, id ) == 1 ) then
		return 2
	end
	local balances, fits, wanted, held = { 0 }, true, {}, {}
	for number, unit, limit, amount in gmatch( list, '(%d+):(%d):(%d+):(%d+)' ) do
		local window = named[ tonumber( number ) ]
		if window.unit ~= tonumber( unit ) then
			return -1
		end
		amount = tonumber( amount )
		if amount > tonumber( limit ) - window.spent - window.held then
			fits = false
		end
		balances[ #balances + 1 ] = window.spent
		balances[ #balances + 1 ] = window.held
		wanted[ #wanted + 1 ] = amount
		held[ #held + 1 ] = window
	end
	if not fits then
		return balances
	end
	for index, window in ipairs( held ) do
		window.held = window.held + wanted[ index ]
		touch( window )
	end
	local amounts, keys = match( entry, '^reserve\n[^\n]*\n([^\n]*)\n([^\n]*)\n' )
	records[ id ] = expires_at .. ' ' .. amounts .. ' ' .. keys
	entries[ #entries + 1 ] = entry
	opened[ #opened + 1 ] = id
	opened[ #opened + 1 ] = records[ id ]
	return 1
end

-- s: "kind id amounts uses-up" (uses-up is 1 when an unknown id must never be used) | the rest of the entry after its second line | what the
-- caller held, as JSON, when that was in another epoch.
function run.s( head, rest, lost )
	local kind, id, nano_usd, voice_seconds, images, uses_up = match( head, '^s (%l+) (%S+) (%d+) (%d+) (%d+) (%d)$' )
	local amounts = { tonumber( nano_usd ), tonumber( voice_seconds ), tonumber( images ) }
	local record = records[ id ]
	if record == 'done' then
		return 0
	end
	if record then
		local before, held = read_record( record )
		if not spend( held, amounts, NOTHING, before ) then
			return -2
		end
		entries[ #entries + 1 ] = kind .. '\n' .. id .. '\n' .. rest
		closed[ #closed + 1 ] = id
		finish( id )
		return 1
	end
	record = has_lapsed and call( 'HGET', LAPSED, id )
	if record then
		local before, held = read_record( record )
		if not spend( held, amounts, before, NOTHING ) then
			return -2
		end
		entries[ #entries + 1 ] = 'reconcile\n' .. id .. '\n' .. rest
		unlapsed[ #unlapsed + 1 ] = id
		finish( id )
		return 3
	end
	if lost ~= '' then
		-- It was held before the ledger lost its memory, and what was restored counts it in full.
		local known = cjson.decode( lost )
		for _, pair in ipairs( known[ 2 ] ) do
			local window = window_at( pair[ 1 ] )
			correct( { window }, amounts[ window.unit ] - known[ 1 ][ window.unit ], known[ 3 ] )
		end
		finish( id )
		return 3
	end
	if uses_up == '1' then
		finish( id )
	end
	return 0
end

-- x: "now" | ids that looked due. They are counted in full, unless they were ended meanwhile.
function run.x( head, ids )
	local now, count = head:sub( 3 ), 0
	for id in gmatch( ids, '%S+' ) do
		local record = call( 'HGET', OPEN, id )
		if record and records[ id ] ~= 'done' and tonumber( match( record, '^%d+' ) ) <= tonumber( now ) then
			local before, held = read_record( record )
			spend( held, before, NOTHING, before )
			local amounts = int( before[ 1 ] ) .. ' ' .. int( before[ 2 ] ) .. ' ' .. int( before[ 3 ] )
			entries[ #entries + 1 ] = 'expire\n' .. id .. '\n' .. amounts .. '\n\n{"t":' .. now .. '}'
			-- The time of a reservation that ran out is when that was, so that it can be forgotten later.
			call( 'HSET', LAPSED, id, ( string.gsub( record, '^%d+', now ) ) )
			call( 'HDEL', OPEN, id )
			records[ id ] = nil
			has_lapsed = true
			count = count + 1
		end
	end
	return count
end

-- y: "time" | ids that looked as if they had run out before: nobody will settle them any more.
function run.y( head, ids )
	local time, count = head:sub( 3 ), 0
	for id in gmatch( ids, '%S+' ) do
		local record = call( 'HGET', LAPSED, id )
		if record and records[ id ] ~= 'done' and tonumber( match( record, '^%d+' ) ) <= tonumber( time ) then
			unlapsed[ #unlapsed + 1 ] = id
			finish( id )
			count = count + 1
		end
	end
	return count
end

-- k: "amount window:unit,…" | the payload.
function run.k( head, payload )
	local amount, list = match( head, '^k (%-?%d+) ?(%S*)$' )
	amount = tonumber( amount )
	local chosen = {}
	for number, unit in gmatch( list, '(%d+):(%d)' ) do
		local window = named[ tonumber( number ) ]
		if window.unit ~= tonumber( unit ) then
			return -1
		end
		if window.spent + amount > MAX then
			return -2
		end
		chosen[ #chosen + 1 ] = window
	end
	correct( chosen, amount, payload )
	return 1
end

local results = {}
for index = first_step, #ARGV, 3 do
	local head = ARGV[ index ]
	results[ #results + 1 ] = run[ head:sub( 1, 1 ) ]( head, ARGV[ index + 1 ], ARGV[ index + 2 ] )
end

local function write_all( command, key, values )
	if #values > 0 then
		call( command, key, unpack( values ) )
	end
end

local counters, told = {}, {}
for _, window in ipairs( moved ) do
	counters[ #counters + 1 ] = window.key
	counters[ #counters + 1 ] = window.unit .. ' ' .. int( window.spent ) .. ' ' .. int( window.held )
	told[ #told + 1 ] = window.key
	told[ #told + 1 ] = window.unit
	told[ #told + 1 ] = window.spent + window.held
end
write_all( 'HSET', WINDOWS, counters )
write_all( 'HSET', OPEN, opened )
write_all( 'HDEL', OPEN, closed )
write_all( 'HDEL', LAPSED, unlapsed )
if #finished > 0 then
	call( 'SADD', DONE, unpack( finished ) )
	call( 'PEXPIRE', DONE, ARGV[ 2 ], 'NX' )
end
return { results, told, #entries > 0 and call( 'RPUSH', BOOK, unpack( entries ) ) or call( 'LLEN', BOOK ) }
