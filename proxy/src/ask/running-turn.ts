/**
 * A turn while it lives in memory. Readers come and go; the events stay.
 */
import { DocentError } from '../errors.ts';
import {
	eventId,
	GRACE_MS,
	isLastEvent,
	wireEvent,
	type ReadableTurn,
	type Turn,
	type TurnEvents,
} from './turn.ts';

/** How many connections may read one turn at a time: tabs, repetitions and reconnections of one visitor, not a crowd. */
export const MAX_READERS = 64;

const TEXT_EVENT = 'event: text\ndata: ';

/** What is known of a turn before it begins. */
export interface TurnIdentity {
	id: string;
	conversationId: string;
	siteId: string;
	visitorId: string;
	user: string | undefined;
	/** Tells repetitions of the same question from other questions with the same key; absent when the client gave no key. */
	fingerprint?: string | undefined;
}

/** One visitor's running turn. */
export class RunningTurn implements Turn, ReadableTurn {
	readonly id: string;
	readonly conversationId: string;
	readonly siteId: string;
	readonly visitorId: string;
	readonly user: string | undefined;
	readonly fingerprint: string | undefined;
	/** The event at index `i` has the id `i + 1`. */
	readonly #events: string[] = [];
	/** How many events readers may see, and their characters. */
	#published = 0;
	#size = 0;

	#controller: AbortController | undefined;
	#isStopped = false;
	#isForgotten = false;
	readonly #graceMs: number;
	#readers = 0;
	#graceTimer: NodeJS.Timeout | undefined;
	readonly #listeners = new Set< () => void >();
	#stopListeners: Set< () => void > | undefined;
	#isTelling = false;
	#hasLast = false;
	#isEnded = false;
	#firstWordAt: number | undefined;
	#onText: ( ( delta: string ) => void ) | undefined;
	readonly #saving: Array< Promise< unknown > > = [];

	constructor( identity: TurnIdentity, graceMs = GRACE_MS ) {
		this.id = identity.id;
		this.conversationId = identity.conversationId;
		this.siteId = identity.siteId;
		this.visitorId = identity.visitorId;
		this.user = identity.user;
		this.fingerprint = identity.fingerprint;
		this.#graceMs = graceMs;
	}

	get signal(): AbortSignal {
		// Made when somebody asks: an answer that is ready, and one that is shared, never do.
		if ( ! this.#controller ) {
			this.#controller = new AbortController();
			if ( this.#isStopped ) {
				this.#controller.abort();
			}
		}
		return this.#controller.signal;
	}

	/** When the first word of the answer came, on the clock of `performance.now()`. */
	get firstWordAt(): number | undefined {
		return this.#firstWordAt;
	}

	get isEnded(): boolean {
		return this.#isEnded;
	}

	get isStopped(): boolean {
		return this.#isStopped;
	}

	/** True when the visitor had the conversation forgotten: nothing of the turn may be kept. */
	get isForgotten(): boolean {
		return this.#isForgotten;
	}

	get size(): number {
		return this.#size;
	}

	/** Every event, published or not; for saving the turn. */
	get events(): readonly string[] {
		return this.#events;
	}

	eventsAfter( afterId: number ): readonly string[] {
		return this.#events.slice( afterId, this.#published );
	}

	/** Adds an event that readers do not see before {@link publish}. After `done` or `error` nothing is added any more. */
	append< Name extends keyof TurnEvents >(
		name: Name,
		data: TurnEvents[ Name ]
	): void {
		if ( ! this.#hasLast ) {
			this.#add( wireEvent( name, data ) );
			this.#hasLast = name === 'done' || name === 'error';
		}
	}

	/** Shows every reader what was appended. */
	publish(): void {
		this.#show();
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
		this.#show();
	}

	emit< Name extends keyof TurnEvents >(
		name: Name,
		data: TurnEvents[ Name ]
	): void {
		this.append( name, data );
		this.publish();
	}

	/** Shows an event that was written for several turns; never the last one. */
	relay( event: string ): void {
		if ( ! this.#hasLast ) {
			this.#add( event );
			this.publish();
		}
	}

	/** Shows events of the same turn from elsewhere, which have their ids already; those that are here are left out. */
	take( events: readonly string[] ): void {
		for ( const event of events ) {
			if (
				! this.#hasLast &&
				eventId( event ) === this.#events.length + 1
			) {
				this.#events.push( event );
				this.#hasLast = isLastEvent( event );
			}
		}
		this.publish();
	}

	save( work: Promise< unknown > ): void {
		this.#saving.push( work );
	}

	async saved(): Promise< void > {
		await Promise.all( this.#saving.splice( 0 ) );
	}

	/** Stops the work at once. */
	stop(): void {
		if ( ! this.#isStopped ) {
			this.#isStopped = true;
			this.#controller?.abort();
			for ( const listener of this.#stopListeners ?? [] ) {
				listener();
			}
		}
	}

	/** Stops the work, and has nothing of it kept. */
	forget(): void {
		this.#isForgotten = true;
		this.stop();
	}

	/** Calls `listener` when the turn is stopped, until the returned function is called. */
	onStop( listener: () => void ): () => void {
		this.#stopListeners ??= new Set();
		this.#stopListeners.add( listener );
		return () => {
			this.#stopListeners?.delete( listener );
		};
	}

	/** Calls `listener` with every piece of the answer's text, whoever wrote it, until the returned function is called. One listener at a time. */
	onText( listener: ( delta: string ) => void ): () => void {
		this.#onText = listener;
		return () => {
			this.#onText = undefined;
		};
	}

	/** True when one more may read. */
	get hasRoom(): boolean {
		return this.#readers < MAX_READERS;
	}

	attach(): () => void {
		if ( ! this.hasRoom ) {
			throw new DocentError(
				'rate_limited',
				'This answer is being read many times at once. Close a tab and try again.',
				{ retryAfterMs: 5_000 }
			);
		}
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

	listen( listener: () => void ): () => void {
		this.#listeners.add( listener );
		return () => {
			this.#listeners.delete( listener );
		};
	}

	#add( event: string ): void {
		const isText =
			( this.#firstWordAt === undefined || this.#onText ) &&
			event.startsWith( TEXT_EVENT );
		if ( isText ) {
			this.#firstWordAt ??= performance.now();
		}
		this.#events.push( `id: ${ this.#events.length + 1 }\n${ event }` );
		if ( isText && this.#onText ) {
			const { delta } = JSON.parse(
				event.slice( TEXT_EVENT.length )
			) as {
				delta: string;
			};
			this.#onText( delta );
		}
	}

	#show(): void {
		for ( ; this.#published < this.#events.length; this.#published++ ) {
			this.#size += this.#events[ this.#published ]?.length ?? 0;
		}
	}

	/** Tells the listeners once a turn of the event loop, so that pieces that arrive together leave together. */
	#tell(): void {
		if ( this.#isTelling || this.#listeners.size === 0 ) {
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
