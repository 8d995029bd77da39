-- What sites told: their documents, the passages these were cut into, the words of the passages, and the answers that rest on them.

CREATE TABLE knowledge_sites (
	site_id TEXT PRIMARY KEY,
	version INTEGER NOT NULL,
	passage_count INTEGER NOT NULL,
	document_count INTEGER NOT NULL,
	languages TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE documents (
	key INTEGER PRIMARY KEY,
	site_id TEXT NOT NULL,
	id TEXT NOT NULL,
	url TEXT NOT NULL,
	title TEXT NOT NULL,
	language TEXT NOT NULL,
	base_language TEXT NOT NULL,
	type TEXT NOT NULL,
	modified_at TEXT NOT NULL,
	hash TEXT NOT NULL,
	words_version INTEGER NOT NULL,
	words TEXT NOT NULL,
	UNIQUE (site_id, id)
) STRICT;

CREATE INDEX documents_by_url ON documents (site_id, url);
CREATE INDEX documents_by_language ON documents (site_id, base_language);

CREATE TABLE passages (
	site_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	document_key INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
	heading_path TEXT NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (site_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX passages_by_document ON passages (document_key, number);

-- Where each word stands. A row holds one block of passages, packed by `postings.ts`, so that a change rewrites little.
CREATE TABLE words (
	site_id TEXT NOT NULL,
	word TEXT NOT NULL,
	language TEXT NOT NULL,
	block INTEGER NOT NULL,
	postings BLOB NOT NULL,
	PRIMARY KEY (site_id, word, language, block)
) STRICT, WITHOUT ROWID;

CREATE TABLE answers (
	key INTEGER PRIMARY KEY,
	site_id TEXT NOT NULL,
	id TEXT NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('cached', 'pinned', 'forbidden')),
	question TEXT NOT NULL,
	normalised TEXT NOT NULL,
	language TEXT NOT NULL,
	scope_key TEXT NOT NULL,
	assistant_version TEXT NOT NULL,
	terms TEXT NOT NULL,
	text TEXT NOT NULL,
	sources TEXT NOT NULL,
	mood TEXT,
	cost_nano_usd INTEGER NOT NULL,
	hits INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	last_used_at INTEGER NOT NULL,
	expires_at INTEGER,
	UNIQUE (site_id, id)
) STRICT;

CREATE UNIQUE INDEX cached_answers ON answers (site_id, normalised, language, scope_key, assistant_version) WHERE status = 'cached';
CREATE INDEX owned_answers ON answers (site_id, normalised) WHERE status <> 'cached';
CREATE INDEX unused_answers ON answers (site_id, last_used_at) WHERE status = 'cached';
CREATE INDEX expiring_answers ON answers (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE answer_documents (
	site_id TEXT NOT NULL,
	document_id TEXT NOT NULL,
	answer_key INTEGER NOT NULL REFERENCES answers (key) ON DELETE CASCADE,
	PRIMARY KEY (site_id, document_id, answer_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX answer_documents_by_answer ON answer_documents (answer_key);

CREATE TABLE unanswered (
	site_id TEXT NOT NULL,
	normalised TEXT NOT NULL,
	question TEXT NOT NULL,
	language TEXT NOT NULL,
	count INTEGER NOT NULL,
	first_asked_at INTEGER NOT NULL,
	last_asked_at INTEGER NOT NULL,
	PRIMARY KEY (site_id, normalised)
) STRICT, WITHOUT ROWID;

CREATE INDEX unanswered_by_time ON unanswered (site_id, last_asked_at);
