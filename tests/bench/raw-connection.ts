/**
 * Speaks HTTP/1.1 on one kept-alive socket with as little work as possible, so that the load generator is not what is measured.
 */
import { connect, type Socket } from 'node:net';

const CHUNKED_END = Buffer.from( '0\r\n\r\n' );
const HEAD_END = Buffer.from( '\r\n\r\n' );

/** One finished response. */
export interface RawResponse {
	status: number;
	/** Head and body as they came, chunk frames included. */
	text: string;
}

/** A connection that carries one exchange after another. */
export interface RawConnection {
	/**
	 * Sends a request and calls back when the response is complete. `onData` sees everything received so far each time more
	 * of it came.
	 */
	exchange(
		request: Buffer,
		onEnd: ( response: RawResponse ) => void,
		onData?: ( text: Buffer ) => void
	): void;
	close(): void;
}

/** Opens a connection to the loopback address. A broken connection ends the exchange with status 0 and opens anew. */
export function openRawConnection( port: number ): RawConnection {
	let socket: Socket | undefined;
	let parts: Buffer[] = [];
	let size = 0;
	let expected: number | undefined;
	let onEnd: ( ( response: RawResponse ) => void ) | undefined;
	let onData: ( ( text: Buffer ) => void ) | undefined;

	const finish = ( isWhole: boolean ): void => {
		const bytes = Buffer.concat( parts );
		const done = onEnd;
		onEnd = undefined;
		done?.( {
			status: isWhole ? Number( bytes.toString( 'latin1', 9, 12 ) ) : 0,
			text: bytes.toString( 'utf8' ),
		} );
	};
	const take = ( bytes: Buffer ): void => {
		if ( parts.length === 0 ) {
			expected = expectedSize( bytes );
		}
		parts.push( bytes );
		size += bytes.length;
		onData?.( parts.length === 1 ? bytes : Buffer.concat( parts ) );
		const isWhole =
			expected === undefined ? endsChunked( bytes ) : size >= expected;
		if ( isWhole ) {
			finish( true );
		}
	};
	const open = (): Socket => {
		const opened = connect( { port, host: '127.0.0.1', noDelay: true } );
		opened.on( 'data', take );
		opened.on( 'error', () => undefined );
		opened.on( 'close', () => {
			if ( socket === opened ) {
				socket = undefined;
				finish( false );
			}
		} );
		return opened;
	};

	return {
		exchange( request, end, data ) {
			parts = [];
			size = 0;
			onEnd = end;
			onData = data;
			socket ??= open();
			socket.write( request );
		},
		close() {
			const closing = socket;
			socket = undefined;
			onEnd = undefined;
			closing?.destroy();
		},
	};
}

/** Head and body together, when the head says how long the body is. */
function expectedSize( first: Buffer ): number | undefined {
	const headEnd = first.indexOf( HEAD_END );
	const head = first.toString( 'latin1', 0, Math.max( 0, headEnd ) );
	const length = /\r\ncontent-length: *(\d+)/i.exec( head )?.[ 1 ];
	if ( length !== undefined ) {
		return headEnd + HEAD_END.length + Number( length );
	}
	return head.startsWith( 'HTTP/1.1 204' )
		? headEnd + HEAD_END.length
		: undefined;
}

function endsChunked( bytes: Buffer ): boolean {
	return (
		bytes.length >= CHUNKED_END.length &&
		bytes.subarray( -CHUNKED_END.length ).equals( CHUNKED_END )
	);
}

/** Builds the bytes of a request with a JSON body (or none). */
export function requestBytes( options: {
	method: string;
	path: string;
	headers?: Record< string, string >;
	body?: unknown;
} ): Buffer {
	const body =
		options.body === undefined ? '' : JSON.stringify( options.body );
	const headers = {
		host: '127.0.0.1',
		...( body === '' ? {} : { 'content-type': 'application/json' } ),
		'content-length': String( Buffer.byteLength( body ) ),
		...options.headers,
	};
	const head = Object.entries( headers )
		.map( ( [ name, value ] ) => `${ name }: ${ value }\r\n` )
		.join( '' );
	return Buffer.from(
		`${ options.method } ${ options.path } HTTP/1.1\r\n${ head }\r\n${ body }`
	);
}
