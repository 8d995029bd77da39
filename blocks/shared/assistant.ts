/**
 * The assistant of one page, without its looks: asks, keeps the conversation, resumes, stops. Every panel on the page shares it.
 */
import { isRunning, reduceConversation } from './conversation.ts';
import type {
	Conversation,
	ConversationAction,
	Rating,
	Turn,
} from './conversation.ts';
import { asFailure, AssistantFailure } from './failure.ts';
import { createProxyClient } from './proxy-client.ts';
import type {
	Connection,
	FollowOptions,
	PageScope,
	Patience,
	ProxyClient,
} from './proxy-client.ts';
import type { TabMemory } from './tab-memory.ts';
import { createTokenSource } from './visitor-token.ts';

/** Streamed text is written to storage at most this often; the end of a turn and leaving the page write at once. */
const SAVE_EVERY_MS = 400;

/** Longest wait for a stop to be confirmed before the next question goes out all the same. */
const STOP_WAIT_MS = 3_000;

export interface Assistant {
	readonly conversation: Conversation;
	/** The turn being worked on. */
	readonly running: Turn | undefined;
	readonly hasAgreed: boolean;
	/** Whether the stream was cut and is being picked up again. */
	readonly isReconnecting: boolean;
	/** Hears of every change. Returns what ends that. */
	subscribe( listener: () => void ): () => void;
	/** Notes the visitor's agreement to send text. */
	agree(): void;
	/** Takes the agreement back and forgets everything, here and at the proxy. */
	withdraw(): void;
	/** Asks, unless a turn is running or the visitor has not agreed. */
	ask( question: string, scope?: PageScope ): void;
	stop(): void;
	/** Tries a failed turn again: goes on where it broke off if the proxy still has it, and otherwise asks anew. */
	retry( key: string ): void;
	rate( key: string, rating: Rating ): void;
	/** Forgets the conversation, here and at the proxy; the agreement stays. */
	startOver(): void;
	/** Picks up what an earlier page of this tab left. */
	resume(): void;
	/** The page is being left: saves, lets go of the stream and, if nothing can come back for it, stops the work. */
	leave(): void;
	/** The page is in front again. */
	wake(): void;
}

/** The reading of one turn, from the question or from where an earlier page left it. */
interface Reading {
	key: string;
	controller: AbortController;
	/** Set when the visitor stopped before the proxy had named the turn. */
	onTurn?: ( turnId: string, conversationId: string ) => void;
	onEnd?: () => void;
}

