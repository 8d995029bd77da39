-- Deletes one answer. KEYS: answers. ARGV: id. Returns 1 when there was one.
return drop(KEYS[1], ARGV[1]) and 1 or 0
