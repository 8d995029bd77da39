/**
 * Answers in a live conversation: takes questions one by one, looks them up, has them answered aloud, and keeps what was heard.
 */
import { randomBytes } from 'node:crypto';
import type { Reservation } from '../../ledger/ledger.ts';
import type { PageScope } from '../../types.ts';
import { newExchange, type Exchange } from './exchange.ts';
import { boundInput, boundSentence } from './input-bound.ts';
import { answerInstructions } from './instructions.ts';
import type { LiveMoney } from './live-money.ts';
import type { LiveCaller, LiveFinding, LiveServices } from './live-services.ts';
import type { Outbox } from './outbox.ts';
import { livePhrase } from './phrases.ts';
import type { Reply } from './reply.ts';
import type { LiveSession } from './session.ts';
import { Speaking, type ReplyEnd } from './speaking.ts';
import type { Thread } from './thread.ts';

/** The longest and the shortest answer, in tokens of sound and text together: about 35 and 5 seconds. */
const ANSWER_CAPS = { max: 800, min: 120 };

/** The longest question, in characters, however many parts it comes in: as long as one that is asked in writing. */
const MAX_QUESTION = 4_000;

/** A sentence of the proxy's own, in tokens. */
export const SENTENCE_CAP = 240;

/** A provider's refusal of one answer is followed by so many tries. */
const MAX_RETRIES = 1;

/** What becomes of an exchange when its answer ends so. */
const FINISH_REASONS = {
	completed: 'stop',
	incomplete: 'length',
	cancelled: 'stopped',
	failed: 'stopped',
} as const;

/** What answering tells. */
export interface AnswerListener {
	/** There is no money for an answer. */
	onLimit(): void;
	/** The last answer had to be made shorter. */
	onNearLimit(): void;
	/** The provider does not answer as it should. */
	onFailure(): void;
	/** Whether somebody is speaking. */
	isHearing(): boolean;
}

/** A sentence of the proxy's own that waits for a quiet moment. */
interface Aside {
	purpose: 'warning' | 'goodbye';
	text: string;
	reservation: Reservation;
}

/** What a conversation is answered with. */
export interface AnsweringOptions {
	services: LiveServices;
	caller: LiveCaller;
	/** What the browser calls the conversation. */
	sessionId: string;
	thread: Thread;
	scope: PageScope | undefined;
	/** BCP 47 tag, until a question shows its own. */
	language: string;
	instructions: string;
	money: LiveMoney;
	outbox: Outbox;
	listener: AnswerListener;
}

/** The answers of one conversation. */
export class Answering {
	readonly speaking: Speaking;
	language: string;
	#session: LiveSession | undefined;
	#exchange: Exchange | undefined;
	#aside: Aside | undefined;
	#isFunding = false;
	#isLeaving = false;
	#isGone = false;
	readonly #options: AnsweringOptions;

	constructor( options: AnsweringOptions ) {
		this.#options = options;
		this.language = options.language;
		this.speaking = new Speaking( {
			sessionId: options.sessionId,
			money: options.money,
			outbox: options.outbox,
			clock: options.services.clock,
			listener: {
				onSound: ( reply ) => this.#onSound( reply ),
				onEnd: ( reply, end ) => this.#onEnd( reply, end ),
				onCut: ( reply ) => this.#onCut( reply ),
			},
		} );
	}

	/** Whether the goodbye was said and heard. */
	get hasSaidGoodbye(): boolean {
		return this.#isGone && ! this.speaking.isPlaying;
	}

	/** Whether nothing is being asked or said. */
	get isQuiet(): boolean {
		return (
			! this.speaking.isBusy &&
			! this.#isFunding &&
			! this.speaking.isPlaying &&
			! this.#isWaiting
		);
	}

	/** Speaks in a session from now on. */
	use( session: LiveSession ): void {
		this.#session = session;
		this.speaking.use( session );
		const exchange = this.#exchange;
		if ( exchange && ! exchange.isSpoken ) {
			// The question was heard in another session: this one gets its words.
			session.addText( 'user', exchange.question );
			exchange.isAsked = false;
		}
		this.next();
	}

