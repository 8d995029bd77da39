/**
 * One live conversation, from its first word to its last: who is connected, which session of the provider it runs in, how long it may go on.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import { isEconomyMode } from '../../models/router.ts';
import type { PastTurn } from '../../stores/conversation-store.ts';
import { UpstreamError } from '../../upstream/upstream-error.ts';
import { voiceOf } from '../voice-of.ts';
import { Answering } from './answering.ts';
import { Farewell } from './farewell.ts';
import {
	SAMPLE_RATE,
	type ClientFrame,
	type EndReason,
	type FallBack,
	type ServerFrame,
	type StartFrame,
} from './frames.ts';
import { HeardCover } from './heard-cover.ts';
import { Hearing } from './hearing.ts';
import { sessionInstructions } from './instructions.ts';
import { LiveMoney } from './live-money.ts';
import type { LiveCaller, LiveServices } from './live-services.ts';
import type { LiveTimes } from './live-times.ts';
import { Outbox, type LiveClient } from './outbox.ts';
import { livePhrase, type LivePhrase } from './phrases.ts';
import { LiveSession, type SessionSetup } from './session.ts';
import type { LiveTarget } from './targets.ts';

/** How long the last words may take after the time is over, in milliseconds. */
const LAST_WORDS_MS = 12_000;

/** A provider that fails twice within this time is not tried again, in milliseconds. */
const REOPEN_EVERY_MS = 60_000;

/** How long the provider may take to say what the end of a conversation cost, in milliseconds. */
const SETTLE_MS = 3_000;

/** How long a provider may take to end what it was told to end, in milliseconds. */
const CANCEL_MS = 5_000;

/** How long before its end a session is left whether or not it is quiet, in milliseconds. */
const ROTATE_AT_LAST_MS = 2_000;

/** What a conversation is made of. */
export interface ConversationOptions {
	services: LiveServices;
	times: LiveTimes;
	caller: LiveCaller;
	start: StartFrame;
	conversationId: string;
	history: PastTurn[];
	targets: readonly LiveTarget[];
	/** Is told once, when everything is settled. */
	onEnded: ( conversation: LiveConversation ) => void;
}

/** A conversation. */
export class LiveConversation {
	readonly id = randomBytes( 16 ).toString( 'hex' );
	readonly outbox: Outbox;
	readonly #options: ConversationOptions;
	readonly #money: LiveMoney;
	readonly #farewell: Farewell;
	readonly #answering: Answering;
	readonly #instructions: string;
	/** Both absent where there is nobody to speak with. */
	readonly #cover: HeardCover | undefined;
	readonly #hearing: Hearing | undefined;
	#session: LiveSession | undefined;
	#openedAt = 0;
	#reopenedAt = -Infinity;
	#activeAt: number;
	readonly #beganAt: number;
	#detachedAt: number | undefined;
	#isConnecting = false;
	readonly #told = new Set< string >();
	#ending: { reason: EndReason; fallBack?: FallBack } | undefined;
	#endBy = Infinity;
	#isOver = false;
	#isClosed = false;
	/** Whether the provider has said that nothing more becomes of the sound it has. */
	#isCleared = false;
	#closeBy = Infinity;

