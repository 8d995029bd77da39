-- Knows where a site's conversations stand and how one goes. Stands before every script of conversations; `site` is what all keys begin with.
--   conversations            ids by the time of the last turn
--   conversation:<id>        visitor, user, count of turns, and of turn number i: t:i (its id, a space, how it came about),
--                            q:i (what was said, as JSON), e:i (the events), r:i (the rating, as JSON)
--   turn:<id>                id of its conversation, a space, its number
--   conversations-of:<user>  ids of a signed-in person's conversations
--   asked                    every way in which an answer came about
--   asked:<way>              turns by the time they were asked

local function numbered(prefix, first, last)
	local fields = {}
	for number = first, last do
		fields[#fields + 1] = prefix .. number
	end
	return fields
end

-- Forgets a conversation; tells whether there was one.
local function forget(site, id)
	redis.call('ZREM', site .. 'conversations', id)
	local key = site .. 'conversation:' .. id
	local count = tonumber(redis.call('HGET', key, 'count'))
	if not count then
		return false
	end
	for number = 1, count do
		local turn, way = string.match(redis.call('HGET', key, 't:' .. number), '^(%S+) (.*)$')
		redis.call('DEL', site .. 'turn:' .. turn)
		redis.call('ZREM', site .. 'asked:' .. way, turn)
	end
	local user = redis.call('HGET', key, 'user')
	if user then
		redis.call('SREM', site .. 'conversations-of:' .. user, id)
	end
	redis.call('DEL', key)
	return true
end

-- Finds a visitor's turn: the key of its conversation and its number in it.
local function find_turn(site, visitor, turn)
	local place = redis.call('GET', site .. 'turn:' .. turn)
	if not place then
		return nil
	end
	local id, number = string.match(place, '^(%S+) (%d+)$')
	local key = site .. 'conversation:' .. id
	if redis.call('HGET', key, 'visitor') ~= visitor then
		return nil
	end
	return key, number, id
end
