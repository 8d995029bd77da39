-- Speech that was stored; the sound itself is a file beside the database, named by its id.
CREATE TABLE speech (
	id TEXT PRIMARY KEY,
	site_id TEXT NOT NULL,
	mime_type TEXT NOT NULL,
	bytes INTEGER NOT NULL,
	duration_ms INTEGER NOT NULL,
	sentences TEXT NOT NULL,
	cost_nano_usd INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	last_used_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX speech_by_use ON speech (site_id, last_used_at);
CREATE INDEX speech_by_age ON speech (last_used_at);
