/**
 * Reads a question that comes with a recording, as `multipart/form-data`, while it arrives and within limits.
 *
 * By `@fastify/busboy` and not by `request.formData()`: that one holds the body twice, makes an object of each of a hundred thousand tiny
 * parts, and only then can be asked what it has. This one tells a part's name before its content, so that what nobody wants is refused there.
 */
import type { BusboyFileStream, BusboyInstance } from '@fastify/busboy';
import type { Context } from 'hono';
import { DocentError } from '../errors.ts';
import { MAX_AUDIO_BYTES } from '../voice/audio/read-audio.ts';

/** Fields that may stand beside a recording: those of the JSON body, by the same names. */
const FIELDS: ReadonlySet< string > = new Set( [
	'question',
	'conversationId',
	'scope',
	'speech',
	'language',
	'voiceRole',
	'clientId',
] );

/** Where pictures will be. */
const PICTURE = /^images?(\[\d*\])?$/;

/** More parts than this has no question. */
const MAX_PARTS = 20;

/** The largest field, in bytes: 4,000 characters of four bytes. */
const MAX_FIELD_BYTES = 16 * 1024;

/** The largest body, in bytes: a recording, and the fields around it. */
export const MAX_MULTIPART_BYTES = MAX_AUDIO_BYTES + 64 * 1024;

/** So many bytes of bodies may have arrived and be unfinished in the whole process, so that uploads cannot use up its memory. */
const MAX_READING_BYTES = 256 * 1024 * 1024;

/** When to come again, in milliseconds, after there was no room. */
const BUSY_RETRY_MS = 5_000;

/** A body that was read. */
export interface MultipartBody {
	fields: Record< string, string >;
	/** The recording as it came, not yet looked at. */
	audio?: Uint8Array;
}

/** Tells whether a request says that its body is in parts. */
export function isMultipart( c: Context ): boolean {
	return /^multipart\//i.test( c.req.header( 'content-type' ) ?? '' );
}

/**
 * Reads the body of a request. Throws `DocentError`: `unsupported_media_type`, `payload_too_large`, `bad_request`, or `busy` when the process
 * reads as much as it can hold.
 */
export type ReadMultipart = ( c: Context ) => Promise< MultipartBody >;

/** Makes a reader, one for the process: everything that it reads at once counts together. */
export function createMultipartReader( {
	maxReadingBytes = MAX_READING_BYTES,
}: { maxReadingBytes?: number } = {} ): ReadMultipart {
	let readingBytes = 0;

	return async function readMultipart( c ) {
		const parts = await openParts( c.req.header( 'content-type' ) );
		const reader = c.req.raw.body?.getReader();
		let ownBytes = 0;
		try {
			for (;;) {
				const piece = await reader?.read().catch( ( cause ) => {
					throw new DocentError(
						'bad_request',
						'The request broke off before it was complete.',
						{ cause }
					);
				} );
				if ( ! piece || piece.done ) {
					break;
				}
				ownBytes += piece.value.length;
				readingBytes += piece.value.length;
				if ( ownBytes > MAX_MULTIPART_BYTES ) {
					throw tooLarge();
				}
				if ( readingBytes > maxReadingBytes ) {
					throw new DocentError(
						'busy',
						'Too many recordings arrive at this moment. Please try again in a few seconds.',
						{ retryAfterMs: BUSY_RETRY_MS }
					);
				}
				parts.write( piece.value );
			}
			return await parts.finish();
		} catch ( error ) {
			// What still comes of the body is the server's to throw away, once the refusal is sent.
			parts.abandon();
			throw error;
		} finally {
			readingBytes -= ownBytes;
		}
	};
}

/** A body that is being taken apart. */
interface Parts {
	/** Throws as soon as something is wrong with what came so far. */
	write( bytes: Uint8Array ): void;
	finish(): Promise< MultipartBody >;
	/** Lets go of everything. */
	abandon(): void;
}

