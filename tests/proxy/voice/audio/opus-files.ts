/**
 * Writes WebM and Ogg files around packets of Opus: the usual ones, and every odd one that the formats allow.
 */

/** Makes a packet of 20 ms (SILK, one frame) with something in it; its first byte says so. */
export function packet( {
	config = 1,
	code = 0,
	frames = 1,
	bytes = 60,
} = {} ): Buffer {
	const made = Buffer.alloc( bytes, 0x5a );
	made[ 0 ] = ( config << 3 ) | code;
	if ( code === 3 && bytes > 1 ) {
		made[ 1 ] = frames;
	}
	return made;
}

/** Makes so many packets of 20 ms. */
export const packets = ( count: number ): Buffer[] =>
	Array.from( { length: count }, () => packet() );

/** Writes an EBML element; `isUnknown` leaves its length open, as it is while recording. */
export function element(
	id: number,
	body: Buffer | Buffer[],
	{ isUnknown = false }: { isUnknown?: boolean } = {}
): Buffer {
	const content = Array.isArray( body ) ? Buffer.concat( body ) : body;
	const name = Buffer.from(
		id
			.toString( 16 )
			.padStart(
				id.toString( 16 ).length + ( id.toString( 16 ).length % 2 ),
				'0'
			),
		'hex'
	);
	const size = Buffer.alloc( 8 );
	size.writeBigUInt64BE( BigInt( content.length ) );
	size[ 0 ] = 1;
	return Buffer.concat( [
		name,
		isUnknown ? Buffer.from( '01ffffffffffffff', 'hex' ) : size,
		content,
	] );
}

const number = ( value: number ) =>
	Buffer.from( [ value >> 24, value >> 16, value >> 8, value ] );

/** Writes a block; `lacing` says how its packets lie in it. */
export function block(
	content: Buffer[],
	{
		lacing = 'none',
		time = 0,
		track = 1,
	}: {
		lacing?: 'none' | 'xiph' | 'fixed' | 'ebml';
		time?: number;
		track?: number;
	} = {}
): Buffer {
	const flags = { none: 0, xiph: 2, fixed: 4, ebml: 6 }[ lacing ];
	const head = Buffer.from( [
		0x80 | track,
		( time >> 8 ) & 255,
		time & 255,
		flags,
	] );
	const sizes = content.map( ( { length } ) => length );
	const laced: number[] = lacing === 'none' ? [] : [ content.length - 1 ];
	if ( lacing === 'xiph' ) {
		for ( const size of sizes.slice( 0, -1 ) ) {
			laced.push(
				...Array( Math.floor( size / 255 ) ).fill( 255 ),
				size % 255
			);
		}
	} else if ( lacing === 'ebml' ) {
		for ( const [ at, size ] of sizes.slice( 0, -1 ).entries() ) {
			const value =
				at === 0 ? size : size - ( sizes[ at - 1 ] as number ) + 8_191;
			laced.push( 0x40 | ( value >> 8 ), value & 255 );
		}
	}
	return Buffer.concat( [ head, Buffer.from( laced ), ...content ] );
}

/** Ids of elements that tests write. */
export const ID = {
	segment: 0x18538067,
	info: 0x1549a966,
	scale: 0x2ad7b1,
	duration: 0x4489,
	cluster: 0x1f43b675,
	timestamp: 0xe7,
	group: 0xa0,
	block: 0xa1,
	simpleBlock: 0xa3,
	cues: 0x1c53bb6b,
} as const;

/** Writes a track. */
export const track = ( codec = 'A_OPUS', { type = 2, id = 1 } = {} ): Buffer =>
	element( 0xae, [
		element( 0xd7, Buffer.from( [ id ] ) ),
		element( 0x83, Buffer.from( [ type ] ) ),
		element( 0x86, Buffer.from( codec ) ),
		element( 0xe1, element( 0x9f, Buffer.from( [ 1 ] ) ) ),
	] );

/** Writes a cluster with what stands in it. */
export const cluster = (
	time: number,
	content: Buffer[],
	isUnknown = true
): Buffer =>
	element(
		ID.cluster,
		[ element( ID.timestamp, number( time ) ), ...content ],
		{ isUnknown }
	);

/** Writes a WebM file as browsers record it: lengths of the segment and of its clusters are open. */
export function webm(
	clusters: Buffer[],
	{ tracks = [ track() ] }: { tracks?: Buffer[] } = {}
): Buffer {
	return Buffer.concat( [
		element( 0x1a45dfa3, element( 0x4282, Buffer.from( 'webm' ) ) ),
		element(
			ID.segment,
			[
				element( ID.info, [
					element( ID.scale, number( 1_000_000 ) ),
					// An hour, which is not true.
					element(
						ID.duration,
						Buffer.from( '414b774000000000', 'hex' )
					),
				] ),
				element( 0x1654ae6b, tracks ),
				...clusters,
			],
			{ isUnknown: true }
		),
	] );
}

/** Writes simple blocks of one packet each, 20 ms apart. */
export const simpleBlocks = ( content: Buffer[] ): Buffer[] =>
	content.map( ( one, at ) =>
		element( ID.simpleBlock, block( [ one ], { time: at * 20 } ) )
	);

/** Writes one page of Ogg around a piece of the stream. */
export function page(
	content: Buffer[],
	{
		flags = 0,
		position = 0n,
		serial = 1,
		isOpenEnded = false,
	}: {
		flags?: number;
		position?: bigint;
		serial?: number;
		/** The last packet goes on on the next page. */
		isOpenEnded?: boolean;
	} = {}
): Buffer {
	const table = content.flatMap( ( { length }, at ) => [
		...Array( Math.floor( length / 255 ) ).fill( 255 ),
		...( isOpenEnded && at === content.length - 1 ? [] : [ length % 255 ] ),
	] );
	const head = Buffer.alloc( 27 );
	head.write( 'OggS' );
	head[ 5 ] = flags;
	head.writeBigInt64LE( position, 6 );
	head.writeUInt32LE( serial, 14 );
	head[ 26 ] = table.length;
	return Buffer.concat( [ head, Buffer.from( table ), ...content ] );
}

/** Writes a stream of Opus in Ogg, so many packets to a page. */
export function ogg(
	content: Buffer[],
	{
		serial = 1,
		perPage = 50,
		head = Buffer.from(
			'OpusHead\u0001\u0001\u0038\u0001\u0080\u003e\0\0\0\0\0'
		),
		start = 0,
	}: { serial?: number; perPage?: number; head?: Buffer; start?: number } = {}
): Buffer {
	const pages: Buffer[] = [
		page( [ head ], { flags: 2, serial } ),
		page( [ Buffer.from( `OpusTags${ 'x'.repeat( 300 ) }` ) ], { serial } ),
	];
	for ( let at = 0; at < content.length; at += perPage ) {
		const part = content.slice( at, at + perPage );
		pages.push(
			page( part, {
				serial,
				position: BigInt( start + ( at + part.length ) * 960 ),
			} )
		);
	}
	return Buffer.concat( pages );
}
