-- The ledger counts by unit. A reservation's facts stand once, in the entry that begins it; what is open stands beside it in a small table.

ALTER TABLE ledger_windows RENAME TO old_windows;
ALTER TABLE ledger_reservations RENAME TO old_reservations;
ALTER TABLE ledger_entries RENAME TO old_entries;
DROP INDEX ledger_reservations_by_expiry;
DROP INDEX ledger_entries_by_site;
DROP INDEX ledger_entries_once;

CREATE TABLE ledger_windows (
	id INTEGER PRIMARY KEY,
	key TEXT NOT NULL UNIQUE,
	unit TEXT NOT NULL CHECK (unit IN ('nanoUsd', 'voiceSeconds', 'images')),
	spent INTEGER NOT NULL DEFAULT 0 CHECK (spent BETWEEN 0 AND 9007199254740991),
	held INTEGER NOT NULL DEFAULT 0 CHECK (held BETWEEN 0 AND 9007199254740991)
) STRICT;

-- Never edited, never deleted. An expired reservation can be reconciled once: the amounts of that entry take the place of what expired.
CREATE TABLE ledger_entries (
	id INTEGER PRIMARY KEY,
	reservation_id TEXT NOT NULL,
	site_id TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('reserve', 'settle', 'release', 'expire', 'reconcile', 'correct')),
	step INTEGER GENERATED ALWAYS AS (CASE kind WHEN 'reserve' THEN 0 WHEN 'correct' THEN 0 WHEN 'reconcile' THEN 2 ELSE 1 END) VIRTUAL,
	nano_usd INTEGER NOT NULL,
	voice_seconds INTEGER NOT NULL DEFAULT 0,
	images INTEGER NOT NULL DEFAULT 0,
	is_estimated INTEGER NOT NULL DEFAULT 0,
	at INTEGER NOT NULL,
	usage TEXT,
	-- Ids of the windows that the reservation or correction counts in, with a space between; later entries of a reservation have none of their own.
	windows TEXT,
	-- What the call is about, or why an owner corrected; JSON, in the first entry only.
	details TEXT,
	CHECK (kind = 'correct' OR (nano_usd >= 0 AND voice_seconds >= 0 AND images >= 0))
) STRICT;

-- A reservation begins once, ends once and is reconciled once, whatever the code does.
CREATE UNIQUE INDEX ledger_entries_once ON ledger_entries (reservation_id, step);

CREATE TABLE ledger_open (
	-- The entry that began the reservation.
	entry_id INTEGER PRIMARY KEY,
	expires_at INTEGER NOT NULL
) STRICT;

INSERT INTO ledger_windows (key, unit, spent, held)
	SELECT key, 'nanoUsd', spent_nano_usd, held_nano_usd FROM old_windows ORDER BY key;

-- Entries of the older book do not name their windows, so what these held stands as carried over. Open reservations do name them.
INSERT INTO ledger_entries (id, reservation_id, site_id, kind, nano_usd, is_estimated, at, usage, windows, details)
	SELECT
		entry.id, entry.reservation_id, entry.site_id, entry.kind, entry.amount_nano_usd, entry.is_estimated, entry.at, entry.usage,
		CASE entry.kind WHEN 'reserve' THEN coalesce(
			(
				SELECT group_concat(ledger_windows.id, ' ')
				FROM old_reservations, json_each(old_reservations.window_keys) AS named
				JOIN ledger_windows ON ledger_windows.key = named.value
				WHERE old_reservations.id = entry.reservation_id
			),
			''
		) END,
		CASE entry.kind WHEN 'reserve' THEN entry.details END
	FROM old_entries AS entry
	ORDER BY entry.id;

INSERT INTO ledger_open (entry_id, expires_at)
	SELECT ledger_entries.id, old_reservations.expires_at
	FROM old_reservations
	JOIN ledger_entries ON ledger_entries.reservation_id = old_reservations.id AND ledger_entries.step = 0;

-- A window's key is `site:<site>:…` or `visitor:<site>:…`.
INSERT INTO ledger_entries (reservation_id, site_id, kind, nano_usd, at, windows, details)
	SELECT
		'carried-' || id,
		substr(substr(key, instr(key, ':') + 1), 1, instr(substr(key, instr(key, ':') + 1), ':') - 1),
		'correct',
		spent,
		unixepoch() * 1000,
		id,
		json_object('model', '', 'tier', '', 'visitorId', '', 'turnId', '', 'reason', 'carried over from the older book')
	FROM ledger_windows
	WHERE spent > 0;

DROP TABLE old_windows;
DROP TABLE old_reservations;
DROP TABLE old_entries;
