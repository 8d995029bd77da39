/**
 * One live conversation, from its first word to its last: who is connected, which session of the provider it runs in, how long it may go on.
 */
import { randomBytes } from 'node:crypto';
import { isEconomyMode } from '../../models/router.ts';
import type { PastTurn } from '../../stores/conversation-store.ts';
import { voiceOf } from '../voice-of.ts';
import { Answering } from './answering.ts';
import { Farewell } from './farewell.ts';
import {
	plainText,
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
import { Sessions } from './sessions.ts';
import type { LiveTarget } from './targets.ts';
import { Thread } from './thread.ts';

/** How long the last words may take after the time is over, in milliseconds. */
const LAST_WORDS_MS = 12_000;

/** How long the provider may take to say what the end of a conversation cost, in milliseconds. */
const SETTLE_MS = 3_000;

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
	readonly #thread: Thread;
	readonly #answering: Answering;
	/** Both absent where there is nobody to speak with. */
	readonly #cover: HeardCover | undefined;
	readonly #hearing: Hearing | undefined;
	readonly #sessions: Sessions;
	#activeAt: number;
	readonly #beganAt: number;
	#detachedAt: number | undefined;
	#ending: { reason: EndReason; fallBack?: FallBack } | undefined;
	#endBy = Infinity;
	#isOver = false;
	#isClosed = false;
	#closeBy = Infinity;

	constructor( options: ConversationOptions ) {
		const { services, caller, start } = options;
		const { settings } = caller;
		this.#options = options;
		this.#beganAt = services.clock();
		this.#activeAt = this.#beganAt;
		this.outbox = new Outbox( services.clock );
		this.#money = new LiveMoney( services, caller );
		const voice = voiceOf( settings, start.voiceRole );
		const instructions = sessionInstructions(
			settings.assistant,
			voice.instructions
		);
		this.#thread = new Thread( options );
		this.#answering = new Answering( {
			services,
			caller,
			sessionId: this.id,
			thread: this.#thread,
			scope: start.scope,
			language:
				start.language?.replaceAll( '_', '-' ) ??
				settings.assistant.language,
			instructions,
			money: this.#money,
			outbox: this.outbox,
			listener: {
				onLimit: () => this.#leave( 'limit', 'text' ),
				onNearLimit: () =>
					this.#farewell.warn( 'limit_nearly_reached' ),
				onFailure: () => void this.#sessions.failed( 'answer_failed' ),
				isHearing: () => this.#hearing?.isBusy ?? false,
			},
		} );
		this.#farewell = new Farewell( {
			turnId: this.id,
			clock: services.clock,
			money: this.#money,
			outbox: this.outbox,
			answering: this.#answering,
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
		this.#sessions = new Sessions( {
			...options,
			id: this.id,
			instructions,
			thread: this.#thread,
			answering: this.#answering,
			hearing: this.#hearing,
			cover: this.#cover,
			listener: {
				onReconnecting: () =>
					this.#farewell.notice( 'reconnecting', 'reconnecting' ),
				onGivenUp: () =>
					this.end(
						this.#ending?.reason ?? 'unavailable',
						'cascade'
					),
				onNews: () => this.#close( false ),
			},
		} );
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
			this.#farewell.notice( 'economy', 'economy' );
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
			this.#farewell.notice( 'limit_reached', 'limitReached' );
			this.end( 'limit', 'text' );
			return;
		}
		if ( await this.#sessions.connect() ) {
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
				void this.#write( frame.text );
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
		const { current } = this.#sessions;
		if ( ! current ) {
			return;
		}
		void this.#farewell.look( current.model );
		this.#watchTime( now );
		this.#sessions.look( now );
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
			this.#thread.forget();
		}
		this.#answering.leave();
		this.#farewell.close();
		this.outbox.tell( {
			type: 'ended',
			reason,
			...( fallBack ? { fallBack } : {} ),
		} );
		this.outbox.close( 1000, reason );
		this.#sessions.finish();
		this.#close( false );
	}

	/** Closes what is behind it once the provider has said what everything cost, or is not waited for any longer. */
	#close( isLate: boolean ): void {
		const { isPending } = this.#sessions;
		if ( this.#isClosed || ( isPending && ! isLate ) ) {
			return;
		}
		this.#isClosed = true;
		this.#answering.close();
		this.#sessions.close( isPending );
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

	#watchTime( now: number ): void {
		const { times } = this.#options;
		const maxMs = this.caller.settings.voice.liveMaxSeconds * 1_000;
		const leftMs = this.#beganAt + maxMs - now;
		if ( leftMs <= 0 ) {
			this.#leave( 'time', 'cascade' );
			return;
		}
		if ( leftMs <= Math.min( times.warnBeforeMs, maxMs / 4 ) ) {
			this.#farewell.warn( 'time_nearly_over' );
		}
		if ( this.#cover?.isLow ) {
			this.#farewell.warn( 'limit_nearly_reached' );
		}
		const isSpeaking =
			this.#hearing?.isBusy && ! this.#hearing.isHeldInSilence;
		if ( ! this.#answering.isQuiet || isSpeaking ) {
			this.#activeAt = now;
		}
		if ( now - this.#activeAt > times.idleMs ) {
			this.end( 'idle' );
		}
	}

	/** Says goodbye, and ends when it was heard. */
	#leave( reason: 'time' | 'limit', fallBack: FallBack ): void {
		if ( this.#ending || this.#isOver ) {
			return;
		}
		this.#ending = { reason, fallBack };
		this.#endBy = this.#now() + LAST_WORDS_MS;
		if ( ! this.#farewell.goodbye( reason ) ) {
			this.end( reason, fallBack );
		}
	}

	async #write( raw: string ): Promise< void > {
		const text = plainText( raw );
		if ( text === '' || this.#ending ) {
			return;
		}
		if ( ! ( await this.#mayType() ) ) {
			this.outbox.remark( {
				type: 'error',
				code: 'rate_limited',
				message:
					'You are asking faster than this site allows. Please wait a moment.',
			} );
		} else if ( ! this.#ending && ! this.#isOver ) {
			this.#activeAt = this.#now();
			this.#answering.ask( text, true );
		}
	}

	async #mayType(): Promise< boolean > {
		const { services, caller } = this.#options;
		try {
			return await services.mayType( caller );
		} catch ( error ) {
			services.log.error(
				{ sessionId: this.id, err: error },
				'typed questions cannot be counted'
			);
			return false;
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
