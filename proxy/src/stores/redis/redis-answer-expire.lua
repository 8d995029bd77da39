-- Deletes some of the answers that expired. KEYS: answers. ARGV: now, how many at most. Returns how many.
return drop(KEYS[1], redis.call('ZRANGEBYSCORE', KEYS[1] .. ':expiry', '-inf', ARGV[1], 'LIMIT', 0, ARGV[2]))
