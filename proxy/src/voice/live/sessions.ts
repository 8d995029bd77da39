/**
 * Keeps a live conversation in a session of a provider: opens it, goes on in another when it breaks or is about to end, and at last waits
 * for what it cost.
 */
import { createHash } from 'node:crypto';
import type { RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import { UpstreamError } from '../../upstream/upstream-error.ts';
import { voiceOf } from '../voice-of.ts';
import type { Answering } from './answering.ts';
import type { StartFrame } from './frames.ts';
import type { HeardCover } from './heard-cover.ts';
import type { Hearing } from './hearing.ts';
import type { LiveCaller, LiveServices } from './live-services.ts';
import type { LiveTimes } from './live-times.ts';
import { LiveSession } from './session.ts';
import type { SessionSetup } from './session-setup.ts';
import type { LiveTarget } from './targets.ts';
import type { Thread } from './thread.ts';

/** A provider that fails twice within this time is not tried again, in milliseconds. */
const REOPEN_EVERY_MS = 60_000;

/** How long a provider may take to end what it was told to end, in milliseconds. */
const CANCEL_MS = 5_000;

/** How long before its end a session is left whether or not it is quiet, in milliseconds. */
const ROTATE_AT_LAST_MS = 2_000;

/** What sessions are opened with, and for whom. */
export interface SessionsOptions {
	/** Names the conversation in the log. */
	id: string;
	services: LiveServices;
	times: LiveTimes;
	caller: LiveCaller;
	start: StartFrame;
	instructions: string;
	targets: readonly LiveTarget[];
	thread: Thread;
	answering: Answering;
	hearing: Hearing | undefined;
	cover: HeardCover | undefined;
	listener: {
		/** The session broke; another one is being opened. */
		onReconnecting(): void;
		/** There is nobody to speak with any more. */
		onGivenUp(): void;
		/** After {@link Sessions.finish}: the provider may have said everything. */
		onNews(): void;
	};
}

/** The sessions of one conversation, one after the other. */
export class Sessions {
	#session: LiveSession | undefined;
	#openedAt = 0;
	#reopenedAt = -Infinity;
	#isConnecting = false;
	#isFinishing = false;
	/** Whether the provider has said that nothing more becomes of the sound it has. */
	#isCleared = false;
	readonly #options: SessionsOptions;

	constructor( options: SessionsOptions ) {
		this.#options = options;
	}

	/** The session that is spoken in; undefined while there is none. */
	get current(): LiveSession | undefined {
		return this.#session;
	}

	/** Whether the provider has yet to say what something cost. */
	get isPending(): boolean {
		return (
			this.#session !== undefined &&
			( this.#options.answering.speaking.isBusy ||
				this.#session.track.waitingCount > 0 ||
				! this.#isCleared )
		);
	}

	/** Asks for no more, and has the provider forget sound that is no question yet. */
	finish(): void {
		this.#isFinishing = true;
		this.#session?.send( { type: 'input_audio_buffer.clear' } );
	}

	/** Closes what is open. `isUnsure`: what may yet be billed counts as billed. */
	close( isUnsure: boolean ): void {
		if ( this.#session ) {
			this.#leave( this.#session, isUnsure );
		}
	}

	/** Looks at the clock: is the provider still there, and does the session last? */
	look( now: number ): void {
		if ( this.#session && ! this.#isFinishing ) {
			this.#watch( this.#session, now );
		}
	}

	/** Connects to the first target that answers; false when none does, or when nobody wants it any more. */
	async connect(): Promise< boolean > {
		this.#isConnecting = true;
		const session = await this.#open();
		this.#isConnecting = false;
		if ( this.#isFinishing ) {
			session?.close();
			return false;
		}
		if ( ! session ) {
			this.#options.listener.onGivenUp();
			return false;
		}
		this.#take( session );
		return true;
	}

	async #open(): Promise< LiveSession | undefined > {
		const { id, services, targets, times, thread } = this.#options;
		for ( const target of targets ) {
			const watched = services.health.begin( target.model );
			if ( ! watched ) {
				continue;
			}
			try {
				const session = await LiveSession.open(
					target.provider,
					this.#setup( target ),
					thread.history,
					{
						onEvent: ( from, event ) =>
							this.#onEvent( from, event ),
						onLost: ( from, error ) => {
							if ( from === this.#session ) {
								void this.failed(
									error.code ?? error.kind,
									error
								);
							}
						},
					},
					times.openMs
				);
				watched.succeeded();
				return session;
			} catch ( error ) {
				if ( error instanceof UpstreamError ) {
					watched.failed( error );
				} else {
					watched.saidNothing();
				}
				services.log.warn(
					{ sessionId: id, model: target.model.id, err: error },
					'a live session could not be opened'
				);
			}
		}
		return undefined;
	}

	#setup( { model, transcription }: LiveTarget ): SessionSetup {
		const { caller, start, instructions } = this.#options;
		return {
			model,
			transcription,
			instructions,
			voice: voiceOf( caller.settings, start.voiceRole ),
			turnDetection: start.turnDetection ?? 'auto',
			language: start.language,
			keywords: [],
			requestId: caller.requestId,
			safetyId: createHash( 'sha256' )
				.update( `${ caller.siteId } ${ caller.visitorId }` )
				.digest( 'hex' ),
		};
	}

	/** Goes on in a session. */
	#take( session: LiveSession ): void {
		this.#session = session;
		this.#openedAt = this.#options.services.clock();
		this.#options.hearing?.use( session );
		this.#options.answering.use( session );
	}

	#onEvent( session: LiveSession, event: RealtimeServerEvent ): void {
		if ( session !== this.#session ) {
			return;
		}
		const { id, services, hearing, answering, listener } = this.#options;
		if ( event.type === 'error' ) {
			services.log.debug(
				{ sessionId: id, code: event.error.code },
				'a live session complained'
			);
		}
		hearing?.onEvent( session, event );
		answering.speaking.onEvent( event );
		if ( this.#isFinishing ) {
			if ( event.type === 'input_audio_buffer.cleared' ) {
				session.track.cleared();
				this.#isCleared = true;
			}
			listener.onNews();
		}
	}

	/** Goes on in another session after the provider failed; once in a while, or not at all. */
	async failed( errorKind: string, error?: UpstreamError ): Promise< void > {
		const { id, services, answering, listener } = this.#options;
		const session = this.#session;
		if ( ! session ) {
			return;
		}
		const now = services.clock();
		const isTooSoon = now - this.#reopenedAt < REOPEN_EVERY_MS;
		this.#reopenedAt = now;
		this.#leave( session, true );
		answering.lost( errorKind );
		if ( this.#isFinishing ) {
			listener.onNews();
			return;
		}
		services.log.warn(
			{ sessionId: id, code: errorKind, err: error },
			'a live session was lost'
		);
		services.health
			.begin( session.model )
			?.failed(
				error ?? new UpstreamError( 'timeout', 'the session stalled' )
			);
		if ( isTooSoon ) {
			listener.onGivenUp();
			return;
		}
		listener.onReconnecting();
		await this.connect();
	}

	/** Moves on to a new session before the provider ends the old one. */
	async #rotate( session: LiveSession ): Promise< void > {
		this.#isConnecting = true;
		const { answering, hearing, thread } = this.#options;
		const known = thread.keptCount;
		const next = await this.#open();
		this.#isConnecting = false;
		if ( this.#isFinishing || session !== this.#session || ! next ) {
			next?.close();
			return;
		}
		if ( hearing?.isBusy || ! answering.isQuiet ) {
			// Somebody spoke meanwhile: at the next quiet moment, then.
			next.close();
			return;
		}
		const { history, keptCount } = thread;
		for ( const turn of history.slice(
			history.length - ( keptCount - known )
		) ) {
			next.addText( 'user', turn.question );
			next.addText( 'assistant', turn.answer );
		}
		this.#leave( session, false );
		this.#take( next );
	}

	/** Closes a session, and enters what may yet be billed for its sound. */
	#leave( session: LiveSession, isUnsure: boolean ): void {
		this.#session = undefined;
		this.#options.hearing?.use( undefined );
		session.close();
		const ms =
			isUnsure || session.track.hasSpeech
				? session.track.exposedMs
				: session.track.waitingMs;
		if ( ms > 0 ) {
			this.#options.cover?.heard( ms, undefined );
		}
	}

	#watch( session: LiveSession, now: number ): void {
		const { times, answering, hearing } = this.#options;
		const { silenceMs, rotateBeforeMs } = times;
		const { waitingSince, isCutting } = answering.speaking;
		const owesWord =
			waitingSince !== undefined &&
			now - waitingSince > ( isCutting ? CANCEL_MS : silenceMs );
		const owesWords =
			session.track.waitingCount > 0 &&
			now - ( hearing?.waitingSince ?? now ) > silenceMs;
		if ( owesWord || owesWords || session.isStuck ) {
			void this.failed( 'timeout' );
			return;
		}
		const { expiresAt } = session;
		if ( expiresAt === undefined || this.#isConnecting ) {
			return;
		}
		const beforeMs = Math.min(
			rotateBeforeMs,
			( expiresAt - this.#openedAt ) / 2
		);
		const isQuiet = ! hearing?.isBusy && answering.isQuiet;
		if ( now > expiresAt - beforeMs && isQuiet ) {
			void this.#rotate( session );
		} else if ( now > expiresAt - ROTATE_AT_LAST_MS ) {
			this.#reopenedAt = -Infinity;
			void this.failed( 'expired' );
		}
	}
}
