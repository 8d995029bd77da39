/**
 * Keeps a playback supplied with stored speech: a little ahead of what is heard, and again after the network failed.
 */
import { fetchSpeech, UnplayableSpeech } from './stored-speech.ts';
import type { SpeechFile } from './stored-speech.ts';

/** Samples fetched ahead, 30 s: a visitor who stops early has not paid for the rest. */
const AHEAD = 30 * 24_000;

/** Pauses before a broken fetch is taken up again. */
const RETRY_MS = [ 300, 1_500, 4_000 ];

/** Brings the samples of one file. */
export interface SpeechFeed {
	/** Brings what lies behind sample `at`, unless that is going on. */
	from( at: number ): void;
	/** Says what was heard, so that more may come. */
	heard( at: number ): void;
	/** Ends the transfer; `from` begins it again. */
	halt(): void;
}

/** Creates the feed of one file. */
export function createSpeechFeed( {
	url,
	fetch,
	push,
	finish,
	fail,
}: {
	url: string;
	fetch: typeof globalThis.fetch;
	push: ( pcm: Int16Array< ArrayBuffer > ) => void;
	finish: () => void;
	fail: ( why: unknown ) => void;
} ): SpeechFeed {
	const file: SpeechFile = {};
	let transfer: AbortController | undefined;
	let place = 0;
	let moved = () => {};

	async function bring( at: number, { signal }: AbortController ) {
		for ( let failures = 0; ; ) {
			try {
				const pieces = fetchSpeech( url, at, { file, fetch, signal } );
				for await ( const pcm of pieces ) {
					if ( signal.aborted ) {
						return;
					}
					failures = 0;
					at += pcm.length;
					push( pcm );
					while ( at - place > AHEAD && ! signal.aborted ) {
						await new Promise< void >( ( resolve ) => {
							moved = resolve;
						} );
					}
				}
				if ( ! signal.aborted ) {
					transfer = undefined;
					finish();
				}
				return;
			} catch ( why ) {
				if ( signal.aborted ) {
					return;
				}
				const pause = RETRY_MS[ failures++ ];
				if ( pause === undefined || why instanceof UnplayableSpeech ) {
					fail( why );
					return;
				}
				await new Promise( ( resolve ) =>
					setTimeout( resolve, pause )
				);
			}
			if ( signal.aborted ) {
				return;
			}
		}
	}

	return {
		from( at ) {
			if ( ! transfer ) {
				place = at;
				transfer = new AbortController();
				void bring( at, transfer );
			}
		},
		heard( at ) {
			place = at;
			moved();
		},
		halt() {
			transfer?.abort();
			transfer = undefined;
			moved();
		},
	};
}
