CREATE TABLE ledger_windows (
	key TEXT PRIMARY KEY,
	spent_nano_usd INTEGER NOT NULL DEFAULT 0,
	held_nano_usd INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE ledger_reservations (
	id TEXT PRIMARY KEY,
	site_id TEXT NOT NULL,
	amount_nano_usd INTEGER NOT NULL,
	window_keys TEXT NOT NULL,
	details TEXT NOT NULL,
	expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX ledger_reservations_by_expiry ON ledger_reservations (expires_at);

CREATE TABLE ledger_entries (
	id INTEGER PRIMARY KEY,
	reservation_id TEXT NOT NULL,
	site_id TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('reserve', 'settle', 'release', 'expire')),
	amount_nano_usd INTEGER NOT NULL CHECK (amount_nano_usd >= 0),
	is_estimated INTEGER NOT NULL DEFAULT 0,
	usage TEXT,
	details TEXT NOT NULL,
	at INTEGER NOT NULL
);

CREATE INDEX ledger_entries_by_site ON ledger_entries (site_id, id);

-- A reservation begins once and ends once, whatever the code above does.
CREATE UNIQUE INDEX ledger_entries_once ON ledger_entries (reservation_id, (kind = 'reserve'));
