/**
 * One session with a realtime model: opens it, sets it up, gives it the thread so far, and sends sound into it. The browser can change none
 * of this.
 */
import type {
	RealtimeClientEvent,
	RealtimeServerEvent,
} from 'openai/resources/realtime/realtime';
import type { Model } from '../../models/catalog.ts';
import type { PastTurn } from '../../stores/conversation-store.ts';
import { UpstreamError } from '../../upstream/upstream-error.ts';
import type {
	RealtimeConnection,
	VoiceProvider,
} from '../../upstream/voice.ts';
import { BYTES_PER_MS } from './frames.ts';
import { HEARD_TOKENS_PER_SECOND } from './live-money.ts';
import { sessionOf, type SessionSetup } from './session-setup.ts';
import { Track } from './track.ts';

/** A provider that leaves so much unsent on this machine takes nothing any more; in bytes. */
const MAX_BUFFERED = 1_000_000;

/** Tokens that an item costs besides its content, generously. */
export const TOKENS_PER_ITEM = 16;

/** Who listens to a session. */
export interface SessionListener {
	onEvent( session: LiveSession, event: RealtimeServerEvent ): void;
	/** It is gone, and nobody closed it here. */
	onLost( session: LiveSession, error: UpstreamError ): void;
}

/** A session that is set up. */
export class LiveSession {
	readonly track = new Track();
	readonly model: Model;
	/** No fewer tokens than the conversation holds, by what they are. */
	textTokens = 0;
	audioTokens = 0;
	/** Those among them that came after the last answer was asked for. */
	newTextTokens = 0;
	newAudioTokens = 0;
	/** When the provider ends it, in milliseconds since the epoch; undefined when it did not say. */
	expiresAt: number | undefined;
	readonly turnDetection: 'auto' | 'push';
	#connection: RealtimeConnection | undefined;
	#isClosed = false;
	#onUpdated: ( () => void ) | undefined;
	#onFailed: ( ( error: UpstreamError ) => void ) | undefined;
	readonly #abort = new AbortController();

	private constructor( setup: SessionSetup ) {
		this.model = setup.model;
		this.turnDetection = setup.turnDetection;
	}

	/** Opens a session and tells it what was said before; throws `UpstreamError`. */
	static async open(
		provider: VoiceProvider,
		setup: SessionSetup,
		history: readonly PastTurn[],
		listener: SessionListener,
		timeoutMs: number
	): Promise< LiveSession > {
		const session = new LiveSession( setup );
		const timer = setTimeout( () => session.#fail( silent() ), timeoutMs );
		try {
			const failed = new Promise< never >( ( _, reject ) => {
				session.#onFailed = reject;
			} );
			const updated = new Promise< void >( ( resolve ) => {
				session.#onUpdated = resolve;
			} );
			const connecting = provider
				.openRealtime(
					{
						model: setup.model,
						requestId: setup.requestId,
						priority: 'visitor',
						signal: session.#abort.signal,
						safetyId: setup.safetyId,
					},
					{
						onEvent: ( event ) => session.#hear( event, listener ),
						onClose: ( error ) => session.#lose( error, listener ),
					}
				)
				.then( ( connection ) => {
					if ( session.#isClosed ) {
						connection.close();
					}
					session.#connection = connection;
				} );
			await Promise.race( [ connecting, failed ] );
			session.send( {
				type: 'session.update',
				session: sessionOf( setup ),
			} );
			for ( const turn of history ) {
				session.addText( 'user', turn.question );
				session.addText( 'assistant', turn.answer );
			}
			await Promise.race( [ updated, failed ] );
			return session;
		} catch ( error ) {
			session.close();
			throw error instanceof UpstreamError
				? error
				: new UpstreamError( 'unavailable', String( error ) );
		} finally {
			clearTimeout( timer );
			session.#onFailed = undefined;
		}
	}

	get isClosed(): boolean {
		return this.#isClosed;
	}

	/** Whether the provider takes what it is sent. */
	get isStuck(): boolean {
		return ( this.#connection?.bufferedBytes ?? 0 ) > MAX_BUFFERED;
	}

	/** Sends an event; does nothing once it is closed. */
	send( event: RealtimeClientEvent ): void {
		if ( ! this.#isClosed ) {
			this.#connection?.send( event );
		}
	}

	/** Sends sound. */
	append( pcm: Buffer ): void {
		this.track.send(
			pcm.byteLength / BYTES_PER_MS,
			this.turnDetection === 'auto'
		);
		this.send( {
			type: 'input_audio_buffer.append',
			audio: pcm.toString( 'base64' ),
		} );
	}

	/** Counts an item of sound that became part of the conversation. */
	addSound( ms: number ): void {
		const tokens =
			Math.ceil( ( ms * HEARD_TOKENS_PER_SECOND ) / 1_000 ) +
			TOKENS_PER_ITEM;
		this.audioTokens += tokens;
		this.newAudioTokens += tokens;
	}

	/** Adds words to the conversation that were typed, or said before. */
	addText( role: 'user' | 'assistant', text: string ): void {
		if ( text === '' ) {
			return;
		}
		const tokens = Buffer.byteLength( text ) + TOKENS_PER_ITEM;
		this.textTokens += tokens;
		this.newTextTokens += tokens;
		this.send( {
			type: 'conversation.item.create',
			item:
				role === 'user'
					? {
							type: 'message',
							role,
							content: [ { type: 'input_text', text } ],
						}
					: {
							type: 'message',
							role,
							content: [ { type: 'output_text', text } ],
						},
		} );
	}

	/** Closes it. Nobody is told. */
	close(): void {
		if ( ! this.#isClosed ) {
			this.#isClosed = true;
			this.#abort.abort();
			this.#connection?.close();
		}
	}

	#hear( event: RealtimeServerEvent, listener: SessionListener ): void {
		switch ( event.type ) {
			case 'session.created':
			case 'session.updated': {
				const { expires_at: seconds } = event.session as {
					expires_at?: number;
				};
				this.expiresAt = seconds ? seconds * 1_000 : this.expiresAt;
				if ( event.type === 'session.updated' ) {
					this.#onUpdated?.();
				}
				return;
			}
			case 'error':
				if ( this.#onFailed ) {
					this.#fail(
						new UpstreamError(
							'refused',
							'the provider did not take the session as it was set up',
							{ cause: event.error }
						)
					);
					return;
				}
		}
		if ( ! this.#isClosed ) {
			listener.onEvent( this, event );
		}
	}

	#lose( error: UpstreamError | undefined, listener: SessionListener ): void {
		const lost =
			error ?? new UpstreamError( 'cut', 'the session was closed' );
		if ( this.#onFailed ) {
			this.#fail( lost );
		} else if ( ! this.#isClosed ) {
			this.#isClosed = true;
			listener.onLost( this, lost );
		}
	}

	#fail( error: UpstreamError ): void {
		this.#onFailed?.( error );
	}
}

function silent(): UpstreamError {
	return new UpstreamError(
		'timeout',
		'the provider did not open the session in time'
	);
}
