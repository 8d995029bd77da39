/**
 * Names the shapes that more than one room of the proxy speaks of.
 */

/** Tells the time in milliseconds since the Unix epoch. Passed in, so that tests own time. */
export type Clock = () => number;

/** A page, post, product or file of a site, as the site sends it (`PUT /v1/site/documents`). */
export interface SiteDocument {
	id: string;
	url: string;
	title: string;
	/** BCP 47 tag the site gave, for example `en` or `zh-CN`. */
	language: string;
	/** The site's own word for the kind of content: `page`, `post`, `product`, … */
	type: string;
	/** ISO 8601. */
	modifiedAt: string;
	/** The site's hash of everything that matters in the document; compared as an opaque string. */
	hash: string;
	/** Plain text whose headings are Markdown lines (`## Returns`). */
	text: string;
}

/** A piece of a document that search found. */
export interface Passage {
	documentId: string;
	documentHash: string;
	url: string;
	title: string;
	language: string;
	/** Headings above the passage, outermost first, without the title. */
	headingPath: string[];
	text: string;
	/** Relevance, higher is better, comparable only inside one result. */
	score: number;
}

/** A page that an answer rests on, as the visitor sees it. `id` counts from 1 inside one answer. */
export interface Source {
	id: number;
	title: string;
	url: string;
}

/** The page an assistant is limited to, when the owner set its scope to the page. */
export interface PageScope {
	postId?: number | undefined;
	url?: string | undefined;
	title?: string | undefined;
}

/** What an answer says about itself once it is complete. */
export type Mood = 'neutral' | 'happy' | 'worried' | 'upset' | 'angry';

/** Where an answer came from, as `done.cache` reports it. */
export type CacheOutcome =
	'pinned' | 'exact' | 'semantic' | 'coalesced' | 'miss';

/** Recorded speech that was looked at: it is what it says, and so long as it says. */
export interface AudioFile {
	bytes: Uint8Array;
	/** What the bytes are, whatever the client called them. */
	mimeType: 'audio/wav' | 'audio/webm' | 'audio/ogg';
	/** Exact length in seconds, counted from the samples or packets and never from a header. */
	seconds: number;
}

/** Who speaks, and how. */
export interface Voice {
	/** The provider's name for the voice, for example `alloy`. */
	name: string;
	/** How it speaks, in words for the model; empty says nothing. */
	instructions: string;
}
