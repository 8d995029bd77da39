/**
 * Remembers sentences that were spoken of late, and lets those who want the same one at the same time share the work, so that it is paid once.
 */
import { LRUCache } from 'lru-cache';
import type { SentenceEnd } from './speak-sentence.ts';
import { BYTES_PER_SECOND } from './speech-bounds.ts';
import { join } from './trim-speech.ts';

/** So much sound is remembered, in bytes: about five minutes. */
const MAX_BYTES = 16 * 1024 * 1024;

/** What is remembered is handed out in pieces of half a second. */
const PIECE_BYTES = BYTES_PER_SECOND / 2;

type SpokenEnd = Extract< SentenceEnd, { kind: 'spoken' } >;

/** How a sentence ended for one of those who wanted it. */
export interface SharedEnd {
	end: SentenceEnd;
	/** True for the one whose money was spent. */
	isOwn: boolean;
}

/** Sentences by what they depend on. */
export interface SentenceCache {
	/**
	 * Shows a sentence: a remembered one at once, one in the making along with it, and otherwise by `make`, whose signal aborts when nobody
	 * wants it any more. `keyOf` names the sentence as a model speaks it.
	 */
	speak( request: {
		keyOf( modelId: string ): string;
		/** The model that is asked first. */
		modelId: string;
		make( options: {
			signal: AbortSignal;
			show( pcm: Uint8Array ): void;
		} ): Promise< SentenceEnd >;
		signal: AbortSignal;
		show( pcm: Uint8Array ): void;
	} ): Promise< SharedEnd >;
}

/** A sentence in the making. */
interface Work {
	pieces: Uint8Array[];
	listeners: Set< ( pcm: Uint8Array ) => void >;
	stop: AbortController;
	end: Promise< SentenceEnd >;
}

/** Makes an empty cache. */
export function createSentenceCache( {
	maxBytes = MAX_BYTES,
}: { maxBytes?: number } = {} ): SentenceCache {
	const remembered = new LRUCache<
		string,
		{ pcm: Uint8Array; end: SpokenEnd }
	>( {
		maxSize: maxBytes,
		sizeCalculation: ( { pcm } ) => pcm.length + 512,
	} );
	const working = new Map< string, Work >();

	const begin = (
		key: string,
		{ keyOf, make }: Parameters< SentenceCache[ 'speak' ] >[ 0 ]
	): Work => {
		const stop = new AbortController();
		const pieces: Uint8Array[] = [];
		const listeners: Work[ 'listeners' ] = new Set();
		const run = async (): Promise< SentenceEnd > => {
			try {
				const end = await make( {
					signal: stop.signal,
					show( pcm ) {
						pieces.push( pcm );
						for ( const listener of listeners ) {
							listener( pcm );
						}
					},
				} );
				if ( end.kind === 'spoken' && end.isFaithful ) {
					remembered.set( keyOf( end.model.id ), {
						pcm: join( pieces ),
						end,
					} );
				}
				return end;
			} finally {
				forget( key, work );
			}
		};
		const work: Work = {
			pieces,
			listeners,
			stop,
			end: Promise.resolve().then( run ),
		};
		working.set( key, work );
		return work;
	};
	const forget = ( key: string, work: Work ): void => {
		if ( working.get( key ) === work ) {
			working.delete( key );
		}
	};

	return {
		async speak( request ) {
			const { signal, show } = request;
			const key = request.keyOf( request.modelId );
			const known = remembered.get( key );
			if ( known ) {
				for ( let at = 0; at < known.pcm.length; at += PIECE_BYTES ) {
					show( known.pcm.subarray( at, at + PIECE_BYTES ) );
				}
				return { end: known.end, isOwn: false };
			}
			const shared = working.get( key );
			const work = shared ?? begin( key, request );
			for ( const pcm of work.pieces ) {
				show( pcm );
			}
			const listener = ( pcm: Uint8Array ) => show( pcm );
			work.listeners.add( listener );
			const left = Promise.withResolvers< 'left' >();
			const leave = () => left.resolve( 'left' );
			signal.addEventListener( 'abort', leave, { once: true } );
			if ( signal.aborted ) {
				leave();
			}
			try {
				const end = await Promise.race( [ work.end, left.promise ] );
				if ( end !== 'left' ) {
					return { end, isOwn: ! shared };
				}
			} finally {
				work.listeners.delete( listener );
				signal.removeEventListener( 'abort', leave );
			}
			if ( work.listeners.size > 0 ) {
				return {
					end: { kind: 'stopped', costNanoUsd: 0 },
					isOwn: false,
				};
			}
			forget( key, work );
			work.stop.abort();
			// What it cost must be in the book before whoever paid goes on.
			return { end: await work.end, isOwn: ! shared };
		},
	};
}
