-- Which documents speech rests on. `is_reading`: it reads the document itself aloud, so that what stayed in it may stay as well.
CREATE TABLE speech_documents (
	site_id TEXT NOT NULL,
	document_id TEXT NOT NULL,
	speech_id TEXT NOT NULL REFERENCES speech (id) ON DELETE CASCADE,
	is_reading INTEGER NOT NULL,
	PRIMARY KEY (site_id, document_id, speech_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX speech_documents_by_speech ON speech_documents (speech_id);
