-- Makes a change count, if the site is still as it was when the change was worked out: version, documents, cached answers and speech in one
-- step.
-- KEYS: what all keys of the site begin with. ARGV: the version and the epoch it was worked out from (0 and empty for a new site), an
-- epoch for a new site, id of the change, fields in change:<id>:now and in change:<id>, passages, documents, next free number, languages
-- as JSON, ids of changed and removed documents as JSON, ids of outdated answers as JSON, the last answer that was looked at (empty when
-- none had to be), how many fields to write down, the name under which the change may have taken precedence, ids of removed documents as JSON.
-- Returns the version, how many answers fell, how many fields are left to be written down; nothing when somebody was faster or goes first.
local site, id = KEYS[1], ARGV[4]
local knowledge, change = site .. 'knowledge', site .. 'change:' .. id
local version, epoch, pending = unpack(redis.call('HMGET', knowledge, 'version', 'epoch', 'pending'))
local first = redis.call('GET', site .. 'changing')
if (version or '0') ~= ARGV[1] or (epoch or '') ~= ARGV[2] or pending or (first and first ~= ARGV[15]) then
	return false
end
if first then
	redis.call('DEL', site .. 'changing')
end
local now = redis.call('HGETALL', change .. ':now')
if #now ~= 2 * tonumber(ARGV[5]) or redis.call('HLEN', change) ~= tonumber(ARGV[6]) or
	redis.call('LLEN', change .. ':order') ~= tonumber(ARGV[6]) then
	return redis.error_reply('ERR the change was not there as a whole')
end

version = (version or 0) + 1
redis.call('HSET', knowledge, 'version', version, 'epoch', epoch or ARGV[3], 'passages', ARGV[7],
	'documents', ARGV[8], 'next', ARGV[9], 'languages', ARGV[10])
for from = 1, #now, 2000 do
	local fields, values = {}, {}
	for at = from, math.min(from + 1998, #now), 2 do
		fields[#fields + 1] = now[at]
		values[#values + 1] = now[at + 1]
	end
	write(site, fields, values)
end
redis.call('DEL', change .. ':now')

local answers, fallen = site .. 'answers', 0
for _, document in ipairs(cjson.decode(ARGV[11])) do
	fallen = fallen + drop(answers, redis.call('SMEMBERS', answers .. ':on:' .. document))
end
fallen = fallen + drop(answers, cjson.decode(ARGV[12]))
-- An answer that was stored while the change was being worked out counts as one that came too late for the earlier documents.
if ARGV[13] ~= '' then
	fallen = fallen + drop(answers, redis.call('ZRANGEBYSCORE', answers .. ':order', '(' .. ARGV[13], '+inf'))
end

for _, document in ipairs(cjson.decode(ARGV[11])) do
	silence_all(site .. 'speech', 'on', document)
end
for _, document in ipairs(cjson.decode(ARGV[16])) do
	silence_all(site .. 'speech', 'of', document)
end

local left = 0
if ARGV[6] ~= '0' then
	redis.call('HSET', knowledge, 'pending', id)
	redis.call('PERSIST', change)
	redis.call('PERSIST', change .. ':order')
	left = write_down(site, id, tonumber(ARGV[14]))
end
return { version, fallen, left }
