/**
 * Knows the live conversations of this process: how many there are, whose, and how each looks at its clock.
 */
import { randomBytes } from 'node:crypto';
import { DocentError } from '../../errors.ts';
import type { LiveConversation } from './conversation.ts';
import type { StartFrame } from './frames.ts';
import type { LiveCaller, LiveServices } from './live-services.ts';
import { LIVE_TIMES, type LiveTimes } from './live-times.ts';
import type { LiveClient } from './outbox.ts';
import { liveTargets } from './targets.ts';

/** How many live conversations a visitor, a site and a process have at a time. */
const MAX_PER_VISITOR = 2;
const MAX_PER_SITE = 200;
const MAX_PER_PROCESS = 400;

/** How long the last words may take when the process stops, in milliseconds. */
const DRAIN_MS = 8_000;

/** The live conversations of a process. */
export interface LiveCalls {
	readonly count: number;
	/**
	 * Begins a conversation, or goes on with one. Throws `not_found` for a session or conversation that is not this visitor's, `rate_limited`
	 * for a visitor who has enough of them, `busy` when nobody else can be taken.
	 */
	start(
		caller: LiveCaller,
		frame: StartFrame,
		client: LiveClient
	): Promise< LiveConversation >;
	/** Ends the conversation of a visitor who wants it forgotten; returns false when there is none. */
	forget(
		siteId: string,
		visitorId: string,
		conversationId: string
	): boolean;
	/** Ends the conversations of a signed-in person whose data is erased. */
	forgetPerson( siteId: string, user: string ): void;
	/** Takes no more, lets what is being said end, then ends all; resolves when everything is in the book. */
	drain( timeoutMs?: number ): Promise< void >;
}

/** Makes an empty register. Without services there is nobody to speak with. */
export function createLiveCalls(
	services: LiveServices | undefined,
	given: Partial< LiveTimes > = {}
): LiveCalls {
	const times = { ...LIVE_TIMES, ...given };
	const running = new Map< string, LiveConversation >();
	let ticking: NodeJS.Timeout | undefined;
	let isDraining = false;
	let onEmpty: ( () => void ) | undefined;

	const look = () => {
		for ( const conversation of running.values() ) {
			conversation.look();
		}
	};
	const add = ( conversation: LiveConversation ) => {
		running.set( conversation.id, conversation );
		if ( ! ticking ) {
			ticking = setInterval( look, times.tickMs );
			ticking.unref();
		}
	};
	const remove = ( { id }: LiveConversation ) => {
		running.delete( id );
		if ( running.size === 0 ) {
			clearInterval( ticking );
			ticking = undefined;
			onEmpty?.();
		}
	};
	const isOf = (
		conversation: LiveConversation | undefined,
		{ siteId, visitorId }: Pick< LiveCaller, 'siteId' | 'visitorId' >
	) =>
		conversation?.caller.siteId === siteId &&
		conversation.caller.visitorId === visitorId;

	const checkRoom = ( caller: LiveCaller ) => {
		let ofSite = 0;
		let ofVisitor = 0;
		for ( const conversation of running.values() ) {
			if ( conversation.isOver ) {
				continue;
			}
			ofSite += Number( conversation.caller.siteId === caller.siteId );
			ofVisitor += Number( isOf( conversation, caller ) );
		}
		if ( ofVisitor >= MAX_PER_VISITOR ) {
			throw new DocentError(
				'rate_limited',
				'You are already in a live conversation. End it first.',
				{ retryAfterMs: 5_000 }
			);
		}
		if (
			isDraining ||
			ofSite >= MAX_PER_SITE ||
			running.size >= MAX_PER_PROCESS
		) {
			throw new DocentError(
				'busy',
				'Many people are in live conversations right now. Please try again in a moment.',
				{ retryAfterMs: 10_000 }
			);
		}
	};

	return {
		get count() {
			return running.size;
		},

		async start( caller, frame, client ) {
			if ( frame.resume !== undefined ) {
				const known = running.get( frame.resume );
				if ( ! known || known.isOver || ! isOf( known, caller ) ) {
					throw new DocentError(
						'not_found',
						'This live conversation is over. Begin a new one.'
					);
				}
				known.resume( client, frame.received );
				return known;
			}
			if ( ! services ) {
				throw new DocentError(
					'voice_unavailable',
					'There is nobody to speak with: no provider is configured.'
				);
			}
			checkRoom( caller );
			const { conversationId } = frame;
			const history =
				conversationId === undefined
					? []
					: await services.thread.history( caller, conversationId );
			if ( ! history ) {
				throw new DocentError(
					'not_found',
					'This conversation is over. Begin a new one.'
				);
			}
			// Loaded at the first call: an idle proxy need not hold it.
			const { LiveConversation: Conversation } =
				await import( './conversation.ts' );
			checkRoom( caller );
			const conversation = new Conversation( {
				services,
				times,
				caller,
				start: frame,
				conversationId:
					conversationId ?? randomBytes( 16 ).toString( 'hex' ),
				history,
				targets: liveTargets( services ),
				onEnded: remove,
			} );
			add( conversation );
			void conversation.open( client ).catch( ( error: unknown ) => {
				services.log.error(
					{ sessionId: conversation.id, err: error },
					'a live conversation could not be opened'
				);
				conversation.end( 'unavailable', 'cascade' );
			} );
			return conversation;
		},

		forget( siteId, visitorId, conversationId ) {
			let wasThere = false;
			for ( const conversation of running.values() ) {
				if (
					conversation.conversationId === conversationId &&
					isOf( conversation, { siteId, visitorId } )
				) {
					wasThere = true;
					conversation.end( 'forgotten' );
				}
			}
			return wasThere;
		},

		forgetPerson( siteId, user ) {
			for ( const conversation of running.values() ) {
				const { caller } = conversation;
				if ( caller.siteId === siteId && caller.user === user ) {
					conversation.end( 'forgotten' );
				}
			}
		},

		async drain( timeoutMs = DRAIN_MS ) {
			isDraining = true;
			const until = performance.now() + timeoutMs;
			const emptied = new Promise< void >( ( resolve ) => {
				onEmpty = resolve;
				if ( running.size === 0 ) {
					resolve();
				}
			} );
			const endQuiet = () => {
				for ( const conversation of running.values() ) {
					if ( conversation.isQuiet || performance.now() >= until ) {
						conversation.end( 'shutdown', 'cascade' );
					}
				}
			};
			endQuiet();
			const timer = setInterval( endQuiet, times.tickMs );
			await emptied;
			clearInterval( timer );
		},
	};
}
