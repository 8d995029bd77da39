-- Adds events to a turn's stream, under the id of the last of them, and wakes the proxies that read.
-- KEYS: the stream. ARGV: id of the last event, the events, milliseconds to keep, the message, and the readers' channels.
-- An id that is there already is refused by the stream, which is right: so are its events. Any other refusal (no memory) is an error.
local reply = redis.pcall('XADD', KEYS[1], ARGV[1] .. '-0', 'events', ARGV[2])
if type(reply) == 'table' and reply.err and not string.find(reply.err, 'equal or smaller', 1, true) then
	return reply
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
for index = 5, #ARGV do
	redis.call('PUBLISH', ARGV[index], ARGV[4])
end
