-- Deletes one answer. KEYS: answers. ARGV: id. Returns 1 when there was one.
return drop(KEYS[1], { ARGV[1] })