/** Creates the assistant of one page. */
export function createAssistant( {
	tokenUrl,
	proxyUrl,
	memory,
	connection,
	fetch,
	sendBeacon,
	patience,
	makeKey = () => Math.random().toString( 36 ).slice( 2 ),
}: {
	tokenUrl: string;
	proxyUrl: string;
	memory: TabMemory;
	connection: Connection;
	fetch: typeof globalThis.fetch;
	sendBeacon: ( url: string, body: string ) => void;
	patience?: Patience;
	makeKey?: () => string;
} ): Assistant {
	const client: ProxyClient = createProxyClient( {
		proxyUrl,
		tokens: createTokenSource( {
			tokenUrl,
			consent: () => memory.record.consent,
			load: () => memory.record.token,
			save: ( token ) => memory.update( { token } ),
			fetch,
		} ),
		connection,
		fetch,
		...( patience && { patience } ),
	} );
	const listeners = new Set< () => void >();
	let conversation = memory.record.conversation;
	let isReconnecting = false;
	let reading: Reading | undefined;
	/** The stop that the proxy has not confirmed yet; it may not have named the turn yet either. */
	let stopping: { turnId?: string; confirmed: Promise< void > } | undefined;
	/** Where the running turn was asked from, for asking it anew. */
	let lastScope: PageScope | undefined;
	let saveTimer: ReturnType< typeof setTimeout > | undefined;

	const lastTurn = () => conversation.turns.at( -1 );
	const running = () =>
		isRunning( lastTurn() ) && reading ? lastTurn() : undefined;
	const changed = () => listeners.forEach( ( listener ) => listener() );

	function save(): void {
		clearTimeout( saveTimer );
		saveTimer = undefined;
		memory.update( { conversation } );
	}

	function dispatch( action: ConversationAction ): void {
		const before = conversation;
		conversation = reduceConversation( conversation, action );
		if ( conversation === before ) {
			return;
		}
		if ( action.type === 'received' && action.event.type === 'text' ) {
			saveTimer ??= setTimeout( save, SAVE_EVERY_MS );
		} else {
			save();
		}
		changed();
	}

	/** Runs one turn to its end, whichever way it is begun; never rejects. */
	async function run(
		key: string,
		begin: ( options: FollowOptions ) => Promise< void >
	): Promise< void > {
		const controller = new AbortController();
		const { signal } = controller;
		const own: Reading = { key, controller };
		reading = own;
		try {
			await begin( {
				signal,
				onEvent: ( event ) => {
					dispatch( { type: 'received', key, event } );
					if ( event.type === 'turn' ) {
						own.onTurn?.( event.turnId, event.conversationId );
					}
				},
				onReconnecting: ( value ) => {
					if ( value !== isReconnecting ) {
						isReconnecting = value;
						changed();
					}
				},
			} );
		} catch ( thrown ) {
			if ( ! signal.aborted ) {
				const failure = asFailure( thrown, connection.isOnline() );
				if ( failure.kind === 'consent_required' ) {
					memory.update( { consent: [], token: undefined } );
				}
				dispatch( {
					type: 'failed',
					key,
					failure: {
						kind: failure.kind,
						isFinal: failure.status === 200,
						...( failure.retryAfterMs !== undefined && {
							retryAt: Date.now() + failure.retryAfterMs,
						} ),
					},
				} );
			}
		} finally {
			if ( reading === own ) {
				reading = undefined;
				isReconnecting = false;
				changed();
			}
			own.onEnd?.();
		}
	}

	function begin( key: string, question: string ): Promise< void > {
		return run( key, async ( options ) => {
			await Promise.race( [
				stopping?.confirmed,
				stopping && after( STOP_WAIT_MS ),
			] );
			const { id } = conversation;
			const asked = { question, scope: lastScope };
			try {
				await client.ask( { ...asked, conversationId: id }, options );
			} catch ( thrown ) {
				const isExpired =
					id !== undefined &&
					thrown instanceof AssistantFailure &&
					thrown.kind === 'not_found';
				if ( ! isExpired ) {
					throw thrown;
				}
				dispatch( { type: 'expired', key } );
				await client.ask( asked, options );
			}
		} );
	}

	/** Tells the proxy to end the work; the next question waits for that, or the proxy would call the conversation busy. */
	function endWork(
		turnId: string | undefined,
		work: Promise< void >
	): void {
		const confirmed = work
			// The proxy ends the work by itself once nobody has listened for a while.
			.catch( () => {} )
			.finally( () => {
				if ( stopping?.confirmed === confirmed ) {
					stopping = undefined;
				}
			} );
		stopping = { ...( turnId && { turnId } ), confirmed };
	}

	function stop(): void {
		const turn = running();
		const own = reading;
		if ( ! turn || ! own ) {
			return;
		}
		dispatch( { type: 'stopped', key: turn.key } );
		reading = undefined;
		if ( turn.turnId ) {
			own.controller.abort();
			endWork( turn.turnId, client.stop( turn.turnId ) );
		} else {
			// The proxy has not named the turn yet: read on until it does, and stop it then.
			const named = new Promise< void >( ( resolve, reject ) => {
				own.onEnd = resolve;
				own.onTurn = ( turnId, conversationId ) => {
					own.controller.abort();
					client.stop( turnId ).then( resolve, reject );
					if (
						! conversation.turns.some(
							( { key } ) => key === turn.key
						)
					) {
						client.forget( conversationId ).catch( () => {} );
					}
				};
			} );
			endWork( undefined, named );
		}
		changed();
	}

	function clear(): void {
		const { id } = conversation;
		stop();
		if ( id ) {
			client.forget( id ).catch( () => {} );
		}
		dispatch( { type: 'cleared' } );
	}

	return {
		get conversation() {
			return conversation;
		},
		get running() {
			return running();
		},
		get hasAgreed() {
			return memory.record.consent.includes( 'text' );
		},
		get isReconnecting() {
			return isReconnecting;
		},
		subscribe( listener ) {
			listeners.add( listener );
			return () => listeners.delete( listener );
		},
		agree() {
			// A token minted before says what was agreed to before.
			memory.update( { consent: [ 'text' ], token: undefined } );
			changed();
		},
		withdraw() {
			clear();
			memory.update( { consent: [], token: undefined } );
			changed();
		},
		ask( question, scope ) {
			if ( running() || ! memory.record.consent.includes( 'text' ) ) {
				return;
			}
			const key = makeKey();
			lastScope = scope;
			dispatch( { type: 'asked', key, question } );
			void begin( key, question );
			changed();
		},
		stop,
		retry( key ) {
			const turn = conversation.turns.find(
				( item ) => item.key === key
			);
			if (
				! turn?.failure ||
				running() ||
				! memory.record.consent.includes( 'text' )
			) {
				return;
			}
			const { turnId, lastEventId, failure } = turn;
			const isAnew =
				turnId === undefined ||
				failure.isFinal ||
				failure.kind === 'not_found';
			dispatch( { type: 'retried', key, isAnew } );
			void ( isAnew
				? begin( key, turn.question )
				: run( key, ( options ) =>
						client.follow( turnId, lastEventId, options )
					) );
			changed();
		},
		rate( key, rating ) {
			const turn = conversation.turns.find(
				( item ) => item.key === key
			);
			if ( ! turn?.turnId ) {
				return;
			}
			const before = turn.rating;
			dispatch( { type: 'rated', key, rating } );
			client
				.rate( turn.turnId, rating )
				.catch( () =>
					dispatch( { type: 'rated', key, rating: before } )
				);
		},
		startOver: clear,
		resume() {
			const turn = lastTurn();
			if ( ! turn || ! isRunning( turn ) || reading ) {
				return;
			}
			const { key, turnId, lastEventId } = turn;
			if ( turnId === undefined ) {
				dispatch( {
					type: 'failed',
					key,
					failure: { kind: 'interrupted', isFinal: true },
				} );
				return;
			}
			void run( key, ( options ) =>
				client.follow( turnId, lastEventId, options )
			);
			changed();
		},
		leave() {
			save();
			const turnId = running()?.turnId;
			reading?.controller.abort();
			reading = undefined;
			// The next page of this tab takes up a turn that was saved; only what nobody can take up is stopped.
			const orphan = memory.isLasting ? stopping?.turnId : turnId;
			if ( orphan ) {
				const { url, body } = client.stopBeacon( orphan );
				sendBeacon( url, body );
			}
		},
		wake() {
			if ( reading ) {
				client.checkLiveness();
				return;
			}
			memory.reload();
			conversation = memory.record.conversation;
			changed();
			this.resume();
		},
	};
}

function after( durationMs: number ): Promise< void > {
	return new Promise( ( resolve ) => setTimeout( resolve, durationMs ) );
}
