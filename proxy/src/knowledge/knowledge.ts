/**
 * Takes in the documents of sites and finds passages in them.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { DocentError } from '../errors.ts';
import type {
	IndexedDocument,
	KnowledgeStore,
} from '../stores/knowledge-store.ts';
import type { Clock, SiteDocument } from '../types.ts';
import { readDocument, type RejectedDocument } from './document.ts';
import { createOrder } from './in-order.ts';
import { indexDocument } from './index-document.ts';
import { findOutdated } from './outdated.ts';
import { createSearch, type Search } from './search.ts';
import { WORDS_VERSION } from './words.ts';

/** How many documents one call takes. */
export const MAX_DOCUMENTS_PER_CALL = 100;

/** How long documents are read before other work gets its turn, in milliseconds. */
const READING_SLICE_MS = 5;

/** What became of the documents of one call. */
export interface PutResult {
	/** Documents that are searchable now, the unchanged ones included. */
	accepted: number;
	rejected: RejectedDocument[];
}

/** What a site has to do so that both sides agree, as document ids. */
export interface ManifestDifference {
	/** To be sent: not known here. */
	missing: string[];
	/** To be sent again: different here. */
	stale: string[];
	/** To be removed: gone at the site. */
	extra: string[];
}

/** The documents of all sites, each site apart. */
export interface Knowledge {
	/** Takes documents; they are searchable when it resolves. One bad document does not keep the others out. */
	putDocuments(
		siteId: string,
		documents: readonly unknown[]
	): Promise< PutResult >;
	/** Returns whether there was such a document. */
	removeDocument( siteId: string, id: string ): Promise< boolean >;
	compareManifest(
		siteId: string,
		manifest: unknown
	): Promise< ManifestDifference >;
	search: Search;
	/** Lists the documents with these addresses, as they are now. */
	documentsAt(
		siteId: string,
		urls: readonly string[]
	): Promise< Array< { documentId: string; hash: string } > >;
	countDocuments( siteId: string ): Promise< number >;
	/** The number that rises with every change of the site's documents. */
	version( siteId: string ): Promise< number >;
}

const manifestSchema = z.array(
	z.object( { id: z.string().max( 200 ), hash: z.string().max( 200 ) } )
);

/** Makes the knowledge over a store. */
export function createKnowledge( {
	store,
	clock,
}: {
	store: KnowledgeStore;
	clock: Clock;
} ): Knowledge {
	const inOrder = createOrder();

	/** Reads the documents that are not yet here as they are. */
	const readNew = async (
		siteId: string,
		documents: ReadonlyMap< string, SiteDocument >
	): Promise< IndexedDocument[] > => {
		const known = await store.hashes( siteId, [ ...documents.keys() ] );
		const pause = createPause( clock );
		const read: IndexedDocument[] = [];
		for ( const document of documents.values() ) {
			if ( ! isCurrent( document, known.get( document.id ) ) ) {
				read.push( await indexDocument( document, pause ) );
			}
		}
		return read;
	};

	return {
		async putDocuments( siteId, candidates ) {
			if ( candidates.length > MAX_DOCUMENTS_PER_CALL ) {
				throw new DocentError(
					'bad_request',
					`Send at most ${ MAX_DOCUMENTS_PER_CALL } documents at once.`
				);
			}
			const { documents, rejected } = readAll( candidates );
			await inOrder( siteId, async () => {
				const put = await readNew( siteId, documents );
				if ( put.length > 0 ) {
					await store.change( siteId, {
						put,
						remove: [],
						findOutdated,
					} );
				}
			} );
			return { accepted: candidates.length - rejected.length, rejected };
		},

		async removeDocument( siteId, id ) {
			const { removed } = await inOrder( siteId, () =>
				store.change( siteId, {
					put: [],
					remove: [ id ],
					findOutdated,
				} )
			);
			return removed.length > 0;
		},

		async compareManifest( siteId, candidate ) {
			const parsed = manifestSchema.safeParse( candidate );
			if ( ! parsed.success ) {
				throw new DocentError(
					'bad_request',
					'The manifest must be a list of { id, hash }.'
				);
			}
			const known = await store.hashes( siteId );
			const sent = new Map(
				parsed.data.map( ( { id, hash } ) => [ id, hash ] )
			);
			const missing: string[] = [];
			const stale: string[] = [];
			for ( const [ id, hash ] of sent ) {
				const stored = known.get( id );
				if ( ! stored ) {
					missing.push( id );
				} else if ( ! isCurrent( { hash }, stored ) ) {
					stale.push( id );
				}
			}
			return {
				missing,
				stale,
				extra: [ ...known.keys() ].filter( ( id ) => ! sent.has( id ) ),
			};
		},

		search: createSearch( store ),

		async documentsAt( siteId, urls ) {
			if ( urls.length === 0 ) {
				return [];
			}
			const { value: numbers } = await store.passageNumbers( siteId, {
				ids: [],
				urls,
			} );
			const { value: passages } = await store.passages( siteId, numbers );
			const hashes = new Map(
				passages.map( ( { documentId, documentHash } ) => [
					documentId,
					documentHash,
				] )
			);
			return [ ...hashes ].map( ( [ documentId, hash ] ) => ( {
				documentId,
				hash,
			} ) );
		},

		async countDocuments( siteId ) {
			return ( await store.site( siteId ) ).documentCount;
		},

		async version( siteId ) {
			return ( await store.site( siteId ) ).version;
		},
	};
}

/** Reads every document; of two with one id the later counts. */
function readAll( candidates: readonly unknown[] ): {
	documents: Map< string, SiteDocument >;
	rejected: RejectedDocument[];
} {
	const documents = new Map< string, SiteDocument >();
	const rejected: RejectedDocument[] = [];
	for ( const candidate of candidates ) {
		const read = readDocument( candidate );
		if ( read.kind === 'document' ) {
			documents.set( read.document.id, read.document );
		} else {
			rejected.push( read.rejection );
		}
	}
	return { documents, rejected };
}

function isCurrent(
	{ hash }: { hash: string },
	stored: { hash: string; wordsVersion: number } | undefined
): boolean {
	return stored?.hash === hash && stored.wordsVersion === WORDS_VERSION;
}

/** Makes a function that lets other work have its turn once reading has taken long enough. */
function createPause( clock: Clock ): () => Promise< void > {
	let sliceEnd = clock() + READING_SLICE_MS;
	return async () => {
		if ( clock() > sliceEnd ) {
			await nextTurn();
			sliceEnd = clock() + READING_SLICE_MS;
		}
	};
}
