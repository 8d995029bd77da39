/**
 * Fetches stored speech piece by piece, from any place on, so that it is heard before it has all come.
 */

/** Bytes of the longest header that is read; ours has 44. */
const MAX_HEADER = 4_096;

/** The first bytes of a file are needed before its samples can be addressed. */
export interface SpeechFile {
	/** Byte of the first sample; `undefined` until the beginning was read. */
	dataAt?: number | undefined;
}

/** Says that the speech cannot be had, however often it is asked for. */
export class UnplayableSpeech extends Error {}

/**
 * Yields the samples of a WAV file (PCM16, 24 kHz, mono) from sample `from` on. `file` keeps what was learned of it between two calls.
 * Throws when the reply is no such file; an aborted signal rejects with its reason.
 */
export async function* fetchSpeech(
	url: string,
	from: number,
	{
		file,
		fetch,
		signal,
	}: {
		file: SpeechFile;
		fetch: typeof globalThis.fetch;
		signal: AbortSignal;
	}
): AsyncGenerator< Int16Array< ArrayBuffer > > {
	const start = file.dataAt !== undefined ? file.dataAt + from * 2 : 0;
	const response = await fetch( url, {
		credentials: 'omit',
		signal,
		...( start > 0 && { headers: { Range: `bytes=${ start }-` } } ),
	} );
	if ( response.status === 416 ) {
		// There is nothing behind the end.
		return;
	}
	if ( ! response.ok || ! response.body ) {
		const isFinal = response.status < 500 && response.status !== 429;
		throw new ( isFinal ? UnplayableSpeech : Error )(
			`The speech cannot be fetched: ${ response.status }.`
		);
	}
	/** What came and was not given on. */
	let held = new Uint8Array( 0 );
	/** Bytes to leave out before the first sample; unknown until the header is read. */
	let skip = response.status === 206 && start > 0 ? 0 : undefined;

	const reader = response.body.getReader();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if ( done ) {
				break;
			}
			held = joined( held, value );
			if ( skip === undefined ) {
				file.dataAt = dataOffset( held );
				if ( file.dataAt === undefined ) {
					continue;
				}
				skip = file.dataAt + from * 2;
			}
			const left = Math.min( skip, held.length );
			skip -= left;
			held = held.slice( left );
			const whole = held.length - ( held.length % 2 );
			if ( whole > 0 ) {
				yield new Int16Array( held.buffer.slice( 0, whole ) );
				held = held.slice( whole );
			}
		}
	} finally {
		// Lets go of what is still on its way when nobody wants more.
		reader.cancel().catch( () => {} );
	}
	if ( skip === undefined ) {
		throw new Error( 'The speech is not complete.' );
	}
}

function joined(
	first: Uint8Array< ArrayBuffer >,
	second: Uint8Array
): Uint8Array< ArrayBuffer > {
	const both = new Uint8Array( first.length + second.length );
	both.set( first );
	both.set( second, first.length );
	return both;
}

/** Finds the first sample; `undefined` when the header has not all come. */
function dataOffset( bytes: Uint8Array< ArrayBuffer > ): number | undefined {
	const view = new DataView( bytes.buffer );
	const name = ( at: number ) =>
		String.fromCharCode( ...bytes.subarray( at, at + 4 ) );
	if (
		bytes.length >= 12 &&
		( name( 0 ) !== 'RIFF' || name( 8 ) !== 'WAVE' )
	) {
		throw new UnplayableSpeech( 'The speech is no WAV file.' );
	}
	for ( let at = 12; at + 8 <= bytes.length; ) {
		if ( name( at ) === 'data' ) {
			return at + 8;
		}
		const size = view.getUint32( at + 4, true );
		if ( name( at ) === 'fmt ' && at + 24 <= bytes.length ) {
			const isOurs =
				view.getUint16( at + 10, true ) === 1 &&
				view.getUint32( at + 12, true ) === 24_000 &&
				view.getUint16( at + 22, true ) === 16;
			if ( ! isOurs ) {
				throw new UnplayableSpeech(
					'The speech is not 24 kHz mono PCM16.'
				);
			}
		}
		at += 8 + size + ( size % 2 );
	}
	if ( bytes.length > MAX_HEADER ) {
		throw new UnplayableSpeech( 'The speech has no samples.' );
	}
	return undefined;
}
