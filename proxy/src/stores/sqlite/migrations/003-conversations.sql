CREATE TABLE conversations (
	id TEXT PRIMARY KEY,
	site_id TEXT NOT NULL,
	visitor_id TEXT NOT NULL,
	user TEXT,
	last_turn_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX conversations_by_age ON conversations (site_id, last_turn_at);
CREATE INDEX conversations_by_user ON conversations (site_id, user) WHERE user IS NOT NULL;

CREATE TABLE turns (
	rowid INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
	question TEXT NOT NULL,
	answer TEXT NOT NULL,
	sources TEXT NOT NULL,
	finish_reason TEXT NOT NULL,
	cache TEXT NOT NULL,
	events TEXT NOT NULL,
	cost_nano_usd INTEGER NOT NULL,
	rating TEXT,
	remark TEXT,
	asked_at INTEGER NOT NULL
);

CREATE INDEX turns_by_conversation ON turns (conversation_id, rowid);

-- Settings of a site's owner, and nonces of signed requests that were seen.
CREATE TABLE site_settings (
	site_id TEXT PRIMARY KEY,
	settings TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE site_nonces (
	site_id TEXT NOT NULL,
	nonce TEXT NOT NULL,
	expires_at INTEGER NOT NULL,
	PRIMARY KEY (site_id, nonce)
) WITHOUT ROWID;

CREATE INDEX site_nonces_by_expiry ON site_nonces (expires_at);