async function openParts( contentType: string | undefined ): Promise< Parts > {
	if ( ! /^multipart\/form-data\b/i.test( contentType ?? '' ) ) {
		throw new DocentError(
			'unsupported_media_type',
			'Send a recording as multipart/form-data.'
		);
	}
	const fields: Record< string, string > = {};
	const audio: Buffer[] = [];
	let hasAudio = false;
	let failure: DocentError | undefined;
	const fail = ( error: DocentError ) => {
		failure ??= error;
	};

	// Most proxies hear nothing for long; they need not hold it.
	const { Busboy } = await import( '@fastify/busboy' );
	let parser: BusboyInstance;
	try {
		parser = new Busboy( {
			headers: { 'content-type': contentType as string },
			// Whatever a client calls it, the recording is bytes and the rest is text.
			isPartAFile( name = '' ) {
				const refusal = refuseName( name, fields, hasAudio );
				if ( refusal ) {
					fail( refusal );
				}
				return name === 'audio';
			},
			limits: {
				parts: MAX_PARTS,
				fieldSize: MAX_FIELD_BYTES,
				fileSize: MAX_AUDIO_BYTES,
				headerPairs: 20,
				headerSize: 4 * 1024,
			},
		} );
	} catch ( cause ) {
		throw unreadable( cause );
	}
	const ended = new Promise< void >( ( resolve ) => {
		parser.on( 'finish', resolve );
		parser.on( 'error', ( cause ) => {
			fail( unreadable( cause ) );
			resolve();
		} );
	} );
	parser.on( 'partsLimit', () =>
		fail(
			new DocentError(
				'bad_request',
				`The body has more than ${ MAX_PARTS } parts.`
			)
		)
	);
	parser.on( 'field', ( name, value, _isNameCut, isCut ) => {
		if ( isCut ) {
			fail(
				new DocentError(
					'payload_too_large',
					`The part ${ name } is larger than ${ MAX_FIELD_BYTES / 1024 } KB.`
				)
			);
		}
		fields[ name ] = value;
	} );
	parser.on( 'file', ( _name: string, file: BusboyFileStream ) => {
		hasAudio = true;
		file.on( 'data', ( bytes: Buffer ) => audio.push( bytes ) );
		file.on( 'limit', () => fail( tooLarge() ) );
		file.on( 'error', ( cause ) => fail( unreadable( cause ) ) );
	} );

	return {
		write( bytes ) {
			// What it cannot take at once it keeps, and all of a body is no more than one may hold.
			parser.write( bytes );
			if ( failure ) {
				throw failure;
			}
		},
		async finish() {
			parser.end();
			await ended;
			if ( failure ) {
				throw failure;
			}
			return { fields, ...( hasAudio ? { audio: join( audio ) } : {} ) };
		},
		abandon() {
			audio.length = 0;
			parser.destroy();
		},
	};
}

/** Says why nobody wants a part of this name, if so. */
function refuseName(
	name: string,
	fields: Record< string, string >,
	hasAudio: boolean
): DocentError | undefined {
	if ( PICTURE.test( name ) ) {
		return new DocentError(
			'unsupported_media_type',
			'Pictures cannot be looked at yet. Please ask without them.'
		);
	}
	if ( name !== 'audio' && ! FIELDS.has( name ) ) {
		return new DocentError(
			'bad_request',
			`The body has a part that nobody reads. Its parts can be: audio, ${ [ ...FIELDS ].join( ', ' ) }.`
		);
	}
	return name in fields || ( name === 'audio' && hasAudio )
		? new DocentError( 'bad_request', `The part ${ name } comes twice.` )
		: undefined;
}

function join( pieces: Buffer[] ): Uint8Array {
	return pieces.length === 1
		? ( pieces[ 0 ] as Buffer )
		: Buffer.concat( pieces );
}

function tooLarge(): DocentError {
	return new DocentError(
		'payload_too_large',
		`The recording is larger than ${ MAX_AUDIO_BYTES / 1024 ** 2 } MB. Please record a shorter question.`
	);
}

function unreadable( cause: unknown ): DocentError {
	return new DocentError(
		'bad_request',
		'The parts of the body cannot be read.',
		{ cause }
	);
}
