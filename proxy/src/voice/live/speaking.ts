/**
 * Has the provider speak, one reply at a time, passes its sound on, breaks it off, and enters what it cost.
 */
import type { RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import { readRealtimeUsage } from '../../upstream/usage.ts';
import { BYTES_PER_MS } from './frames.ts';
import { VERBATIM } from './instructions.ts';
import type { LiveMoney } from './live-money.ts';
import type { Outbox } from './outbox.ts';
import { Reply, type ReplyRequest } from './reply.ts';
import type { LiveSession } from './session.ts';
import { countContext, settleReply } from './settle-reply.ts';

/** Sound that a browser has not taken yet, at most, in milliseconds: beyond, what is being said is broken off. */
const MAX_BEHIND_MS = 20_000;

/** How a reply ended. */
export type ReplyEnd = 'completed' | 'cancelled' | 'incomplete' | 'failed';

/** What speaking tells. */
export interface SpeakingListener {
	/** The first sound of a reply is about to be heard. */
	onSound( reply: Reply ): void;
	/** The provider has said all of a reply, or will say no more of it. */
	onEnd( reply: Reply, end: ReplyEnd ): void;
	/** The visitor stopped a reply. */
	onCut( reply: Reply ): void;
}

/** The mouth of one conversation. */
export class Speaking {
	#session: LiveSession | undefined;
	/** What the provider is saying. */
	#reply: Reply | undefined;
	/** What the visitor hears, or heard last. */
	#heard: Reply | undefined;
	#requests = 0;
	readonly #sessionId: string;
	readonly #money: LiveMoney;
	readonly #outbox: Outbox;
	readonly #clock: () => number;
	readonly #listener: SpeakingListener;

	constructor( {
		sessionId,
		money,
		outbox,
		clock,
		listener,
	}: {
		/** What the browser calls the conversation. */
		sessionId: string;
		money: LiveMoney;
		outbox: Outbox;
		clock: () => number;
		listener: SpeakingListener;
	} ) {
		this.#sessionId = sessionId;
		this.#money = money;
		this.#outbox = outbox;
		this.#clock = clock;
		this.#listener = listener;
	}

	/** Whether the provider was asked and has not ended. */
	get isBusy(): boolean {
		return this.#reply !== undefined;
	}

	/** Whether the visitor hears the assistant at this moment. */
	get isPlaying(): boolean {
		return this.#heard?.isPlaying( this.#clock() ) ?? false;
	}

	/** Since when the provider owes a word, in milliseconds; undefined when it owes none. */
	get waitingSince(): number | undefined {
		return this.#reply && ( this.#reply.cutAt ?? this.#reply.lastAt );
	}

	/** Whether the provider was told to stop. */
	get isCutting(): boolean {
		return this.#reply?.isCut ?? false;
	}

	/** Speaks in a session from now on. */
	use( session: LiveSession | undefined ): void {
		this.#session = session;
	}

	/** Has a reply spoken. Nothing else may be under way. */
	speak(
		request: Omit< ReplyRequest, 'eventId' | 'now' | 'model' | 'turnId' >
	): void {
		const session = this.#session;
		if ( ! session ) {
			this.#money.giveBack( request.reservation );
			return;
		}
		const reply = new Reply( {
			...request,
			model: session.model,
			turnId: this.#sessionId,
			eventId: `docent_${ ++this.#requests }`,
			now: this.#clock(),
		} );
		this.#reply = reply;
		session.newTextTokens = 0;
		session.newAudioTokens = 0;
		session.send( {
			type: 'response.create',
			event_id: reply.eventId,
			response: reply.isInThread
				? {
						instructions: request.words,
						max_output_tokens: request.cap,
					}
				: {
						conversation: 'none',
						instructions: VERBATIM,
						input: [
							{
								type: 'message',
								role: 'user',
								content: [
									{ type: 'input_text', text: request.words },
								],
							},
						],
						max_output_tokens: request.cap,
					},
		} );
	}

	/** Takes an event about what is said; others are left alone. */
	onEvent( event: RealtimeServerEvent ): void {
		const reply = this.#reply;
		if ( ! reply ) {
			return;
		}
		switch ( event.type ) {
			case 'response.created':
				reply.responseId = event.response.id;
				if ( reply.isCut ) {
					this.#cancel( reply );
				}
				break;
			case 'response.output_item.added':
				if ( event.item.type === 'message' ) {
					reply.itemId ??= event.item.id;
				}
				break;
			case 'response.output_audio.delta':
				reply.itemId ??= event.item_id;
				this.#play( reply, Buffer.from( event.delta, 'base64' ) );
				break;
			case 'response.output_audio_transcript.delta':
				reply.itemId ??= event.item_id;
				this.#caption( reply, event.delta );
				break;
			case 'response.done':
				this.#done( reply, event );
				break;
			case 'error':
				if ( event.error.event_id === reply.eventId ) {
					this.#reply = undefined;
					this.#money.giveBack( reply.reservation );
					this.#listener.onEnd( reply, 'failed' );
				}
				return;
			default:
				return;
		}
		reply.lastAt = this.#clock();
	}

	/** Ends what the visitor hears where so much of it had been heard; of `itemId`, when that is given. */
	cut( heardMs: number, itemId?: string ): void {
		const reply = this.#heard;
		if ( reply && ( itemId === undefined || reply.itemId === itemId ) ) {
			this.#cut( reply, heardMs );
		}
	}

	/** Ends what the visitor hears where it was at a time, as far as that can be told from here. */
	cutAt( time: number ): void {
		const reply = this.#heard;
		if ( reply?.isPlaying( this.#clock() ) ) {
			this.#cut( reply, reply.playedMs( time ) );
		}
	}

	/** Takes back what was asked and not heard yet. */
	withdraw(): void {
		if ( this.#reply && ! this.#reply.hasSound ) {
			this.#cut( this.#reply, 0 );
		}
	}

	/** Enters what is under way as far as it is known, when its session is gone. */
	lost( errorKind: string ): void {
		const reply = this.#reply;
		this.#session = undefined;
		if ( reply ) {
			this.#reply = undefined;
			settleReply( this.#money, reply, {
				usage: undefined,
				outcome: 'failed',
				errorKind,
				now: this.#clock(),
			} );
			this.#endSound( reply );
			this.#listener.onEnd( reply, 'failed' );
		}
	}

	#play( reply: Reply, pcm: Buffer ): void {
		if ( reply.isCut || pcm.byteLength === 0 ) {
			return;
		}
		if ( ! reply.hasSound ) {
			this.#heard = reply;
			this.#outbox.tell( { type: 'state', state: 'speaking' } );
			this.#outbox.tell( { type: 'speech', itemId: reply.itemId ?? '' } );
			this.#listener.onSound( reply );
			this.#caption( reply, '' );
		}
		reply.play( pcm.byteLength / BYTES_PER_MS, this.#clock() );
		this.#outbox.play( pcm );
		if ( this.#outbox.waitingMs > MAX_BEHIND_MS ) {
			this.#cut( reply, reply.sentMs - this.#outbox.waitingMs );
		}
	}

	/** Shows words; those that come before their sound wait for it. */
	#caption( reply: Reply, delta: string ): void {
		reply.text += delta;
		const unseen = reply.text.slice( reply.shownLength );
		if ( reply.hasSound && ! reply.isCut && unseen !== '' ) {
			reply.shownLength = reply.text.length;
			this.#outbox.tell( {
				type: 'said',
				itemId: reply.itemId ?? '',
				delta: unseen,
			} );
		}
	}

	#cut( reply: Reply, heardMs: number ): void {
		if ( reply.isCut ) {
			return;
		}
		const wasWhole = reply.isDone;
		const ms = reply.cut( heardMs, this.#clock() );
		if ( ! wasWhole ) {
			this.#cancel( reply );
		}
		const isShortened = ! wasWhole || ms < Math.floor( reply.sentMs );
		if ( reply.isInThread && reply.hasSound && isShortened ) {
			this.#session?.send( {
				type: 'conversation.item.truncate',
				item_id: reply.itemId ?? '',
				content_index: 0,
				audio_end_ms: ms,
			} );
		}
		if ( ! wasWhole ) {
			this.#endSound( reply );
		}
		this.#listener.onCut( reply );
	}

	#cancel( reply: Reply ): void {
		if ( reply.responseId !== undefined && ! reply.isCancelled ) {
			reply.isCancelled = true;
			this.#session?.send( {
				type: 'response.cancel',
				response_id: reply.responseId,
			} );
		}
	}

	#done(
		reply: Reply,
		event: Extract< RealtimeServerEvent, { type: 'response.done' } >
	): void {
		const { usage } = readRealtimeUsage( event );
		const end = ( event.response.status ?? 'completed' ) as ReplyEnd;
		const outcomes = {
			completed: 'answered',
			incomplete: 'answered',
			cancelled: 'stopped',
			failed: 'failed',
		} as const;
		countContext( this.#session, reply, usage );
		this.#reply = undefined;
		settleReply( this.#money, reply, {
			usage,
			outcome: outcomes[ end ] ?? 'answered',
			errorKind:
				event.response.status_details?.error?.code ?? 'answer_failed',
			now: this.#clock(),
		} );
		if ( ! reply.isCut ) {
			this.#endSound( reply );
		}
		reply.isDone = true;
		this.#listener.onEnd( reply, end );
	}

	#endSound( reply: Reply ): void {
		reply.isDone ||= ! reply.isCut;
		if ( reply.hasSound ) {
			this.#outbox.tell( {
				type: 'speech_end',
				itemId: reply.itemId ?? '',
				durationMs: Math.round( reply.sentMs ),
			} );
		}
	}
}
