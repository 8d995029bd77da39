/**
 * Reads Server-Sent Events from a response, piece by piece, independently of the code under test.
 */

/** One event as it came over the wire. */
export interface WireEvent {
	id: number;
	event: string;
	// eslint-disable-next-line @typescript-eslint/no-explicit-any
	data: any;
}

/** Yields the events of a response as they arrive; comments are left out. */
export async function* readEvents(
	response: Response
): AsyncGenerator< WireEvent > {
	let buffer = '';
	const decoder = new TextDecoder();
	for await ( const piece of response.body ?? [] ) {
		buffer += decoder.decode( piece, { stream: true } );
		let end;
		while ( ( end = buffer.indexOf( '\n\n' ) ) >= 0 ) {
			const block = buffer.slice( 0, end );
			buffer = buffer.slice( end + 2 );
			const event = parse( block );
			if ( event ) {
				yield event;
			}
		}
	}
	if ( buffer !== '' ) {
		throw new Error( `The stream ended inside an event: ${ buffer }` );
	}
}

/** Collects all events of a response. */
export async function allEvents( response: Response ): Promise< WireEvent[] > {
	const events: WireEvent[] = [];
	for await ( const event of readEvents( response ) ) {
		events.push( event );
	}
	return events;
}

/** Joins the text that the events carry. */
export function textOf( events: WireEvent[] ): string {
	return events
		.filter( ( { event } ) => event === 'text' )
		.map( ( { data } ) => data.delta )
		.join( '' );
}

function parse( block: string ): WireEvent | undefined {
	const field = ( name: string ) =>
		new RegExp( `^${ name }: (.*)$`, 'm' ).exec( block )?.[ 1 ];
	const event = field( 'event' );
	if ( event === undefined ) {
		return undefined;
	}
	return {
		id: Number( field( 'id' ) ),
		event,
		data: JSON.parse( field( 'data' ) ?? 'null' ),
	};
}
