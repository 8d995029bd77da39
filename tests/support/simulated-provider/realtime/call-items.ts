/**
 * Does what a client wants with the items of a conversation: adds, shows, shortens and deletes them.
 */
import { CallError } from './call-error.ts';
import { type Item, readItem, shownItem } from './conversation.ts';
import type { CallWire } from './wire.ts';

/** An event of the client. */
export interface ClientEvent {
	type: string;
	event_id?: string;
	[ name: string ]: unknown;
}

/** What can be done with items. Every handler throws {@link CallError} when it is refused. */
export interface ItemHandlers {
	/** Tells the client of an item, and which one stands before it. */
	announce( item: Item, previous: string | null ): void;
	/** By the event that asks for it. */
	events: Record< string, ( event: ClientEvent ) => void >;
}

/** Handles the items of one conversation. */
export function createItemHandlers(
	items: Item[],
	wire: CallWire
): ItemHandlers {
	const indexOf = ( itemId: unknown ): number => {
		const at = items.findIndex( ( item ) => item.id === itemId );
		if ( at < 0 ) {
			throw new CallError(
				`Item with item_id not found: ${ String( itemId ) }`,
				'item_not_found',
				'item_id'
			);
		}
		return at;
	};
	const announce = ( item: Item, previous: string | null ): void => {
		for ( const type of [ 'added', 'done' ] ) {
			wire.send( {
				type: `conversation.item.${ type }`,
				previous_item_id: previous,
				item: shownItem( item ),
			} );
		}
	};
	const createItem = ( event: ClientEvent ): void => {
		const item = readItem( event.item );
		if ( items.some( ( other ) => other.id === item.id ) ) {
			throw new CallError(
				`Error adding item: an item with ID '${ item.id }' already exists.`,
				'item_create_duplicate_item_id',
				'item.id'
			);
		}
		const after = event.previous_item_id;
		let at = items.length;
		if ( typeof after === 'string' ) {
			at = after === 'root' ? 0 : indexOf( after ) + 1;
		}
		items.splice( at, 0, item );
		announce( item, items[ at - 1 ]?.id ?? null );
	};
	const truncate = ( event: ClientEvent ): void => {
		const item = items[ indexOf( event.item_id ) ] as Item;
		const [ part ] = item.wire.content ?? [];
		const endMs = Number( event.audio_end_ms );
		if ( part?.type !== 'output_audio' && item.audioMs === 0 ) {
			throw new CallError(
				'Only model output audio messages can be truncated.',
				'invalid_value',
				'item_id'
			);
		}
		if ( ! ( endMs >= 0 ) || endMs > item.audioMs ) {
			throw new CallError(
				`Audio content of ${ Math.round( item.audioMs ) }ms is already shorter than ${ endMs }ms`,
				'invalid_value',
				'audio_end_ms'
			);
		}
		item.audioMs = endMs;
		item.version++;
		// What was not heard is not known to the model, and which words were heard it cannot tell.
		item.wire.content = [ { type: 'output_audio', transcript: '' } ];
		wire.send( {
			type: 'conversation.item.truncated',
			item_id: item.id,
			content_index: 0,
			audio_end_ms: endMs,
		} );
	};

	return {
		announce,
		events: {
			'conversation.item.create': createItem,
			'conversation.item.truncate': truncate,
			'conversation.item.delete': ( event ) => {
				const [ item ] = items.splice( indexOf( event.item_id ), 1 );
				wire.send( {
					type: 'conversation.item.deleted',
					item_id: item?.id,
				} );
			},
			'conversation.item.retrieve': ( event ) => {
				const item = items[ indexOf( event.item_id ) ] as Item;
				const { content } = item.wire;
				wire.send( {
					type: 'conversation.item.retrieved',
					item: {
						...shownItem( item ),
						...( content ? { content } : {} ),
					},
				} );
			},
		},
	};
}
