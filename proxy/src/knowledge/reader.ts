/**
 * Reads sites through a small memory of what was read last, because questions of one site keep asking for the same words and
 * passages. Nothing outlives the version of the documents it was read at.
 */
import type {
	DocumentSelection,
	KnowledgeStore,
	SiteIndex,
	StoredPassage,
} from '../stores/knowledge-store.ts';
import type { Postings } from '../stores/postings.ts';
import { isStoreAway } from '../stores/store-away.ts';

/** How many sites are remembered, and how much of each, in bytes of postings and in passages. */
const MAX_SITES = 8;
const MAX_POSTINGS_BYTES = 2_000_000;
const MAX_WORDS = 5_000;
const MAX_PASSAGES = 500;

/** One version of one site. Every method returns undefined when the documents have changed meanwhile. */
export interface SiteReader {
	site: SiteIndex;
	/** Returns the postings of each word, in the order of `words`. */
	postings( words: readonly string[] ): Promise< Postings[][] | undefined >;
	/** Returns the passages that there are, in the order of `numbers`. */
	passages(
		numbers: readonly number[]
	): Promise< StoredPassage[] | undefined >;
	passageNumbers(
		selection: DocumentSelection
	): Promise< number[] | undefined >;
}

/** Opens the current version of a site for reading. */
export type OpenSite = ( siteId: string ) => Promise< SiteReader >;

/** Makes the reader over a store. */
export function createReader( store: KnowledgeStore ): OpenSite {
	const readers = new Map< string, SiteReader >();

	return async ( siteId ) => {
		const site = await readOrRecall(
			store,
			siteId,
			() => readers.get( siteId )?.site
		);
		const known = readers.get( siteId );
		// The site used last goes to the end; the first one is the longest unused.
		readers.delete( siteId );
		const reader =
			known?.site.version === site.version &&
			known.site.epoch === site.epoch
				? known
				: readSite( store, siteId, site );
		readers.set( siteId, reader );
		if ( readers.size > MAX_SITES ) {
			const [ oldest = '' ] = readers.keys();
			readers.delete( oldest );
		}
		return reader;
	};
}

/** Reads a site as it is now; while the store is away, it is as it was when it was read last. */
async function readOrRecall(
	store: KnowledgeStore,
	siteId: string,
	recall: () => SiteIndex | undefined
): Promise< SiteIndex > {
	try {
		return await store.site( siteId );
	} catch ( error ) {
		const known = isStoreAway( error ) ? recall() : undefined;
		if ( known ) {
			return known;
		}
		throw error;
	}
}

function readSite(
	store: KnowledgeStore,
	siteId: string,
	site: SiteIndex
): SiteReader {
	const words = new Map< string, Postings[] >();
	const passages = new Map< number, StoredPassage >();
	let bytes = 0;

	return {
		site,

		async postings( wanted ) {
			if ( bytes > MAX_POSTINGS_BYTES || words.size > MAX_WORDS ) {
				words.clear();
				bytes = 0;
			}
			// Held here, because another search may clear the memory while this one waits.
			const found = new Map< string, Postings[] >();
			const missing: string[] = [];
			for ( const word of wanted ) {
				const blocks = words.get( word );
				if ( blocks ) {
					found.set( word, blocks );
				} else {
					missing.push( word );
				}
			}
			if ( missing.length > 0 ) {
				const { version, value } = await store.postings(
					siteId,
					missing
				);
				if ( version !== site.version ) {
					return undefined;
				}
				for ( const [ index, word ] of missing.entries() ) {
					const blocks = value[ index ] ?? [];
					found.set( word, blocks );
					words.set( word, blocks );
					bytes += size( blocks );
				}
			}
			return wanted.map( ( word ) => found.get( word ) ?? [] );
		},

		async passages( wanted ) {
			const found = new Map< number, StoredPassage >();
			const missing: number[] = [];
			for ( const number of wanted ) {
				const passage = passages.get( number );
				if ( passage ) {
					found.set( number, passage );
				} else {
					missing.push( number );
				}
			}
			if ( missing.length > 0 ) {
				const { version, value } = await store.passages(
					siteId,
					missing
				);
				if ( version !== site.version ) {
					return undefined;
				}
				if ( passages.size + value.length > MAX_PASSAGES ) {
					passages.clear();
				}
				for ( const passage of value ) {
					found.set( passage.number, passage );
					passages.set( passage.number, passage );
				}
			}
			return wanted.flatMap( ( number ) => found.get( number ) ?? [] );
		},

		async passageNumbers( selection ) {
			const { version, value } = await store.passageNumbers(
				siteId,
				selection
			);
			return version === site.version ? value : undefined;
		},
	};
}

function size( blocks: readonly Postings[] ): number {
	return blocks.reduce( ( sum, { pairs } ) => sum + pairs.byteLength, 0 );
}
