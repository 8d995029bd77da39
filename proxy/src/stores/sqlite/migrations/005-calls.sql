-- What calls are filtered and summed by. There are few such groups, so a list with any filter is a merge of a few ranges of one index.
CREATE TABLE call_groups (
	id INTEGER PRIMARY KEY,
	site_id TEXT NOT NULL,
	model TEXT NOT NULL,
	tier TEXT NOT NULL,
	kind TEXT NOT NULL,
	cache TEXT NOT NULL,
	outcome TEXT NOT NULL,
	UNIQUE (site_id, model, tier, kind, cache, outcome)
);

CREATE TABLE calls (
	seq INTEGER PRIMARY KEY,
	id TEXT NOT NULL,
	group_id INTEGER NOT NULL REFERENCES call_groups (id),
	at INTEGER NOT NULL,
	turn_id TEXT NOT NULL,
	-- A number made from the turn (or the id, where there is none): a quarter of the size of an index over the ids themselves.
	turn_key INTEGER NOT NULL,
	request_id TEXT NOT NULL,
	visitor TEXT NOT NULL,
	provider TEXT NOT NULL,
	reason TEXT NOT NULL,
	attempt INTEGER NOT NULL,
	error_kind TEXT NOT NULL,
	usage TEXT,
	features TEXT,
	is_estimated INTEGER NOT NULL,
	input_tokens INTEGER NOT NULL,
	output_tokens INTEGER NOT NULL,
	reserved_nano_usd INTEGER NOT NULL,
	cost_nano_usd INTEGER NOT NULL,
	saved_nano_usd INTEGER NOT NULL,
	queue_ms INTEGER NOT NULL,
	first_token_ms INTEGER,
	total_ms INTEGER NOT NULL
);

CREATE INDEX calls_by_group ON calls (group_id, at);
CREATE INDEX calls_by_turn ON calls (turn_key);

-- The sums of a group on a local day of its site. They stay when the calls are forgotten.
CREATE TABLE call_rollups (
	group_id INTEGER NOT NULL REFERENCES call_groups (id),
	day TEXT NOT NULL,
	calls INTEGER NOT NULL,
	input_tokens INTEGER NOT NULL,
	output_tokens INTEGER NOT NULL,
	cost_nano_usd INTEGER NOT NULL,
	saved_nano_usd INTEGER NOT NULL,
	PRIMARY KEY (group_id, day)
) WITHOUT ROWID;
