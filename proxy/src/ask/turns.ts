/**
 * Knows the turns that are running in this process and keeps their number bounded.
 */
import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { DocentError } from '../errors.ts';
import { Turn } from './turn.ts';

/** How many answers one process works on at a time, and how many of one visitor. */
const MAX_TURNS = 4_000;
const MAX_TURNS_PER_VISITOR = 4;

/** How many ended turns are kept for a reader who lost the connection at the very end, and for how long. */
const MAX_ENDED = 500;
const ENDED_MS = 60_000;

export interface Turns {
	/** Begins a turn; throws `conversation_busy`, `busy` or `rate_limited`. */
	begin( options: {
		siteId: string;
		visitorId: string;
		user: string | undefined;
		conversationId: string | undefined;
	} ): Turn;
	/** Finds a turn of a visitor that is running, or ended a moment ago. */
	find( siteId: string, visitorId: string, turnId: string ): Turn | undefined;
	/** Takes a turn out of the running ones; it can be found for a short while yet. */
	end( turn: Turn ): void;
	/** Tells whether a conversation that is not saved yet belongs to the visitor. */
	ownsConversation(
		siteId: string,
		visitorId: string,
		conversationId: string
	): boolean;
	readonly count: number;
	/** Resolves when no turn is running, or after the time is over; then stops what is left. */
	drain( timeoutMs: number ): Promise< void >;
}

/** Makes an id that cannot be guessed: 128 random bits as 32 hex digits. */
export function newId(): string {
	return randomBytes( 16 ).toString( 'hex' );
}

/** Makes an empty registry; the numbers bound it. */
export function createTurns( {
	maxTurns = MAX_TURNS,
	maxTurnsPerVisitor = MAX_TURNS_PER_VISITOR,
	graceMs,
}: {
	maxTurns?: number;
	maxTurnsPerVisitor?: number;
	graceMs?: number | undefined;
} = {} ): Turns {
	const running = new Map< string, Turn >();
	const byConversation = new Map< string, Turn >();
	const perVisitor = new Map< string, number >();
	const ended = new LRUCache< string, Turn >( {
		max: MAX_ENDED,
		ttl: ENDED_MS,
	} );
	let onEmpty: ( () => void ) | undefined;

	const visitorKey = ( turn: { siteId: string; visitorId: string } ) =>
		`${ turn.siteId } ${ turn.visitorId }`;

	return {
		begin( { siteId, visitorId, user, conversationId } ) {
			if ( conversationId && byConversation.has( conversationId ) ) {
				throw new DocentError(
					'conversation_busy',
					'The last question of this conversation is still being answered. Wait for it, or stop it.',
					{ retryAfterMs: 1_000 }
				);
			}
			if ( running.size >= maxTurns ) {
				throw new DocentError(
					'busy',
					'Many people are asking right now. Please try again in a moment.',
					{ retryAfterMs: 2_000 }
				);
			}
			const key = visitorKey( { siteId, visitorId } );
			const count = perVisitor.get( key ) ?? 0;
			if ( count >= maxTurnsPerVisitor ) {
				throw new DocentError(
					'rate_limited',
					'Several of your questions are still being answered. Please wait for one of them.',
					{ retryAfterMs: 2_000 }
				);
			}
			const turn = new Turn( {
				id: newId(),
				conversationId: conversationId ?? newId(),
				siteId,
				visitorId,
				user,
				...( graceMs === undefined ? {} : { graceMs } ),
			} );
			running.set( turn.id, turn );
			byConversation.set( turn.conversationId, turn );
			perVisitor.set( key, count + 1 );
			return turn;
		},

		find( siteId, visitorId, turnId ) {
			const turn = running.get( turnId ) ?? ended.get( turnId );
			return turn?.siteId === siteId && turn.visitorId === visitorId
				? turn
				: undefined;
		},

		end( turn ) {
			if ( ! running.delete( turn.id ) ) {
				return;
			}
			ended.set( turn.id, turn );
			byConversation.delete( turn.conversationId );
			const key = visitorKey( turn );
			const count = ( perVisitor.get( key ) ?? 1 ) - 1;
			if ( count === 0 ) {
				perVisitor.delete( key );
			} else {
				perVisitor.set( key, count );
			}
			if ( running.size === 0 ) {
				onEmpty?.();
			}
		},

		ownsConversation( siteId, visitorId, conversationId ) {
			const turn = byConversation.get( conversationId );
			return turn?.siteId === siteId && turn.visitorId === visitorId;
		},

		get count() {
			return running.size;
		},

		async drain( timeoutMs ) {
			const emptied = () =>
				new Promise< void >( ( resolve ) => {
					onEmpty = resolve;
					if ( running.size === 0 ) {
						resolve();
					}
				} );
			const timer = setTimeout( () => {
				for ( const turn of running.values() ) {
					turn.stop();
				}
			}, timeoutMs );
			await emptied();
			clearTimeout( timer );
		},
	};
}
