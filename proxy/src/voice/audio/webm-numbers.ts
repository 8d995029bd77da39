/**
 * Reads the numbers of EBML, the format beneath WebM (RFC 8794).
 */

/** A number with a length of its own. */
export interface Vint {
	value: number;
	/** Bytes that it takes. */
	length: number;
	/** True when all its bits are set: a length that nobody knew when it was written. */
	isUnknown: boolean;
}

/** Reads a number of 1 to 8 bytes; undefined when it is none or cut off. With its marker it is the id of an element. */
export function readVint(
	bytes: Uint8Array,
	at: number,
	{ keepsMarker = false }: { keepsMarker?: boolean } = {}
): Vint | undefined {
	const first = bytes[ at ];
	if ( first === undefined || first === 0 ) {
		return undefined;
	}
	const length = Math.clz32( first ) - 23;
	if ( at + length > bytes.length ) {
		return undefined;
	}
	const mask = ( 1 << ( 8 - length ) ) - 1;
	let value = keepsMarker ? first : first & mask;
	let isUnknown = ( first & mask ) === mask;
	for ( let index = 1; index < length; index++ ) {
		const byte = bytes[ at + index ] as number;
		value = value * 256 + byte;
		isUnknown &&= byte === 255;
	}
	return { value, length, isUnknown };
}

/** Reads an unsigned whole number as it stands in an element. */
export function readNumber( body: Uint8Array ): number {
	let value = 0;
	for ( const byte of body.subarray( 0, 8 ) ) {
		value = value * 256 + byte;
	}
	return value;
}
