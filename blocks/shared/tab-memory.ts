/**
 * Keeps the conversation for the life of the tab, in sessionStorage: it survives a reload and a page change, and nothing else.
 */
import { EMPTY_CONVERSATION } from './conversation.ts';
import type { Conversation } from './conversation.ts';
import { readConversation } from './read-conversation.ts';
import type { VisitorToken } from './visitor-token.ts';

/** Everything a tab remembers. */
export interface TabRecord {
	/** What the visitor agreed to; empty until then. */
	consent: string[];
	token?: VisitorToken | undefined;
	conversation: Conversation;
	/** Whether the floating panel was open. */
	isOpen: boolean;
	/** Steps above the theme's own text size, 0 to 2. */
	textSize: number;
	/** Whether answers to typed questions are read aloud. */
	isReadAloud: boolean;
}

/** The part of the Web Storage interface that is used. */
export type TabStorage = Pick< Storage, 'getItem' | 'setItem' | 'removeItem' >;

export interface TabMemory {
	readonly record: Readonly< TabRecord >;
	/** Changes the record and writes it at once. */
	update( change: Partial< TabRecord > ): void;
	/** Reads the record again, after another page of the tab may have changed it. */
	reload(): void;
	/** Whether a later page of this tab will find the record. */
	readonly isLasting: boolean;
}

/** The one key used. */
export const STORAGE_KEY = 'docent';

/** Turns kept beyond this are the oldest and go first. */
const MAX_TURNS = 40;

const EMPTY: TabRecord = {
	consent: [],
	conversation: EMPTY_CONVERSATION,
	isOpen: false,
	textSize: 0,
	isReadAloud: false,
};

/** Opens the memory of this tab. Without storage (blocked, full) everything works for as long as the page lives. */
export function openTabMemory( storage: TabStorage | undefined ): TabMemory {
	let record = read( storage );
	let isLasting = storage !== undefined;

	return {
		get record() {
			return record;
		},
		get isLasting() {
			return isLasting;
		},
		update( change ) {
			record = { ...record, ...change };
			try {
				if ( isUnused( record ) ) {
					storage?.removeItem( STORAGE_KEY );
				} else {
					storage?.setItem( STORAGE_KEY, serialise( record ) );
				}
				isLasting = storage !== undefined;
			} catch {
				// Full or blocked: a reload will not find this conversation, and the page goes on.
				isLasting = false;
			}
		},
		reload() {
			if ( isLasting ) {
				record = read( storage );
			}
		},
	};
}

/** Before the visitor agreed to anything and after they withdrew, nothing is left behind. */
function isUnused( record: TabRecord ): boolean {
	return (
		record.consent.length === 0 &&
		record.conversation.turns.length === 0 &&
		! record.isOpen &&
		record.textSize === 0 &&
		! record.isReadAloud
	);
}

function serialise( { conversation, ...rest }: TabRecord ): string {
	return JSON.stringify( {
		...rest,
		conversation: {
			...conversation,
			turns: conversation.turns.slice( -MAX_TURNS ),
		},
	} );
}

function read( storage: TabStorage | undefined ): TabRecord {
	let stored: Record< string, unknown > = {};
	try {
		stored = JSON.parse( storage?.getItem( STORAGE_KEY ) ?? '{}' ) ?? {};
	} catch {
		// Someone else's value under our key, or storage that may not be read.
	}
	const token = stored.token as Partial< VisitorToken > | undefined;
	return {
		...EMPTY,
		...( Array.isArray( stored.consent ) && {
			consent: stored.consent.filter(
				( item ) => typeof item === 'string'
			),
		} ),
		...( typeof token?.token === 'string' &&
			typeof token.expiresAtMs === 'number' && {
				token: { token: token.token, expiresAtMs: token.expiresAtMs },
			} ),
		conversation: readConversation( stored.conversation ),
		isOpen: stored.isOpen === true,
		textSize:
			stored.textSize === 1 || stored.textSize === 2
				? stored.textSize
				: 0,
		isReadAloud: stored.isReadAloud === true,
	};
}
