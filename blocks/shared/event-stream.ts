/**
 * Reads server-sent events from a fetch response: bytes in, events out, whatever the boundaries of the pieces.
 */

/** One event as it stood on the wire. */
export interface StreamEvent {
	/** Empty when the event carried none. */
	id: string;
	/** `message` when the event named none. */
	name: string;
	data: string;
}

/** A line longer than this is no answer of a proxy; reading on would only fill memory. */
const MAX_LINE_CHARACTERS = 1_000_000;

/** Creates a parser that takes pieces of text of any size and hands over every complete event, in order. */
export function createEventParser( onEvent: ( event: StreamEvent ) => void ): {
	push( piece: string ): void;
} {
	let buffer = '';
	let isFirstPiece = true;
	let endedWithCarriageReturn = false;
	let id = '';
	let name = '';
	let data: string[] = [];

	function takeLine( line: string ): void {
		if ( line === '' ) {
			if ( data.length > 0 ) {
				onEvent( {
					id,
					name: name || 'message',
					data: data.join( '\n' ),
				} );
			}
			id = '';
			name = '';
			data = [];
			return;
		}
		const colon = line.indexOf( ':' );
		const field = colon === -1 ? line : line.slice( 0, colon );
		const value =
			colon === -1 ? '' : line.slice( colon + 1 ).replace( /^ /, '' );
		if ( field === 'data' ) {
			data.push( value );
		} else if ( field === 'event' ) {
			name = value;
		} else if ( field === 'id' && ! value.includes( '\0' ) ) {
			id = value;
		}
	}

	return {
		push( piece ) {
			if ( piece === '' ) {
				return;
			}
			if ( isFirstPiece ) {
				isFirstPiece = false;
				piece = piece.replace( /^\uFEFF/, '' );
			}
			// A line may end with CR LF, and the two may arrive in different pieces.
			if ( endedWithCarriageReturn && piece.startsWith( '\n' ) ) {
				piece = piece.slice( 1 );
			}
			endedWithCarriageReturn = piece.endsWith( '\r' );
			const lines = ( buffer + piece ).split( /\r\n|\r|\n/ );
			buffer = lines.pop() ?? '';
			if ( buffer.length > MAX_LINE_CHARACTERS ) {
				throw new RangeError(
					'A line of the event stream is too long.'
				);
			}
			lines.forEach( takeLine );
		},
	};
}

/**
 * Yields the events of a response body until it ends; an unfinished event at the end is dropped, as the standard says.
 * `onActivity` hears of every piece of bytes, so that heartbeat comments count as signs of life.
 */
export async function* readEventStream(
	body: ReadableStream< Uint8Array >,
	onActivity: () => void = () => {}
): AsyncGenerator< StreamEvent, void, undefined > {
	const queue: StreamEvent[] = [];
	const parser = createEventParser( ( event ) => queue.push( event ) );
	const decoder = new TextDecoder();
	const reader = body.getReader();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if ( done ) {
				return;
			}
			onActivity();
			parser.push( decoder.decode( value, { stream: true } ) );
			yield* queue.splice( 0 );
		}
	} finally {
		// Leaving the loop early must close the connection too; a body that failed has nothing to cancel.
		reader.cancel().catch( () => {} );
	}
}
