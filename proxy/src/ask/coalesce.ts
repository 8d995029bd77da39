/**
 * Lets people who ask the same thing at the same moment share one answer in the making: one call, and for each of them a turn of their own.
 */
import type { RunningTurn } from './running-turn.ts';
import { wireEvent, type Turn, type TurnEvents } from './turn.ts';

/** What sharing came to for one turn. */
export type Shared< Result > =
	/** This turn's question was the one that was worked on, and paid for. */
	| { kind: 'led'; result: Result }
	/** Somebody else's was. */
	| { kind: 'followed'; result: Result }
	/** The turn was stopped while others go on; `text` is what it saw. */
	| { kind: 'left'; isLeader: boolean; text: string };

export interface Coalescing< Result > {
	/**
	 * Answers into a turn: by reading along where the same is being answered, and by `work` otherwise. `work` writes into what it is given,
	 * which belongs to the turn that leads, and stops when its signal aborts: at once when no turn wants the answer any more.
	 *
	 * When nothing was shown, a result that does not suit a follower is not taken: the followers are answered anew, one of them leading.
	 * Rejects with what `work` rejects with.
	 */
	share(
		key: string,
		turn: RunningTurn,
		work: ( answer: Turn ) => Promise< Result >,
		suits: ( result: Result, attempt: number ) => boolean
	): Promise< Shared< Result > >;
}

/** Makes the place where the questions of one process meet. */
export function createCoalescing< Result >(): Coalescing< Result > {
	const inFlight = new Map< string, SharedAnswer< Result > >();

	const lead = (
		key: string,
		turn: RunningTurn,
		work: ( answer: Turn ) => Promise< Result >
	): SharedAnswer< Result > => {
		const answer: SharedAnswer< Result > = new SharedAnswer(
			turn,
			work,
			() => {
				// After a last one has stopped, somebody may have begun anew.
				if ( inFlight.get( key ) === answer ) {
					inFlight.delete( key );
				}
			}
		);
		inFlight.set( key, answer );
		return answer;
	};

	return {
		async share( key, turn, work, suits ) {
			for ( let attempt = 1; ; attempt++ ) {
				const found = inFlight.get( key );
				const answer = found ?? lead( key, turn, work );
				try {
					const shared = await answer.join( turn );
					if (
						shared.kind !== 'followed' ||
						answer.hasShown ||
						suits( shared.result, attempt )
					) {
						return shared;
					}
				} catch ( error ) {
					if ( ! found || answer.hasShown || attempt > 1 ) {
						throw error;
					}
				}
			}
		},
	};
}

/** One answer in the making, and the turns that want it. To whoever makes it, it is the turn of the one who asked first. */
class SharedAnswer< Result > implements Turn {
	readonly id: string;
	readonly conversationId: string;
	readonly siteId: string;
	readonly visitorId: string;
	readonly user: string | undefined;
	readonly #leader: RunningTurn;
	readonly #controller = new AbortController();
	readonly #turns = new Set< RunningTurn >();
	/** What was shown so far, as it goes over the wire. */
	readonly #shown: string[] = [];
	#text = '';
	readonly #saving: Array< Promise< unknown > > = [];
	readonly #result: Promise< Result >;
	/** Takes the answer out of reach of those who ask from now on. */
	readonly #close: () => void;

	constructor(
		leader: RunningTurn,
		work: ( answer: Turn ) => Promise< Result >,
		close: () => void
	) {
		this.id = leader.id;
		this.conversationId = leader.conversationId;
		this.siteId = leader.siteId;
		this.visitorId = leader.visitorId;
		this.user = leader.user;
		this.#leader = leader;
		this.#close = close;
		this.#turns.add( leader );
		this.#result = work( this ).finally( close );
	}

	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	get hasShown(): boolean {
		return this.#shown.length > 0;
	}

	emit< Name extends keyof TurnEvents >(
		name: Name,
		data: TurnEvents[ Name ]
	): void {
		const event = wireEvent( name, data );
		this.#shown.push( event );
		if ( name === 'text' ) {
			this.#text += ( data as TurnEvents[ 'text' ] ).delta;
		}
		for ( const turn of this.#turns ) {
			turn.relay( event );
		}
	}

	save( work: Promise< unknown > ): void {
		this.#saving.push( work );
	}

	async saved(): Promise< void > {
		await Promise.all( this.#saving );
	}

	/** Shows a turn what there is and all that comes; resolves at the end, or when the turn is stopped while others go on. */
	join( turn: RunningTurn ): Promise< Shared< Result > > {
		const isLeader = turn === this.#leader;
		this.#turns.add( turn );
		for ( const event of isLeader ? [] : this.#shown ) {
			turn.relay( event );
		}
		return new Promise( ( resolve, reject ) => {
			let hasLeft = false;
			const stop = (): void => {
				removeListener();
				if ( this.#turns.size === 1 ) {
					// The last one waits for what the work so far comes to.
					this.#close();
					this.#controller.abort();
				} else {
					hasLeft = true;
					this.#turns.delete( turn );
					resolve( { kind: 'left', isLeader, text: this.#text } );
				}
			};
			const removeListener = turn.onStop( stop );
			this.#result.then(
				( result ) => {
					if ( hasLeft ) {
						return;
					}
					removeListener();
					// What the work has yet to save, everybody who has its result waits for.
					turn.save( this.saved() );
					resolve( { kind: isLeader ? 'led' : 'followed', result } );
				},
				( error: unknown ) => {
					removeListener();
					reject( error );
				}
			);
			if ( turn.isStopped ) {
				stop();
			}
		} );
	}
}