	/** Takes a question. One whose answer was not heard yet goes on with the new words. */
	ask( words: string, isTyped: boolean ): void {
		const { services, outbox } = this.#options;
		if ( this.#isLeaving ) {
			return;
		}
		if ( this.speaking.isPlaying ) {
			outbox.tell( { type: 'flush' } );
			this.speaking.cutAt( services.clock() );
		}
		if ( isTyped ) {
			this.#session?.addText( 'user', words );
		}
		let exchange = this.#exchange;
		const isOpen = exchange && ! exchange.isSpoken;
		if ( isOpen ) {
			this.speaking.withdraw();
		}
		if (
			exchange &&
			isOpen &&
			exchange.question.length + words.length < MAX_QUESTION
		) {
			exchange.question = `${ exchange.question } ${ words }`;
			exchange.parts++;
			exchange.finding = undefined;
			exchange.isAsked = false;
		} else {
			this.#keep();
			exchange = newExchange(
				randomBytes( 16 ).toString( 'hex' ),
				words,
				services.clock()
			);
			this.#exchange = exchange;
		}
		outbox.tell( { type: 'state', state: 'thinking' } );
		void this.#lookUp( exchange );
	}

	/** Asks the visitor to say it again. */
	askAgain(): void {
		if ( ! this.#isWaiting && ! this.#isLeaving ) {
			this.#keep();
			const exchange = newExchange(
				randomBytes( 16 ).toString( 'hex' ),
				'',
				this.#options.services.clock()
			);
			exchange.finding = this.#again();
			this.#exchange = exchange;
		}
		this.next();
	}

	/** Says a sentence of the proxy's own at the next quiet moment; a goodbye is the last thing that is said. */
	say( aside: Aside ): void {
		if ( this.#aside ) {
			this.#options.money.giveBack( this.#aside.reservation );
		}
		this.#aside = aside;
		this.#isLeaving ||= aside.purpose === 'goodbye';
		if ( this.#isLeaving ) {
			this.speaking.withdraw();
		}
		this.next();
	}

	/** Does what can be done now: has something said when there is something to say, and nobody speaks. */
	next(): void {
		const exchange = this.#exchange;
		if ( ! this.#session || this.speaking.isBusy || this.#isFunding ) {
			return;
		}
		const { isPlaying } = this.speaking;
		if ( exchange?.isSpoken && ! isPlaying ) {
			this.#keep();
		}
		const isHearing = this.#options.listener.isHearing();
		if ( this.#aside && ( this.#isLeaving || ! this.#isWaiting ) ) {
			if ( ! isPlaying && ( this.#isLeaving || ! isHearing ) ) {
				const { purpose, text, reservation } = this.#aside;
				this.#aside = undefined;
				this.speaking.speak( {
					purpose,
					words: text,
					reservation,
					cap: SENTENCE_CAP,
				} );
			}
			return;
		}
		if (
			exchange?.finding &&
			! exchange.isAsked &&
			! isHearing &&
			! this.#isLeaving
		) {
			void this.#answer( exchange, exchange.finding, this.#session );
		}
	}

	/** Enters what is under way as far as it is known, when its session is gone. */
	lost( errorKind: string ): void {
		this.#session = undefined;
		this.speaking.lost( errorKind );
	}

	/** Says no more, and gives back what is not used. */
	leave(): void {
		const { money, services } = this.#options;
		this.#isLeaving = true;
		this.speaking.cutAt( services.clock() );
		this.speaking.withdraw();
		if ( this.#aside ) {
			money.giveBack( this.#aside.reservation );
			this.#aside = undefined;
		}
	}

	/** Ends, and keeps the last exchange. */
	close(): void {
		this.leave();
		this.lost( 'closed' );
		this.#keep();
	}

	/** Whether a question waits for its answer. */
	get #isWaiting(): boolean {
		return this.#exchange !== undefined && ! this.#exchange.isSpoken;
	}

	#again(): LiveFinding {
		return {
			kind: 'sentence',
			text: livePhrase( 'again', this.language ),
			isAbstention: true,
			language: this.language,
			sources: [],
		};
	}

