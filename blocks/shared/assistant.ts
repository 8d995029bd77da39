/**
 * The assistant of one page, without its looks: asks, keeps the conversation, resumes, stops. Every panel on the page shares it.
 */
import type { Assistant, SpeechListener } from './assistant-contract.ts';
import { isRunning, reduceConversation } from './conversation.ts';
import type { ConversationAction, Turn } from './conversation.ts';
import { AssistantFailure, NEEDS_RECORDING } from './failure.ts';
import { createProxyClient } from './proxy-client.ts';
import type { AskOptions } from './proxy-client.ts';
import type { TabMemory } from './tab-memory.ts';
import type { Connection, Patience } from './turn-follower.ts';
import { createTurnReading } from './turn-reading.ts';
import { createTokenSource } from './visitor-token.ts';

/** Streamed text is written to storage at most this often; the end of a turn and leaving the page write at once. */
const SAVE_EVERY_MS = 400;

export type { Assistant, SpeechListener } from './assistant-contract.ts';

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
	const tokens = createTokenSource( {
		tokenUrl,
		consent: () => memory.record.consent,
		load: () => memory.record.token,
		save: ( token ) => memory.update( { token } ),
		fetch,
	} );
	const client = createProxyClient( {
		proxyUrl,
		tokens,
		connection,
		fetch,
		...( patience && { patience } ),
	} );
	const listeners = new Set< () => void >();
	let conversation = memory.record.conversation;
	const speechListeners = new Set< SpeechListener >();
	/** How the questions of this page were asked, for asking them anew. */
	const askedWith = new Map< string, AskOptions & { audio?: Blob } >();
	let saveTimer: ReturnType< typeof setTimeout > | undefined;

	const changed = () => listeners.forEach( ( listener ) => listener() );
	const hasAgreed = () => memory.record.consent.includes( 'text' );
	const turnOf = ( key: string | undefined ) =>
		conversation.turns.find( ( turn ) => turn.key === key );
	const running = () => {
		const turn = turnOf( reading.key );
		return isRunning( turn ) ? turn : undefined;
	};

	const reading = createTurnReading( {
		client,
		connection,
		onEvent( key, event ) {
			dispatch( { type: 'received', key, event } );
			switch ( event.type ) {
				case 'transcript':
					delete askedWith.get( key )?.audio;
					break;
				case 'speech':
				case 'stored_speech':
				case 'notice':
				case 'done':
				case 'error':
					speechListeners.forEach( ( listener ) =>
						listener( key, event )
					);
			}
		},
		onFailure( key, { kind, retryAfterMs, status } ) {
			if ( kind === 'consent_required' ) {
				memory.update( { consent: [], token: undefined } );
			}
			if ( NEEDS_RECORDING.has( kind ) ) {
				delete askedWith.get( key )?.audio;
			}
			dispatch( {
				type: 'failed',
				key,
				failure: {
					kind,
					isFinal: status === 200,
					...( retryAfterMs !== undefined && {
						retryAt: Date.now() + retryAfterMs,
					} ),
				},
			} );
		},
		onChange: changed,
	} );

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
		if (
			action.type === 'received'
				? action.event.type === 'text' || action.event.type === 'speech'
				: action.type === 'changed' && action.change.status !== 'done'
		) {
			saveTimer ??= setTimeout( save, SAVE_EVERY_MS );
		} else {
			save();
		}
		changed();
	}

	function ask( key: string, question: string ): void {
		const { audio, ...others } = askedWith.get( key ) ?? {};
		void reading.begin( key, async ( options ) => {
			await reading.stopped();
			const { id } = conversation;
			const asked = question
				? { ...others, question }
				: { ...others, audio };
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

	function follow( { key, lastEventId }: Turn, turnId: string ): void {
		void reading.begin( key, ( options ) =>
			client.follow( turnId, lastEventId, options )
		);
	}

	function stop(): void {
		const turn = running();
		if ( turn ) {
			dispatch( { type: 'stopped', key: turn.key } );
			reading.stop( turn.turnId, ( conversationId ) => {
				// Started over before the proxy had named what there was to forget.
				if ( ! turnOf( turn.key ) ) {
					client.forget( conversationId ).catch( () => {} );
				}
			} );
		}
	}

	function clear(): void {
		const { id } = conversation;
		stop();
		if ( id ) {
			client.forget( id ).catch( () => {} );
		}
		askedWith.clear();
		dispatch( { type: 'cleared' } );
	}

	function resume(): void {
		const turn = conversation.turns.findLast( isRunning );
		if ( ! turn || reading.key ) {
			return;
		}
		if ( turn.turnId ) {
			follow( turn, turn.turnId );
			return;
		}
		dispatch( {
			type: 'failed',
			key: turn.key,
			failure: {
				kind:
					turn.isSpoken && ! turn.question
						? 'recording_lost'
						: 'interrupted',
				isFinal: true,
			},
		} );
	}

	function begin(
		question: string,
		options: AskOptions & { audio?: Blob },
		isSpoken: boolean
	): void {
		if ( running()?.isWritten ) {
			stop();
		}
		if ( running() || ! hasAgreed() ) {
			return;
		}
		const key = makeKey();
		askedWith.set( key, options );
		dispatch( {
			type: 'asked',
			key,
			question,
			isSpoken,
		} );
		ask( key, question );
	}

	return {
		get conversation() {
			return conversation;
		},
		get running() {
			return running();
		},
		get hasAgreed() {
			return hasAgreed();
		},
		get hasAgreedToVoice() {
			return memory.record.consent.includes( 'voice' );
		},
		get isReconnecting() {
			return reading.isReconnecting;
		},
		subscribe( listener ) {
			listeners.add( listener );
			return () => listeners.delete( listener );
		},
		onSpeech( listener ) {
			speechListeners.add( listener );
			return () => speechListeners.delete( listener );
		},
		agree( isToVoice = false ) {
			// A token minted before says what was agreed to before.
			memory.update( {
				consent: isToVoice ? [ 'text', 'voice' ] : [ 'text' ],
				token: undefined,
			} );
			changed();
		},
		withdraw() {
			clear();
			memory.update( { consent: [], token: undefined } );
			changed();
		},
		ask: ( question, options = {} ) => begin( question, options, false ),
		askAloud: ( audio, options, words = '' ) =>
			begin(
				words,
				words ? { ...options } : { ...options, audio },
				true
			),
		stop,
		retry( key, scope ) {
			const turn = turnOf( key );
			if ( ! turn?.failure || running() || ! hasAgreed() ) {
				return;
			}
			const { turnId, failure } = turn;
			if (
				turnId === undefined ||
				failure.isFinal ||
				failure.kind === 'not_found'
			) {
				const asked = askedWith.get( key );
				if ( turn.question === '' && ! asked?.audio ) {
					return;
				}
				askedWith.set( key, { ...asked, scope } );
				dispatch( { type: 'retried', key, isAnew: true } );
				ask( key, turn.question );
			} else {
				dispatch( { type: 'retried', key, isAnew: false } );
				follow( turn, turnId );
			}
		},
		rate( key, rating ) {
			const turn = turnOf( key );
			if ( turn?.turnId ) {
				const before = turn.rating;
				dispatch( { type: 'rated', key, rating } );
				client.rate( turn.turnId, rating ).catch( () => {
					dispatch( { type: 'rated', key, rating: before } );
				} );
			}
		},
		startOver: clear,
		resume,
		leave() {
			save();
			const turnId = running()?.turnId;
			reading.letGo();
			// The next page of this tab takes up a turn that was saved; only what nobody can take up is stopped.
			const orphan = memory.isLasting ? reading.unconfirmedStop : turnId;
			if ( orphan ) {
				const { url, body } = client.stopBeacon( orphan );
				sendBeacon( url, body );
			}
		},
		checkLiveness: client.checkLiveness,
		comeBack() {
			memory.reload();
			conversation = memory.record.conversation;
			changed();
			resume();
		},
		tokens,
		note: dispatch,
	};
}
