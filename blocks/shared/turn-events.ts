/**
 * Names the events of one answer and turns what stood on the wire into them, refusing what does not fit.
 */
import type { StreamEvent } from './event-stream.ts';

/** A page the answer rests on; `id` counts from 1 inside one answer. */
export interface Source {
	id: number;
	title: string;
	url: string;
}

/** What the proxy says beside the answer, for example that a limit was reached. */
export interface Notice {
	code: string;
	message: string;
}

/** A piece of an answer's speech. */
export interface SpeechPiece {
	/** Counts the sentences of the answer from 0. */
	sentence: number;
	/** The sentence as it is spoken; with its first piece only. */
	text?: string;
	/** Mono PCM16 at 24 kHz, little-endian, in base64. */
	data: string;
}

/** An answer's whole speech, ready to be fetched. */
export interface StoredSpeech {
	/** Path at the proxy. */
	url: string;
	durationMs: number;
	/** Where each sentence begins. */
	sentences: Array< { text: string; startMs: number } >;
}

/** One event of `/v1/ask` or `/v1/turns/:id`; `id` increases within a turn. */
export type TurnEvent = { id: number } & (
	| { type: 'turn'; turnId: string; conversationId: string }
	| { type: 'transcript'; text: string }
	| { type: 'text'; delta: string }
	| ( { type: 'speech' } & SpeechPiece )
	| ( { type: 'stored_speech' } & StoredSpeech )
	| { type: 'sources'; sources: Source[] }
	| ( { type: 'notice' } & Notice )
	| { type: 'done'; finishReason: string; isConfident: boolean }
	| {
			type: 'error';
			code: string;
			message: string;
			retryAfterMs: number | undefined;
	  }
);

/** Says that a known event carried data it may not carry: the stream cannot be trusted any further. */
export class MalformedEvent extends Error {}

/** Decodes one event; `null` for an event of a name this version does not know, which is left out. Throws {@link MalformedEvent}. */
export function decodeTurnEvent( raw: StreamEvent ): TurnEvent | null {
	const decode = DECODERS[ raw.name ];
	if ( ! decode ) {
		return null;
	}
	const id = Number( raw.id );
	if ( raw.id === '' || ! Number.isSafeInteger( id ) || id < 0 ) {
		throw new MalformedEvent( 'The event has no usable id.' );
	}
	return { id, ...decode( parseObject( raw.data ) ) } as TurnEvent;
}

type Fields = Record< string, unknown >;

const DECODERS: Record< string, ( ( fields: Fields ) => Fields ) | undefined > =
	{
		turn: ( fields ) => ( {
			type: 'turn',
			turnId: text( fields.turnId ),
			conversationId: text( fields.conversationId ),
		} ),
		transcript: ( fields ) => ( {
			type: 'transcript',
			text: text( fields.text ),
		} ),
		text: ( fields ) => ( { type: 'text', delta: text( fields.delta ) } ),
		audio: ( fields ) =>
			'url' in fields
				? { type: 'stored_speech', ...readStoredSpeech( fields ) }
				: {
						type: 'speech',
						sentence: Number( fields.sentence ),
						...( typeof fields.text === 'string' && {
							text: fields.text,
						} ),
						data: text( fields.data ),
					},
		sources: ( fields ) => ( {
			type: 'sources',
			sources: readSources( fields.sources ),
		} ),
		notice: ( fields ) => ( {
			type: 'notice',
			code: text( fields.code ),
			message: text( fields.message ),
		} ),
		done: ( fields ) => ( {
			type: 'done',
			finishReason: text( fields.finishReason ),
			isConfident: fields.confident !== false,
		} ),
		error: ( fields ) => ( {
			type: 'error',
			code: text( fields.code ),
			message: text( fields.message ),
			retryAfterMs:
				typeof fields.retryAfterMs === 'number'
					? fields.retryAfterMs
					: undefined,
		} ),
	};

/** Reads a list of sources from the wire or from storage, leaving out what is none. */
export function readSources( value: unknown ): Source[] {
	if ( ! Array.isArray( value ) ) {
		throw new MalformedEvent( 'The sources are not a list.' );
	}
	return value.flatMap( ( item: unknown, index ) => {
		const fields = ( item ?? {} ) as Fields;
		return typeof fields.title === 'string' &&
			typeof fields.url === 'string'
			? [
					{
						id:
							typeof fields.id === 'number'
								? fields.id
								: index + 1,
						title: fields.title,
						url: fields.url,
					},
				]
			: [];
	} );
}

/** Reads stored speech from the wire or from storage; `sentences` that are none are left out. */
export function readStoredSpeech( fields: Fields ): StoredSpeech {
	return {
		url: text( fields.url ),
		durationMs: Number( fields.durationMs ),
		sentences: ( Array.isArray( fields.sentences )
			? ( fields.sentences as Fields[] )
			: []
		).filter(
			( sentence ) =>
				typeof sentence?.text === 'string' &&
				typeof sentence.startMs === 'number'
		) as unknown as StoredSpeech[ 'sentences' ],
	};
}

function parseObject( json: string ): Fields {
	let value: unknown;
	try {
		value = JSON.parse( json );
	} catch ( cause ) {
		throw new MalformedEvent( 'The event is not JSON.', { cause } );
	}
	if ( Array.isArray( value ) ) {
		// Only `sources` is sent as a bare list.
		return { sources: value };
	}
	if ( typeof value !== 'object' || value === null ) {
		throw new MalformedEvent( 'The event is not an object.' );
	}
	return value as Fields;
}

function text( value: unknown ): string {
	if ( typeof value !== 'string' ) {
		throw new MalformedEvent( 'A field of the event is not text.' );
	}
	return value;
}
