-- Knows where a site's documents stand. Stands before every script of knowledge; `site` is what all keys begin with.
--   knowledge                   version, epoch, passages, documents, next (free passage number), languages (documents by language,
--                               as JSON) and, while a change is being written down, the id of that change as pending
--   documents                   id -> everything but the text, as JSON
--   documents:hashes            id -> version of the word rules, a space, hash
--   documents:numbers           id -> numbers of its passages, as JSON
--   documents:words             id -> its words, compressed
--   urls                        address -> ids of documents, as JSON
--   passages                    number -> id of the document, a line break, headings and text as JSON
--   words:<language>:<block>    word -> postings, as postings.ts packs them
--   change:<id>                 what a change writes: where, a line break, field -> value (empty: the field goes)
--   change:<id>:order           its fields in the order in which they are written down
--   changing                    the change that goes first because another one overtook it
--   change:<id>:now             what of it is written in the same step in which the change counts, in the same form
--
-- A change counts from one step on, whatever its size. Its words and passages are then written down in further steps; until that is
-- done, everybody who reads looks into the change first.

local function hmget(key, fields, first)
	local values = {}
	for at = first or 1, #fields, 4000 do
		for _, value in ipairs(redis.call('HMGET', key, unpack(fields, at, math.min(at + 3999, #fields)))) do
			values[#values + 1] = value
		end
	end
	return values
end

-- Reads fields of a hash as they are with a change that is not written down yet.
local function read(site, pending, name, fields, first)
	local values = hmget(site .. name, fields, first)
	if pending then
		local changed = {}
		for at = first or 1, #fields do
			changed[#changed + 1] = name .. '\n' .. fields[at]
		end
		for at, value in ipairs(hmget(site .. 'change:' .. pending, changed)) do
			if value then
				values[at] = value ~= '' and value
			end
		end
	end
	return values
end

-- Writes fields of a change where they belong.
local function write(site, fields, values)
	local set, gone = {}, {}
	for at, name in ipairs(fields) do
		local target, field = string.match(name, '^([^\n]*)\n(.*)$')
		local lists = values[at] == '' and gone or set
		lists[target] = lists[target] or {}
		table.insert(lists[target], field)
		if values[at] ~= '' then
			table.insert(lists[target], values[at])
		end
	end
	for target, list in pairs(set) do
		redis.call('HSET', site .. target, unpack(list))
	end
	for target, list in pairs(gone) do
		redis.call('HDEL', site .. target, unpack(list))
	end
end

-- Writes down a part of the pending change; tells how many fields are left.
local function write_down(site, pending, limit)
	local change = site .. 'change:' .. pending
	-- Without the list (a server that throws keys away) any order will do.
	local fields = redis.call('LPOP', change .. ':order', limit) or redis.call('HRANDFIELD', change, limit)
	if #fields > 0 then
		write(site, fields, redis.call('HMGET', change, unpack(fields)))
		redis.call('HDEL', change, unpack(fields))
	end
	local left = redis.call('HLEN', change)
	if left == 0 then
		redis.call('HDEL', site .. 'knowledge', 'pending')
	end
	return left
end