	async #lookUp( exchange: Exchange ): Promise< void > {
		const { services, caller, scope, thread } = this.#options;
		const { parts } = exchange;
		let finding: LiveFinding;
		try {
			finding = await services.find( {
				siteId: caller.siteId,
				text: exchange.question,
				history: thread.history,
				scope,
				language: this.language,
			} );
		} catch ( error ) {
			services.log.error(
				{ turnId: exchange.id, err: error },
				'a spoken question could not be looked up'
			);
			finding = this.#again();
		}
		if ( exchange === this.#exchange && exchange.parts === parts ) {
			exchange.finding = finding;
			this.language = finding.language;
			this.next();
		}
	}

	async #answer(
		exchange: Exchange,
		finding: LiveFinding,
		session: LiveSession
	): Promise< void > {
		const { money, instructions, listener } = this.#options;
		const isAnswer = finding.kind === 'found';
		const words = isAnswer
			? answerInstructions(
					instructions,
					finding.material,
					exchange.question
				)
			: finding.text;
		exchange.isAsked = true;
		this.#isFunding = true;
		const funded = await money.fund(
			session.model,
			isAnswer ? boundInput( session, words ) : boundSentence( words ),
			isAnswer ? ANSWER_CAPS : { max: SENTENCE_CAP, min: SENTENCE_CAP },
			exchange.id
		);
		this.#isFunding = false;
		const isWanted =
			session === this.#session &&
			exchange === this.#exchange &&
			exchange.finding === finding &&
			! this.#isLeaving &&
			! listener.isHearing();
		if ( funded.kind === 'refused' ) {
			exchange.isAsked = false;
			if ( isWanted ) {
				listener.onLimit();
			} else {
				this.next();
			}
			return;
		}
		if ( ! isWanted ) {
			money.giveBack( funded.reservation );
			exchange.isAsked = false;
			this.next();
			return;
		}
		this.speaking.speak( {
			purpose: isAnswer ? 'answer' : 'sentence',
			exchange,
			words,
			reservation: funded.reservation,
			cap: funded.cap,
		} );
		if ( funded.isShort ) {
			listener.onNearLimit();
		}
	}

	#onSound( { exchange, itemId = '' }: Reply ): void {
		if ( ! exchange ) {
			return;
		}
		exchange.isSpoken = true;
		const sources = exchange.finding?.sources ?? [];
		if ( sources.length > 0 ) {
			this.#options.outbox.tell( { type: 'sources', itemId, sources } );
		}
	}

	#onEnd( reply: Reply, end: ReplyEnd ): void {
		const { exchange, purpose } = reply;
		const { outbox, listener } = this.#options;
		if ( purpose === 'goodbye' ) {
			this.#isGone = true;
			return;
		}
		if ( exchange?.isSpoken && ! reply.isCut ) {
			this.#note( reply, FINISH_REASONS[ end ] );
		}
		if ( exchange && exchange === this.#exchange && ! exchange.isSpoken ) {
			if ( reply.isCut ) {
				exchange.isAsked = false;
			} else if ( exchange.retries++ < MAX_RETRIES && this.#session ) {
				exchange.isAsked = false;
			} else if ( this.#session ) {
				exchange.isSpoken = true;
				listener.onFailure();
			}
		}
		if ( ! this.#isWaiting && ! listener.isHearing() ) {
			outbox.tell( { type: 'state', state: 'listening' } );
		}
		this.next();
	}

	#onCut( reply: Reply ): void {
		if ( reply.exchange?.isSpoken ) {
			this.#note( reply, 'stopped' );
		}
	}

	/** Notes what was heard of an answer. */
	#note( reply: Reply, finishReason: Exchange[ 'finishReason' ] ): void {
		const { exchange } = reply;
		if ( ! exchange ) {
			return;
		}
		const { finding } = exchange;
		exchange.answer = reply.heardText;
		exchange.finishReason =
			finding?.kind === 'sentence' && finding.isAbstention
				? 'abstained'
				: finishReason;
		if ( ! reply.isInThread ) {
			// The model knows nothing of what was said beside its conversation.
			this.#session?.addText( 'assistant', exchange.answer );
		}
	}

	/** Keeps the exchange that is over. */
	#keep(): void {
		if ( this.#exchange ) {
			this.#options.thread.keep( this.#exchange );
			this.#exchange = undefined;
		}
	}
}