	constructor( options: ConversationOptions ) {
		const { services, caller, start } = options;
		const { settings } = caller;
		this.#options = options;
		this.#beganAt = services.clock();
		this.#activeAt = this.#beganAt;
		this.outbox = new Outbox( services.clock );
		this.#money = new LiveMoney( services, caller );
		this.#farewell = new Farewell( this.#money, this.id, services.clock );
		const voice = voiceOf( settings, start.voiceRole );
		this.#instructions = sessionInstructions(
			settings.assistant,
			voice.instructions
		);
		this.#answering = new Answering( {
			services,
			caller,
			conversationId: options.conversationId,
			scope: start.scope,
			language:
				start.language?.replaceAll( '_', '-' ) ??
				settings.assistant.language,
			instructions: this.#instructions,
			history: options.history,
			money: this.#money,
			outbox: this.outbox,
			listener: {
				onLimit: () => this.#leave( 'limit', 'text' ),
				onNearLimit: () => this.#warn( 'limit_nearly_reached' ),
				onFailure: () => void this.#reopen( 'answer_failed' ),
				isHearing: () => this.#hearing?.isBusy ?? false,
			},
		} );
		const [ first ] = options.targets;
		if ( first ) {
			this.#cover = new HeardCover( {
				money: this.#money,
				model: first.transcription,
				turnId: this.id,
				clock: services.clock,
			} );
			// It listens from the first moment: what is said while connecting is kept.
			this.#hearing = new Hearing( {
				outbox: this.outbox,
				cover: this.#cover,
				clock: services.clock,
				isPush: start.turnDetection === 'push',
				listener: {
					onWords: ( words ) => this.#answering.ask( words, false ),
					onUnclear: () => this.#answering.askAgain(),
					onNothing: () => this.#rest(),
					isPlaying: () => this.#answering.speaking.isPlaying,
					onInterrupted: ( at ) =>
						this.#answering.speaking.cutAt( at ),
					onUncovered: () => this.#leave( 'limit', 'text' ),
				},
			} );
		}
		if ( settings.voice.showSpent ) {
			this.#money.onSpent = () =>
				this.outbox.tell( {
					type: 'spent',
					nanoUsd: this.#money.spentNanoUsd,
					seconds: this.#money.seconds,
				} );
		}
	}

	get caller(): LiveCaller {
		return this.#options.caller;
	}

	get conversationId(): string {
		return this.#options.conversationId;
	}

	get isOver(): boolean {
		return this.#isOver;
	}

	/** Whether nothing is being asked or said. */
	get isQuiet(): boolean {
		return this.#answering.isQuiet;
	}

	/** Opens it for a browser; ends it at once where it cannot be. */
	async open( client: LiveClient ): Promise< void > {
		this.outbox.attach( client );
		const { services, caller, targets } = this.#options;
		const { limits } = caller.settings;
		const share = await services.spentShare( caller.siteId, limits );
		if ( isEconomyMode( share, limits.softShare ) ) {
			this.#notice( 'economy', 'economy' );
			this.end( 'economy', 'cascade' );
			return;
		}
		const [ first ] = targets;
		if ( ! first ) {
			this.end( 'unavailable', 'cascade' );
			return;
		}
		const isCovered =
			( await this.#farewell.open( first.model ) ) &&
			( await this.#cover?.open() );
		if ( this.#isOver ) {
			return;
		}
		if ( ! isCovered ) {
			this.#notice( 'limit_reached', 'limitReached' );
			this.end( 'limit', 'text' );
			return;
		}
		if ( await this.#connect() ) {
			this.#greet( client );
			this.outbox.begin();
			this.outbox.tell( { type: 'state', state: 'listening' } );
		}
	}

	/** Goes on with a browser that came back, or another tab of the same visitor that takes over. */
	resume( client: LiveClient, received: number | undefined ): void {
		this.outbox.leave( 'taken over' );
		this.#detachedAt = undefined;
		this.#greet( client );
		this.outbox.attach( client, received );
	}

	/** Tells whether it goes on with this browser. */
	holds( client: LiveClient ): boolean {
		return this.outbox.holds( client );
	}

	/** The browser is gone. It may come back. */
	detach(): void {
		this.outbox.detach();
		this.#detachedAt = this.#now();
	}

	/** Takes sound. */
	hear( pcm: Buffer ): void {
		if ( ! this.#ending ) {
			this.#hearing?.hear( pcm );
		}
	}

	/** Takes a control frame other than the first. */
	control( frame: Exclude< ClientFrame, StartFrame > ): void {
		const hearing = this.#hearing;
		switch ( frame.type ) {
			case 'talk':
				hearing?.talk( frame.isTalking );
				break;
			case 'onset':
				hearing?.onset();
				break;
			case 'onset_over':
				hearing?.onsetOver( frame.isSpeech );
				break;
			case 'interrupt':
				hearing?.interrupted();
				this.#answering.speaking.cut( frame.heardMs, frame.itemId );
				this.#rest();
				break;
			case 'text':
				this.#typed( frame.text );
				break;
			case 'mute':
				hearing?.mute( frame.isMuted );
				break;
			case 'end':
				this.end( 'client' );
		}
	}

	/** Looks at the clock. */
	look(): void {
		const { times } = this.#options;
		const now = this.#now();
		if ( this.#isOver ) {
			this.#close( now >= this.#closeBy );
			return;
		}
		this.#hearing?.look();
		this.outbox.look();
		if (
			this.#detachedAt !== undefined &&
			now - this.#detachedAt > times.graceMs
		) {
			this.end( 'client' );
			return;
		}
		if ( this.#ending ) {
			if ( now >= this.#endBy || this.#answering.hasSaidGoodbye ) {
				this.end( this.#ending.reason, this.#ending.fallBack );
			}
			this.#answering.next();
			return;
		}
		const session = this.#session;
		if ( ! session ) {
			return;
		}
		void this.#farewell.look( session.model );
		this.#watchTime( now );
		this.#watchProvider( session, now );
		this.#answering.next();
	}

	/** Ends it at once. */
	end( reason: EndReason, fallBack?: FallBack ): void {
		if ( this.#isOver ) {
			return;
		}
		this.#isOver = true;
		this.#closeBy = this.#now() + SETTLE_MS;
		if ( reason === 'forgotten' ) {
			this.#answering.forget();
		}
		this.#answering.leave();
		this.#farewell.close();
		this.outbox.tell( {
			type: 'ended',
			reason,
			...( fallBack ? { fallBack } : {} ),
		} );
		this.outbox.close( 1000, reason );
		this.#session?.send( { type: 'input_audio_buffer.clear' } );
		this.#close( false );
	}

	/** Closes what is behind it once the provider has said what everything cost, or is not waited for any longer. */
	#close( isLate: boolean ): void {
		const session = this.#session;
		const isPending =
			session !== undefined &&
			( this.#answering.speaking.isBusy ||
				session.track.waitingCount > 0 ||
				! this.#isCleared );
		if ( this.#isClosed || ( isPending && ! isLate ) ) {
			return;
		}
		this.#isClosed = true;
		this.#answering.close();
		if ( session ) {
			this.#leaveSession( session, isPending );
		}
		this.#cover?.close();
		void this.#money.saved().then( () => this.#options.onEnded( this ) );
	}

	#now(): number {
		return this.#options.services.clock();
	}

	/** Says what the conversation is called. It is not among the frames that are counted. */
	#greet( client: LiveClient ): void {
		const { liveMaxSeconds } = this.caller.settings.voice;
		client.sendText(
			JSON.stringify( {
				type: 'ready',
				sessionId: this.id,
				conversationId: this.conversationId,
				remainingMs: Math.max(
					0,
					this.#beganAt + liveMaxSeconds * 1_000 - this.#now()
				),
				sampleRate: SAMPLE_RATE,
			} satisfies ServerFrame )
		);
	}

	/** Connects to the first target that answers; ends the conversation when none does. */
	async #connect(): Promise< boolean > {
		this.#isConnecting = true;
		const session = await this.#openSession();
		this.#isConnecting = false;
		if ( this.#isOver ) {
			session?.close();
			return false;
		}
		if ( ! session ) {
			this.end( 'unavailable', 'cascade' );
			return false;
		}
		this.#take( session );
		return true;
	}

	async #openSession(): Promise< LiveSession | undefined > {
		const { services, targets, times } = this.#options;
		for ( const target of targets ) {
			const watched = services.health.begin( target.model );
			if ( ! watched ) {
				continue;
			}
			try {
				const session = await LiveSession.open(
					target.provider,
					this.#setup( target ),
					this.#answering.history,
					{
						onEvent: ( from, event ) =>
							this.#onEvent( from, event ),
						onLost: ( from, error ) => {
							if ( from === this.#session ) {
								void this.#reopen(
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
					{ sessionId: this.id, model: target.model.id, err: error },
					'a live session could not be opened'
				);
			}
		}
		return undefined;
	}

	#setup( { model, transcription }: LiveTarget ): SessionSetup {
		const { caller, start } = this.#options;
		return {
			model,
			transcription,
			instructions: this.#instructions,
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
		this.#openedAt = this.#now();
		this.#hearing?.use( session );
		this.#answering.use( session );
	}

	#onEvent( session: LiveSession, event: RealtimeServerEvent ): void {
		if ( session !== this.#session ) {
			return;
		}
		this.#hearing?.onEvent( session, event );
		this.#answering.speaking.onEvent( event );
		if ( this.#isOver ) {
			if ( event.type === 'input_audio_buffer.cleared' ) {
				session.track.cleared();
				this.#isCleared = true;
			}
			this.#close( false );
		}
	}

	/** Goes on in another session after the provider failed; once in a while, or not at all. */
	async #reopen( errorKind: string, error?: UpstreamError ): Promise< void > {
		const { services } = this.#options;
		const session = this.#session;
		if ( ! session ) {
			return;
		}
		if ( this.#isOver ) {
			this.#close( true );
			return;
		}
		const now = this.#now();
		const isTooSoon = now - this.#reopenedAt < REOPEN_EVERY_MS;
		this.#reopenedAt = now;
		this.#leaveSession( session, true );
		this.#answering.lost( errorKind );
		services.log.warn(
			{ sessionId: this.id, code: errorKind, err: error },
			'a live session was lost'
		);
		services.health
			.begin( session.model )
			?.failed(
				error ?? new UpstreamError( 'timeout', 'the session stalled' )
			);
		if ( isTooSoon || this.#ending ) {
			this.end( this.#ending?.reason ?? 'unavailable', 'cascade' );
			return;
		}
		this.#told.delete( 'reconnecting' );
		this.#notice( 'reconnecting', 'reconnecting' );
		await this.#connect();
	}

	/** Moves on to a new session before the provider ends the old one. */
	async #rotate( session: LiveSession ): Promise< void > {
		this.#isConnecting = true;
		const known = this.#answering.keptCount;
		const next = await this.#openSession();
		this.#isConnecting = false;
		if ( this.#isOver || session !== this.#session || ! next ) {
			next?.close();
			return;
		}
		if ( this.#hearing?.isBusy || ! this.#answering.isQuiet ) {
			// Somebody spoke meanwhile: at the next quiet moment, then.
			next.close();
			return;
		}
		const { history, keptCount } = this.#answering;
		for ( const turn of history.slice(
			history.length - ( keptCount - known )
		) ) {
			next.addText( 'user', turn.question );
			next.addText( 'assistant', turn.answer );
		}
		this.#leaveSession( session, false );
		this.#take( next );
	}

	/** Closes a session, and enters what may yet be billed for its sound. */
	#leaveSession( session: LiveSession, isUnsure: boolean ): void {
		this.#session = undefined;
		this.#hearing?.use( undefined );
		session.close();
		const ms =
			isUnsure || session.track.hasSpeech
				? session.track.exposedMs
				: session.track.waitingMs;
		if ( ms > 0 ) {
			this.#cover?.heard( ms, undefined );
		}
	}

	#watchTime( now: number ): void {
		const { times } = this.#options;
		const maxMs = this.caller.settings.voice.liveMaxSeconds * 1_000;
		const leftMs = this.#beganAt + maxMs - now;
		if ( leftMs <= 0 ) {
			this.#leave( 'time', 'cascade' );
			return;
		}
		if ( leftMs <= Math.min( times.warnBeforeMs, maxMs / 4 ) ) {
			this.#warn( 'time_nearly_over' );
		}
		if ( this.#cover?.isLow ) {
			this.#warn( 'limit_nearly_reached' );
		}
		if ( ! this.#answering.isQuiet || this.#hearing?.isBusy ) {
			this.#activeAt = now;
		}
		if ( now - this.#activeAt > times.idleMs ) {
			this.end( 'idle' );
		}
	}

	#watchProvider( session: LiveSession, now: number ): void {
		const { silenceMs, rotateBeforeMs } = this.#options.times;
		const { waitingSince, isCutting } = this.#answering.speaking;
		const owesWord =
			waitingSince !== undefined &&
			now - waitingSince > ( isCutting ? CANCEL_MS : silenceMs );
		const owesWords =
			session.track.waitingCount > 0 &&
			now - ( this.#hearing?.waitingSince ?? now ) > silenceMs;
		if ( owesWord || owesWords || session.isStuck ) {
			void this.#reopen( 'timeout' );
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
		const isQuiet = ! this.#hearing?.isBusy && this.#answering.isQuiet;
		if ( now > expiresAt - beforeMs && isQuiet ) {
			void this.#rotate( session );
		} else if ( now > expiresAt - ROTATE_AT_LAST_MS ) {
			this.#reopenedAt = -Infinity;
			void this.#reopen( 'expired' );
		}
	}

	/** Tells the visitor that it is nearly over: in writing, and once aloud. */
	#warn( code: 'time_nearly_over' | 'limit_nearly_reached' ): void {
		const name =
			code === 'time_nearly_over'
				? 'timeNearlyOver'
				: 'limitNearlyReached';
		this.#notice( code, name );
		const reservation = this.#farewell.take( 'warning' );
		if ( reservation ) {
			this.#answering.say( {
				purpose: 'warning',
				text: livePhrase( name, this.#answering.language ),
				reservation,
			} );
		}
	}

	/** Says goodbye, and ends when it was heard. */
	#leave( reason: 'time' | 'limit', fallBack: FallBack ): void {
		if ( this.#ending || this.#isOver ) {
			return;
		}
		this.#ending = { reason, fallBack };
		this.#endBy = this.#now() + LAST_WORDS_MS;
		const name = reason === 'time' ? 'timeOver' : 'limitReached';
		if ( reason === 'limit' ) {
			this.#notice( 'limit_reached', name );
		}
		const reservation = this.#farewell.take( 'goodbye' );
		if ( reservation ) {
			this.#answering.say( {
				purpose: 'goodbye',
				text: livePhrase( name, this.#answering.language ),
				reservation,
			} );
		} else {
			this.end( reason, fallBack );
		}
	}

	/** Tells something once. */
	#notice(
		code: Extract< ServerFrame, { type: 'notice' } >[ 'code' ],
		name: LivePhrase
	): void {
		if ( ! this.#told.has( code ) ) {
			this.#told.add( code );
			this.outbox.tell( {
				type: 'notice',
				code,
				message: livePhrase( name, this.#answering.language ),
			} );
		}
	}

	#typed( raw: string ): void {
		const text = raw
			.toWellFormed()
			.replace( /[\u0000-\u001f\u007f]+/g, ' ' )
			.trim();
		if ( text !== '' && ! this.#ending ) {
			this.#activeAt = this.#now();
			this.#answering.ask( text, true );
		}
	}

	/** Nothing came of what sounded like speech, or the assistant was stopped. */
	#rest(): void {
		if ( this.#answering.isQuiet && ! this.#hearing?.isBusy ) {
			this.outbox.tell( { type: 'state', state: 'listening' } );
		} else if ( this.#answering.speaking.isPlaying ) {
			this.outbox.tell( { type: 'state', state: 'speaking' } );
		}
		this.#answering.next();
	}
}
