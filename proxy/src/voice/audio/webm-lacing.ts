/**
 * Takes the packets of a WebM block apart (RFC 9559 section 10.3): one, or several in one of three ways.
 */
import { readVint } from './webm-numbers.ts';

const NONE = 0;
const XIPH = 1;
const FIXED = 2;

/** Where the first packet begins, and how many bytes each has. */
export interface Laced {
	start: number;
	sizes: number[];
}

/** Reads the sizes of the packets behind a block's head; undefined when they do not fit into it, or when one has no byte. */
export function lacedSizes(
	frames: Uint8Array,
	lacing: number
): Laced | undefined {
	if ( lacing === NONE ) {
		return { start: 0, sizes: [ frames.length ] };
	}
	const first = frames[ 0 ];
	if ( first === undefined ) {
		return undefined;
	}
	const packets = first + 1;
	if ( lacing === FIXED ) {
		const size = ( frames.length - 1 ) / packets;
		return Number.isInteger( size ) && size > 0
			? { start: 1, sizes: Array( packets ).fill( size ) }
			: undefined;
	}
	const laced =
		lacing === XIPH
			? xiphSizes( frames, packets - 1 )
			: ebmlSizes( frames, packets - 1 );
	if ( ! laced ) {
		return undefined;
	}
	// The last packet is what is left.
	const taken = laced.sizes.reduce(
		( sum, size ) => sum + size,
		laced.start
	);
	return taken < frames.length && ! laced.sizes.includes( 0 )
		? { ...laced, sizes: [ ...laced.sizes, frames.length - taken ] }
		: undefined;
}

function xiphSizes( frames: Uint8Array, count: number ): Laced | undefined {
	const sizes: number[] = [];
	let start = 1;
	while ( sizes.length < count ) {
		let size = 0;
		let byte: number | undefined;
		do {
			byte = frames[ start++ ];
			if ( byte === undefined ) {
				return undefined;
			}
			size += byte;
		} while ( byte === 255 );
		sizes.push( size );
	}
	return { start, sizes };
}

/** The first size stands as it is, each other one as the difference to the one before. */
function ebmlSizes( frames: Uint8Array, count: number ): Laced | undefined {
	const sizes: number[] = [];
	let start = 1;
	let size = 0;
	while ( sizes.length < count ) {
		const number = readVint( frames, start );
		if ( ! number ) {
			return undefined;
		}
		size =
			sizes.length === 0
				? number.value
				: size + number.value - ( 2 ** ( 7 * number.length - 1 ) - 1 );
		if ( size < 0 || size > frames.length ) {
			return undefined;
		}
		sizes.push( size );
		start += number.length;
	}
	return { start, sizes };
}
