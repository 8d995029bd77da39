/**
 * Knows the turns that are running, here and, with a shared store, in other proxies; finds, follows and stops them.
 */
import { randomFillSync } from 'node:crypto';
import type { Logger } from 'pino';
import { DocentError } from '../errors.ts';
import type {
	SharedTurn,
	TurnListeners,
	TurnStore,
} from '../stores/turn-store.ts';
import { createEndedTurns } from './ended-turns.ts';
import { mirrorTurn, mirrorInto } from './mirror.ts';
import { RunningTurn } from './running-turn.ts';
import type { ReadableTurn } from './turn.ts';
import { createTurnLimits, tooManyOfVisitor } from './turn-limits.ts';
import { createTurnSharing } from './turn-sharing.ts';

/** Who asks, and under which ids the answer goes when the client gave a key. */
export interface NewTurn {
	siteId: string;
	visitorId: string;
	user: string | undefined;
	conversationId: string | undefined;
	turnId?: string | undefined;
	fingerprint?: string | undefined;
}

export interface Turns {
	/** Finds a turn of a visitor that runs in this process, or ended here a moment ago. */
	find(
		siteId: string,
		visitorId: string,
		turnId: string
	): RunningTurn | undefined;
	/**
	 * Registers a turn at once, so that a repetition of the question finds it. Throws `conversation_busy`, `busy` or `rate_limited`. It may be
	 * worked on after {@link claim}.
	 */
	begin( turn: NewTurn ): RunningTurn;
	/**
	 * Makes the turn known to other proxies. Returns the turn of another proxy when the question is being answered there. Throws
	 * `conversation_busy` or `rate_limited`.
	 */
	claim( turn: RunningTurn ): Promise< SharedTurn | undefined >;
	/** Lets a turn, which is nobody's work here, show what another proxy makes of it. */
	mirror( turn: RunningTurn, other: SharedTurn ): void;
	/** Takes a turn out of the running ones; it can be found for a short while yet. */
	end( turn: RunningTurn ): Promise< void >;
	/** Takes a turn out that came to nothing; nobody finds it any more. */
	discard( turn: RunningTurn ): Promise< void >;
	/** Finds a turn of a visitor that another proxy works on. */
	readElsewhere(
		siteId: string,
		visitorId: string,
		turnId: string
	): Promise< ReadableTurn | undefined >;
	/** Stops a turn wherever it runs; returns false when there is none. */
	stop(
		siteId: string,
		visitorId: string,
		turnId: string
	): Promise< boolean >;
	/** Stops the running turn of a conversation and forgets its ended ones; returns false when there was none. */
	forget(
		siteId: string,
		visitorId: string,
		conversationId: string
	): Promise< boolean >;
	readonly count: number;
	/** Resolves when no turn is running, or after the time is over; then stops what is left. */
	drain( timeoutMs: number ): Promise< void >;
}

/** Random bytes for many ids at a time, because every fetch from the system costs as much as the bytes. */
const random = Buffer.alloc( 4_096 );
let usedBytes = random.length;

/** Makes an id that cannot be guessed: 128 random bits as 32 hex digits. */
export function newId(): string {
	if ( usedBytes === random.length ) {
		randomFillSync( random );
		usedBytes = 0;
	}
	usedBytes += 16;
	return random.toString( 'hex', usedBytes - 16, usedBytes );
}

