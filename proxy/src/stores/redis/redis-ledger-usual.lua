-- Runs a group of steps of one site's ledger when nothing about them is unusual: every reservation is new and all of them fit together
-- into every window, and every ending is that of a reservation which is open as the caller remembers it. Then their order does not
-- matter, and sums are all there is to do. Otherwise it does nothing and replies "unusual": redis-ledger-steps.lua judges step by step.
--
-- KEYS  as there. ARGV  1 the epoch, 2 milliseconds that done ids are kept, 3 how many windows, 4 reservations, 5 endings; then of the windows
--       their keys, units, the smallest limits ("-" when nothing is held there), what is spent, held and freed; of the reservations ids with
--       records in turns, and ids again; of the endings ids and records; and the entries of the book.
-- Reply "epoch", "unusual", or what each window counts now, spent and held together, and the length of the book.
local WINDOWS, OPEN, LAPSED, BOOK, DONE = KEYS[ 1 ], KEYS[ 2 ], KEYS[ 3 ], KEYS[ 4 ], KEYS[ 5 ]
local MAX = 9007199254740991
local call = redis.call
local windows, reserves, endings = tonumber( ARGV[ 3 ] ), tonumber( ARGV[ 4 ] ), tonumber( ARGV[ 5 ] )
local keys = 6
local units, limits, spent_sums, held_sums, freed_sums = keys + windows, keys + 2 * windows, keys + 3 * windows, keys + 4 * windows, keys + 5 * windows
local new_records = keys + 6 * windows
local new_ids = new_records + 2 * reserves
local end_ids = new_ids + reserves
local end_records = end_ids + endings
local lines = end_records + endings

if call( 'HGET', WINDOWS, '!epoch' ) ~= ARGV[ 1 ] then
	return { 'epoch' }
end

local counters, totals = {}, {}
for index, text in ipairs( call( 'HMGET', WINDOWS, unpack( ARGV, keys, units - 1 ) ) ) do
	local at = index - 1
	local unit, spent, held = ARGV[ units + at ], 0, 0
	if text then
		local kept
		kept, spent, held = string.match( text, '^(%d) (%d+) (%d+)$' )
		if kept ~= unit then
			return { 'unusual' }
		end
		spent, held = tonumber( spent ), tonumber( held )
	end
	spent = spent + ARGV[ spent_sums + at ]
	held = held + ARGV[ held_sums + at ]
	local limit = ARGV[ limits + at ]
	if spent > MAX or ( limit ~= '-' and spent + held > tonumber( limit ) ) then
		return { 'unusual' }
	end
	held = held - ARGV[ freed_sums + at ]
	counters[ 2 * index - 1 ] = ARGV[ keys + at ]
	counters[ 2 * index ] = string.format( '%s %d %d', unit, spent, held )
	totals[ index ] = spent + held
end

if reserves > 0 then
	if call( 'HLEN', LAPSED ) > 0 then
		return { 'unusual' }
	end
	for _, record in ipairs( call( 'HMGET', OPEN, unpack( ARGV, new_ids, end_ids - 1 ) ) ) do
		if record then
			return { 'unusual' }
		end
	end
	for number = 5, #KEYS do
		if call( 'EXISTS', KEYS[ number ] ) == 1 then
			for _, is_member in ipairs( call( 'SMISMEMBER', KEYS[ number ], unpack( ARGV, new_ids, end_ids - 1 ) ) ) do
				if is_member == 1 then
					return { 'unusual' }
				end
			end
		end
	end
end
if endings > 0 then
	for index, record in ipairs( call( 'HMGET', OPEN, unpack( ARGV, end_ids, end_records - 1 ) ) ) do
		if record ~= ARGV[ end_records + index - 1 ] then
			return { 'unusual' }
		end
	end
end

call( 'HSET', WINDOWS, unpack( counters ) )
if reserves > 0 then
	call( 'HSET', OPEN, unpack( ARGV, new_records, new_ids - 1 ) )
end
if endings > 0 then
	call( 'HDEL', OPEN, unpack( ARGV, end_ids, end_records - 1 ) )
	call( 'SADD', DONE, unpack( ARGV, end_ids, end_records - 1 ) )
	call( 'PEXPIRE', DONE, ARGV[ 2 ], 'NX' )
end
return { totals, call( 'RPUSH', BOOK, unpack( ARGV, lines ) ) }
