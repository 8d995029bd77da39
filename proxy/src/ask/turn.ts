/**
 * Holds one running answer: what was sent so far, who reads along, and the switch that stops it.
 */
import type { Source, CacheOutcome, Mood } from '../types.ts';
import type { ErrorBody } from '../errors.ts';

/** How long an answer is worked on while nobody reads along, in milliseconds. */
export const GRACE_MS = 15_000;

export type FinishReason =
	'stop' | 'length' | 'stopped' | 'abstained' | 'extractive' | 'cached';

/** The events of a turn and their data; `done` or `error` is the last one. */
export interface TurnEvents {
	turn: { turnId: string; conversationId: string };
	notice: {
		code: 'limit_reached' | 'answered_from_site' | 'shortened';
		message: string;
	};
	text: { delta: string };
	sources: Source[];
	done: {
		finishReason: FinishReason;
		cache: CacheOutcome;
		tier: string;
		mood: Mood;
		confident: boolean;
		handoff: boolean;
	};
	error: ErrorBody[ 'error' ];
}

/** A turn while it lives in memory. Readers come and go; the events stay. */
export class Turn {
	readonly id: string;
	readonly conversationId: string;
	readonly siteId: string;
	readonly visitorId: string;
	readonly user: string | undefined;
	/** The events in the wire format of Server-Sent Events; the event at index `i` has the id `i + 1`. */
	readonly #events: string[] = [];
	/** How many events readers may see. */
	#published = 0;

	readonly #controller = new AbortController();
	readonly #graceMs: number;
	#readers = 0;
	#graceTimer: NodeJS.Timeout | undefined;
	readonly #listeners = new Set< () => void >();
	#isTelling = false;
	#hasLast = false;
	#isEnded = false;
	readonly #saving: Array< Promise< unknown > > = [];

	constructor( options: {
		id: string;
		conversationId: string;
		siteId: string;
		visitorId: string;
		user: string | undefined;
		graceMs?: number;
	} ) {
		this.id = options.id;
		this.conversationId = options.conversationId;
		this.siteId = options.siteId;
		this.visitorId = options.visitorId;
		this.user = options.user;
		this.#graceMs = options.graceMs ?? GRACE_MS;
	}

	/** Aborts when the answer is not wanted any more. */
	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	get isEnded(): boolean {
		return this.#isEnded;
	}

	/** Every event, published or not; for saving the turn. */
	get events(): readonly string[] {
		return this.#events;
	}

	/** Returns the published events after the one with the id `afterId`. */
	eventsAfter( afterId: number ): string[] {
		return this.#events.slice( afterId, this.#published );
	}

	/** Adds an event that readers do not see before {@link publish}. After `done` or `error` nothing is added any more. */
	append< Name extends keyof TurnEvents >(
		name: Name,
		data: TurnEvents[ Name ]
	): void {
		if ( ! this.#hasLast ) {
			this.#events.push(
				`id: ${ this.#events.length + 1 }\nevent: ${ name }\ndata: ${ JSON.stringify( data ) }\n\n`
			);
			this.#hasLast = name === 'done' || name === 'error';
		}
	}

	/** Shows every reader what was appended. */
	publish(): void {
		this.#published = this.#events.length;
		if ( this.#hasLast ) {
			this.#isEnded = true;
			clearTimeout( this.#graceTimer );
		}
		this.#tell();
	}

	/** Adds the first event. It is shown with the next one, or to whoever looks; nobody is told, because nobody waits for it alone. */
	begin(): void {
		this.append( 'turn', {
			turnId: this.id,
			conversationId: this.conversationId,
		} );
		this.#published = this.#events.length;
	}

	/** Adds an event and shows it at once. */
	emit< Name extends keyof TurnEvents >(
		name: Name,
		data: TurnEvents[ Name ]
	): void {
		this.append( name, data );
		this.publish();
	}

	/** Takes on work that must be done before the turn ends. It must not reject. */
	save( work: Promise< unknown > ): void {
		this.#saving.push( work );
	}

	/** Resolves when everything taken on is saved. */
	async saved(): Promise< void > {
		await Promise.all( this.#saving.splice( 0 ) );
	}

	/** Stops the work at once. */
	stop(): void {
		this.#controller.abort();
	}

	/** Counts a reader in; the returned function counts it out, once. */
	attach(): () => void {
		this.#readers++;
		clearTimeout( this.#graceTimer );
		let isAttached = true;
		return () => {
			if ( isAttached ) {
				isAttached = false;
				this.#readers--;
				this.#startGrace();
			}
		};
	}

	/** Calls `listener` whenever there is something new, until the returned function is called. */
	listen( listener: () => void ): () => void {
		this.#listeners.add( listener );
		return () => {
			this.#listeners.delete( listener );
		};
	}

	/** Tells the listeners once a turn of the event loop, so that pieces that arrive together leave together. */
	#tell(): void {
		if ( this.#isTelling ) {
			return;
		}
		this.#isTelling = true;
		setImmediate( () => {
			this.#isTelling = false;
			for ( const listener of this.#listeners ) {
				listener();
			}
		} );
	}

	#startGrace(): void {
		if ( this.#readers === 0 && ! this.#isEnded ) {
			clearTimeout( this.#graceTimer );
			this.#graceTimer = setTimeout( () => this.stop(), this.#graceMs );
			this.#graceTimer.unref();
		}
	}
}