/** Makes an empty registry; the numbers bound it. Without a store the turns are this process's alone. */
export function createTurns( {
	maxTurns,
	maxTurnsPerVisitor,
	graceMs,
	store,
	onForget,
	log,
}: {
	maxTurns?: number;
	maxTurnsPerVisitor?: number;
	graceMs?: number | undefined;
	store?: TurnStore | undefined;
	/** Is told when a visitor has another proxy forget a conversation. */
	onForget?: TurnListeners[ 'onForget' ];
	log?: Logger;
} = {} ): Turns {
	const limits = createTurnLimits( { maxTurns, maxTurnsPerVisitor } );
	const running = new Map< string, RunningTurn >();
	const byConversation = new Map< string, RunningTurn >();
	const ended = createEndedTurns();

	/** Forgets what is here of a conversation; returns whether there was something. */
	const forget = (
		siteId: string,
		visitorId: string,
		conversationId: string
	): boolean => {
		const forgotten = ended.forget( siteId, visitorId, conversationId );
		for ( const each of forgotten ) {
			void sharing?.forget( each );
		}
		const turn = byConversation.get(
			conversationKey( { siteId, visitorId, conversationId } )
		);
		turn?.forget();
		return forgotten.length > 0 || turn !== undefined;
	};

	const sharing =
		store &&
		createTurnSharing( {
			store,
			find: ( turnId ) => running.get( turnId ) ?? ended.find( turnId ),
			forget( ...conversation ) {
				forget( ...conversation );
				onForget?.( ...conversation );
			},
			log,
		} );
	let onEmpty: ( () => void ) | undefined;

	const find: Turns[ 'find' ] = ( siteId, visitorId, turnId ) => {
		const turn = running.get( turnId ) ?? ended.find( turnId );
		return turn?.siteId === siteId && turn.visitorId === visitorId
			? turn
			: undefined;
	};

	const remove = ( turn: RunningTurn ): boolean => {
		if ( ! running.delete( turn.id ) ) {
			return false;
		}
		byConversation.delete( conversationKey( turn ) );
		limits.free( turn.siteId, turn.visitorId );
		if ( running.size === 0 ) {
			onEmpty?.();
		}
		return true;
	};

	return {
		find,

		begin( {
			siteId,
			visitorId,
			user,
			conversationId,
			turnId,
			fingerprint,
		} ) {
			const identity = {
				id: turnId ?? newId(),
				conversationId: conversationId ?? newId(),
				siteId,
				visitorId,
				user,
				fingerprint,
			};
			const conversation = conversationKey( identity );
			if ( conversationId && byConversation.has( conversation ) ) {
				throw conversationBusy();
			}
			limits.take( siteId, visitorId );
			const turn = new RunningTurn( identity, graceMs );
			running.set( turn.id, turn );
			byConversation.set( conversation, turn );
			return turn;
		},

		async claim( turn ) {
			if ( ! sharing ) {
				return undefined;
			}
			const outcome = await sharing.begin(
				turn,
				limits.maxTurnsPerVisitor
			);
			switch ( outcome.kind ) {
				case 'begun':
					return undefined;
				case 'known':
					return outcome.turn;
				case 'conversation_busy':
					throw conversationBusy();
				case 'too_many':
					throw tooManyOfVisitor();
			}
		},

		mirror( turn, other ) {
			remove( turn );
			if ( store ) {
				void mirrorInto( turn, other, store );
			}
		},

		async end( turn ) {
			await sharing?.end( turn, { isFindable: ! turn.isForgotten } );
			if ( remove( turn ) && ! turn.isForgotten ) {
				ended.add( turn );
			}
		},

		async discard( turn ) {
			await sharing?.end( turn, { isFindable: false } );
			remove( turn );
		},

		async readElsewhere( siteId, visitorId, turnId ) {
			const other = await store?.find( siteId, visitorId, turnId );
			return store && other && mirrorTurn( other, store );
		},

		async stop( siteId, visitorId, turnId ) {
			const turn = find( siteId, visitorId, turnId );
			if ( turn ) {
				turn.stop();
				return true;
			}
			const other = await store?.find( siteId, visitorId, turnId );
			if ( store && other ) {
				await store.request( other, 'stop' );
			}
			return other !== undefined;
		},

		async forget( siteId, visitorId, conversationId ) {
			const wasHere = forget( siteId, visitorId, conversationId );
			const wasThere = await store?.forget(
				siteId,
				visitorId,
				conversationId
			);
			return wasHere || wasThere === true;
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

/** A conversation is busy for its own visitor only: a stranger who knows its id blocks nobody. */
function conversationKey( {
	siteId,
	visitorId,
	conversationId,
}: {
	siteId: string;
	visitorId: string;
	conversationId: string;
} ): string {
	return `${ siteId } ${ visitorId } ${ conversationId }`;
}

function conversationBusy(): DocentError {
	return new DocentError(
		'conversation_busy',
		'The last question of this conversation is still being answered. Wait for it, or stop it.',
		{ retryAfterMs: 1_000 }
	);
}
