/**
 * Keeps the items of a conversation: what was said and written, by whom, and what it counts for.
 */
import { randomUUID } from 'node:crypto';
import type { ChatMessage } from '../chat-request.ts';
import { countTokens } from '../tokens.ts';
import {
	HEARD_TOKENS_PER_SECOND,
	SPOKEN_TOKENS_PER_SECOND,
} from '../voice-prices.ts';
import { CallError } from './call-error.ts';

/** An item as the wire has it. */
export interface WireItem {
	id?: string;
	type: string;
	role?: string;
	status?: string;
	content?: Array< {
		type: string;
		text?: string;
		audio?: string;
		/** Null until the words are known. */
		transcript?: string | null;
		image_url?: string;
	} >;
	name?: string;
	arguments?: string;
	output?: string;
	call_id?: string;
	[ name: string ]: unknown;
}

/** An item with what only the provider knows. */
export interface Item {
	id: string;
	wire: WireItem;
	/** Length of its audio, as far as it is remembered. */
	audioMs: number;
	/** The words of its audio. */
	words?: Promise< string >;
	/** Counts changes, so that a changed item is no longer cached. */
	version: number;
}

/** What a part of the prompt counts for. */
export interface PromptUnit {
	key: string;
	text: number;
	audio: number;
	image: number;
}

const IMAGE_TOKENS = 300;

/** Makes a name. */
export function newId( prefix: string ): string {
	return `${ prefix }_${ randomUUID().replaceAll( '-', '' ).slice( 0, 21 ) }`;
}

/** Makes an item of what a client sent; throws {@link CallError} when it is none. */
export function readItem( value: unknown ): Item {
	const wire = value as WireItem | undefined;
	const isMessage = wire?.type === 'message';
	if (
		! wire ||
		! [ 'message', 'function_call', 'function_call_output' ].includes(
			wire.type
		) ||
		( isMessage &&
			( ! Array.isArray( wire.content ) ||
				! [ 'user', 'assistant', 'system' ].includes(
					wire.role ?? ''
				) ) )
	) {
		throw new CallError( 'Invalid item.', 'invalid_value', 'item' );
	}
	const allowed: Record< string, string[] > = {
		system: [ 'input_text' ],
		user: [ 'input_text', 'input_audio', 'input_image' ],
		assistant: [ 'output_text', 'output_audio' ],
	};
	for ( const [ at, part ] of ( wire.content ?? [] ).entries() ) {
		if ( ! allowed[ wire.role ?? '' ]?.includes( part.type ) ) {
			throw new CallError(
				`Invalid value: '${ part.type }'. Supported values are: ${ allowed[ wire.role ?? '' ]?.map( ( type ) => `'${ type }'` ).join( ' and ' ) }.`,
				'invalid_value',
				`item.content[${ at }].type`
			);
		}
	}
	const audio = wire.content?.find( ( part ) => part.audio !== undefined );
	return {
		id: wire.id ?? newId( 'item' ),
		wire,
		audioMs: audio?.audio
			? Buffer.byteLength( audio.audio, 'base64' ) / 48
			: 0,
		version: 0,
	};
}

/** Shows an item to the client. */
export function shownItem( { id, wire }: Item ): WireItem {
	return {
		...wire,
		id,
		object: 'realtime.item',
		status: wire.status ?? 'completed',
		...( wire.content
			? {
					// Audio is only shown to those who ask for the item.
					content: wire.content.map(
						( { audio: _audio, ...part } ) => part
					),
				}
			: {} ),
	};
}

/** Counts an item. */
export function countItem( item: Item ): PromptUnit {
	const { wire } = item;
	const isOurs = wire.role === 'assistant';
	const texts = ( wire.content ?? [] ).map( ( part ) => part.text ?? '' );
	const images = ( wire.content ?? [] ).filter(
		( part ) => part.type === 'input_image'
	).length;
	const written = [ ...texts, wire.arguments ?? '', wire.output ?? '' ];
	return {
		key: `${ item.id }:${ item.version }`,
		text: written.reduce( ( sum, text ) => sum + countTokens( text ), 0 ),
		audio: Math.ceil(
			( item.audioMs / 1_000 ) *
				( isOurs ? SPOKEN_TOKENS_PER_SECOND : HEARD_TOKENS_PER_SECOND )
		),
		image: images * IMAGE_TOKENS,
	};
}

/** Writes items down as messages of a chat, audio as the words in it. */
export async function asMessages(
	instructions: string,
	items: readonly Item[]
): Promise< ChatMessage[] > {
	const messages: ChatMessage[] = [
		{ role: 'system', content: instructions },
	];
	for ( const item of items ) {
		const written = ( item.wire.content ?? [] )
			.map( ( part ) => part.text ?? part.transcript ?? '' )
			.concat( item.wire.output ?? '' )
			.join( '' );
		const content = written || ( ( await item.words ) ?? '' );
		messages.push( { role: item.wire.role ?? 'tool', content } );
	}
	return messages;
}
