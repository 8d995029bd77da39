/**
 * Has whole articles spoken in the background, one at a time for each site.
 */
import type { Logger } from 'pino';
import { DocentError } from '../../errors.ts';
import type { Settings } from '../../settings.ts';
import type { Voice } from '../../types.ts';
import type { Listen } from './listen.ts';

/** So many articles of one site may wait; the next sync names the others again. */
const MAX_WAITING = 500;

/** Articles that wait to be spoken. */
export interface ListenQueue {
	/**
	 * Takes an article on; one that waits already is not taken twice. Returns how many of the site wait, this one included. Throws `busy` when
	 * there are too many.
	 */
	add( siteId: string, documentId: string, requestId: string ): number;
	/** Ends what is being spoken. What is stored by then stays, and the rest is made when the article is named again. */
	close(): Promise< void >;
}

/** Makes an empty queue. */
export function createListenQueue( {
	listen,
	settingsOf,
	voiceOf,
	log,
}: {
	listen: Listen;
	settingsOf( siteId: string ): Promise< Settings >;
	voiceOf( settings: Settings ): Voice;
	log: Logger;
} ): ListenQueue {
	/** By site: documents with the request that named them, the one being spoken first. */
	const waiting = new Map< string, Map< string, string > >();
	const running = new Set< Promise< void > >();
	const stop = new AbortController();

	/** Speaks what is missing of one article; false when there is no point in going on with the site's others now. */
	const speakArticle = async (
		siteId: string,
		documentId: string,
		requestId: string
	): Promise< boolean > => {
		for ( let index = 0; ! stop.signal.aborted; index++ ) {
			const settings = await settingsOf( siteId );
			try {
				const speech = await listen.segment(
					{
						siteId,
						visitorId: '',
						requestId,
						settings,
						voice: voiceOf( settings ),
						priority: 'background',
						signal: stop.signal,
					},
					documentId,
					index
				);
				if ( ! speech ) {
					return true;
				}
			} catch ( error ) {
				if ( ! ( error instanceof DocentError ) ) {
					throw error;
				}
				log.info(
					{ siteId, documentId, segment: index, code: error.code },
					'an article is not read aloud any further for now'
				);
				return false;
			}
		}
		return false;
	};
	const run = async (
		siteId: string,
		documents: Map< string, string >
	): Promise< void > => {
		try {
			for ( const [ documentId, requestId ] of documents ) {
				const mayGoOn = await speakArticle(
					siteId,
					documentId,
					requestId
				);
				documents.delete( documentId );
				if ( ! mayGoOn ) {
					break;
				}
			}
		} catch ( error ) {
			log.error( { siteId, err: error }, 'articles are not read aloud' );
		} finally {
			waiting.delete( siteId );
		}
	};

	return {
		add( siteId, documentId, requestId ) {
			const documents = waiting.get( siteId );
			if ( documents ) {
				if (
					documents.size >= MAX_WAITING &&
					! documents.has( documentId )
				) {
					throw new DocentError(
						'busy',
						'Many articles wait to be read aloud. Please try again later.',
						{ retryAfterMs: 600_000 }
					);
				}
				if ( ! documents.has( documentId ) ) {
					documents.set( documentId, requestId );
				}
				return documents.size;
			}
			const fresh = new Map( [ [ documentId, requestId ] ] );
			waiting.set( siteId, fresh );
			const work = run( siteId, fresh );
			running.add( work );
			void work.then( () => running.delete( work ) );
			return 1;
		},
		async close() {
			stop.abort();
			await Promise.all( running );
		},
	};
}
