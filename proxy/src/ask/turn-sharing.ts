/**
 * Lets other proxies read the turns of this one, and stop them. A turn that nobody reads elsewhere costs two commands: one when it begins,
 * one when it ends.
 */
import type { Logger } from 'pino';
import type {
	BeginOutcome,
	SharedTurn,
	TurnStore,
} from '../stores/turn-store.ts';
import type { RunningTurn } from './running-turn.ts';
import { withoutSpeech } from './turn.ts';

/** A proxy that has not said for so long that somebody reads there is gone, in milliseconds. */
const READER_LEASE_MS = 6_000;
const CHECK_EVERY_MS = 1_000;

/** How long a store that is away is told again that a turn has ended: so often, with so many milliseconds in between. */
const MAX_END_ATTEMPTS = 20;
const END_AGAIN_MS = 3_000;

export interface TurnSharing {
	/** Makes a turn known. While the store is away the turn is this proxy's alone. */
	begin( turn: RunningTurn, maxPerVisitor: number ): Promise< BeginOutcome >;
	/** Takes a turn out of the known ones. A store that is away is told when it is back. */
	end( turn: RunningTurn, options: { isFindable: boolean } ): Promise< void >;
	/** Has an ended turn found no more. */
	forget( turn: RunningTurn ): Promise< void >;
}

/** Starts listening to other proxies. */
export function createTurnSharing( {
	store,
	find,
	forget,
	log,
}: {
	store: TurnStore;
	/** Finds a turn that runs here, or ended a moment ago. */
	find: ( turnId: string ) => RunningTurn | undefined;
	/** Forgets what is here of a conversation. */
	forget: (
		siteId: string,
		visitorId: string,
		conversationId: string
	) => void;
	log: Logger | undefined;
} ): TurnSharing {
	const known = new Set< RunningTurn >();
	const served = new Map< RunningTurn, ServedTurn >();

	const serve = ( turn: RunningTurn ): ServedTurn | undefined => {
		let serving = served.get( turn );
		if ( ! serving && turn.hasRoom ) {
			serving = serveTurn( turn, {
				store,
				log,
				onEnd: () => served.delete( turn ),
			} );
			served.set( turn, serving );
		}
		return serving;
	};

	/** Frees a conversation, however long it takes: one that stays busy is of no use to its visitor. */
	const tellEnd = async (
		turn: SharedTurn,
		options: { isFindable: boolean },
		attempt = 1
	): Promise< void > => {
		try {
			await store.end( turn, options );
		} catch ( error ) {
			log?.warn(
				{ turnId: turn.turnId, err: error },
				'the end of a turn is not known to other proxies'
			);
			if ( attempt < MAX_END_ATTEMPTS ) {
				setTimeout(
					() => void tellEnd( turn, options, attempt + 1 ),
					END_AGAIN_MS
				).unref();
			}
		}
	};

	store.listen( {
		onRequest( turnId, request, from ) {
			const turn = find( turnId );
			if ( turn && request === 'stop' ) {
				turn.stop();
			} else if ( turn && request === 'read' ) {
				serve( turn )?.hear( from );
			} else if ( turn ) {
				served.get( turn )?.leave( from );
			}
		},
		onForget: forget,
	} );

	return {
		async begin( turn, maxPerVisitor ) {
			try {
				const outcome = await store.begin(
					toShared( turn ),
					maxPerVisitor
				);
				if ( outcome.kind === 'begun' ) {
					known.add( turn );
				}
				return outcome;
			} catch ( error ) {
				// The word may have arrived all the same, and then the end must, too.
				known.add( turn );
				log?.warn(
					{ turnId: turn.id, err: error },
					'a turn is not known to other proxies'
				);
				return { kind: 'begun' };
			}
		},
		async end( turn, options ) {
			if ( known.delete( turn ) ) {
				await tellEnd( toShared( turn ), options );
			}
		},
		forget: ( turn ) => tellEnd( toShared( turn ), { isFindable: false } ),
	};
}

interface ServedTurn {
	/** Counts another proxy as reader, for a while. */
	hear( from: string ): void;
	leave( from: string ): void;
}

/** Sends the events of a turn to the store as long as another proxy reads: once a turn of the event loop, and one batch at a time. */
function serveTurn(
	turn: RunningTurn,
	{
		store,
		log,
		onEnd,
	}: { store: TurnStore; log: Logger | undefined; onEnd: () => void }
): ServedTurn {
	const shared = toShared( turn );
	const readers = new Map< string, number >();
	let sentCount = 0;
	let isSending = false;

	const send = async (): Promise< void > => {
		if ( isSending ) {
			return;
		}
		isSending = true;
		try {
			let events = turn.eventsAfter( sentCount );
			while ( events.length > 0 && readers.size > 0 ) {
				// Speech is as heavy as hundreds of answers, and whoever changed proxies has the text.
				await store.append(
					shared,
					sentCount + 1,
					events.map( withoutSpeech ),
					[ ...readers.keys() ]
				);
				sentCount += events.length;
				events = turn.eventsAfter( sentCount );
			}
		} catch ( error ) {
			log?.warn(
				{ turnId: turn.id, err: error },
				'events were not shared; the next ones bring them along'
			);
		} finally {
			isSending = false;
		}
	};
	const sendSoon = (): void => void send();

	const end = (): void => {
		clearInterval( timer );
		removeListener();
		detach();
		onEnd();
	};
	const detach = turn.attach();
	const removeListener = turn.listen( sendSoon );
	const timer = setInterval( () => {
		const tooOld = performance.now() - READER_LEASE_MS;
		for ( const [ from, heardAt ] of readers ) {
			if ( heardAt < tooOld ) {
				readers.delete( from );
			}
		}
		if ( readers.size === 0 ) {
			end();
		}
	}, CHECK_EVERY_MS ).unref();

	return {
		hear( from ) {
			readers.set( from, performance.now() );
			sendSoon();
		},
		leave( from ) {
			if ( readers.delete( from ) && readers.size === 0 ) {
				end();
			}
		},
	};
}

function toShared( turn: RunningTurn ): SharedTurn {
	return {
		turnId: turn.id,
		conversationId: turn.conversationId,
		siteId: turn.siteId,
		visitorId: turn.visitorId,
		fingerprint: turn.fingerprint ?? '',
	};
}
