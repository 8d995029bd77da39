/**
 * Sends steps of the ledger in groups: steps of one site that come while others are under way share one run of the script.
 */
import { StoreAwayError } from '../store-away.ts';
import { isOtherSocket, type RedisConnection } from './connection.ts';
import { DONE_TTL_MS, ledgerKeys } from './redis-ledger-format.ts';
import {
	usualOf,
	writeGroup,
	type LedgerStep,
	type StepResult,
} from './redis-ledger-group.ts';
import type { Entered, LedgerGuard } from './redis-ledger-guard.ts';
import type { LedgerMemory } from './redis-ledger-memory.ts';
import { defineScript, readScript } from './script.ts';

/** The scripts for groups that spend, which a server refuses whose memory is full, and for others: what ends a reservation frees more than it takes. */
const readBoth = ( file: string ) => {
	const { source } = readScript( new URL( file, import.meta.url ) );
	return {
		careful: defineScript( `#!lua\n${ source }` ),
		urgent: defineScript( `#!lua flags=allow-oom\n${ source }` ),
	};
};
const stepByStep = readBoth( './redis-ledger-steps.lua' );
const inOne = readBoth( './redis-ledger-usual.lua' );

/** After a group that was unusual so many of its site are judged step by step: where one limit is reached, the next ones meet it too. */
const UNUSUAL_FOR = 16;

/** So many steps share one run at most, so that others get their turn on the server. */
const MAX_GROUP = 128;

/** So many groups of one site are under way at most: one is worked on while the next one travels. */
const MAX_UNDER_WAY = 2;

interface Pending {
	step: LedgerStep;
	resolve( result: StepResult ): void;
	reject( reason: unknown ): void;
}

interface Queue {
	waiting: Pending[];
	underWay: number;
	isScheduled: boolean;
}

/** What a group came to: results in the order of its steps, the windows that it moved (see `LedgerMemory.learn`), and the length of the book. */
type GroupReply = [
	results: StepResult[],
	moved: Array< string | number >,
	length: number,
];

export interface LedgerGroups {
	run( siteId: string, step: LedgerStep ): Promise< StepResult >;
	/** Resolves when every step that was asked for before is done, however it ended. */
	caughtUp(): Promise< void >;
}

/** Makes the sender. */
export function createLedgerGroups( {
	connection,
	guard,
	memory,
}: {
	connection: RedisConnection;
	guard: LedgerGuard;
	memory: LedgerMemory;
} ): LedgerGroups {
	const queues = new Map< string, Queue >();
	const unusual = new Map< string, number >();

	const runGroup = async (
		siteId: string,
		group: readonly Pending[],
		{ epoch, socket }: Entered
	): Promise< GroupReply | 'epoch' > => {
		const keys = ledgerKeys( siteId );
		const steps = group.map( ( { step } ) => step );
		const now = Math.max( ...steps.map( ( step ) => step.now ) );
		const kind = steps.some( ( step ) => step.isReserve )
			? 'careful'
			: 'urgent';
		const run = < T >(
			scripts: typeof inOne,
			args: readonly string[]
		): Promise< T > =>
			connection.script< T >(
				scripts[ kind ],
				[
					keys.windows,
					keys.open,
					keys.lapsed,
					keys.book,
					...keys.done( now ),
				],
				[ epoch, String( DONE_TTL_MS ), ...args ],
				{ epoch: socket }
			);

		const wait = unusual.get( siteId ) ?? 0;
		const usual = wait === 0 ? usualOf( steps, epoch ) : undefined;
		if ( usual ) {
			const [ totals, length ] = await run<
				[ number[], number ] | [ 'epoch' | 'unusual', undefined ]
			>( inOne, usual.args );
			if ( totals === 'epoch' ) {
				return 'epoch';
			}
			if ( totals !== 'unusual' ) {
				return [
					group.map( () => 1 ),
					usual.windows.flatMap( ( window, index ) => [
						...window,
						totals[ index ] as number,
					] ),
					length as number,
				];
			}
			unusual.set( siteId, UNUSUAL_FOR );
		} else if ( wait > 0 ) {
			unusual.set( siteId, wait - 1 );
		}
		const reply = await run< GroupReply | [ 'epoch' ] >(
			stepByStep,
			writeGroup( steps, epoch )
		);
		return reply[ 0 ] === 'epoch' ? 'epoch' : ( reply as GroupReply );
	};

	const call = async (
		siteId: string,
		group: Pending[]
	): Promise< void > => {
		// The epoch may change once more while it is entered, but not for ever.
		for ( let attempt = 1; attempt <= 3; attempt++ ) {
			const entered = await guard.enter( siteId );
			const ready = group.filter( ( { step, reject } ) => {
				try {
					if ( step.isReserve ) {
						entered.assertOpen();
					}
					return true;
				} catch ( error ) {
					reject( error );
					return false;
				}
			} );
			if ( ready.length === 0 ) {
				return;
			}
			const reply = await runGroup( siteId, ready, entered ).catch(
				( error: unknown ) => {
					if ( isOtherSocket( error ) ) {
						return 'epoch' as const;
					}
					throw error;
				}
			);
			if ( reply === 'epoch' ) {
				guard.leave( siteId );
				continue;
			}
			const [ results, moved, length ] = reply;
			memory.learn(
				siteId,
				moved,
				`${ entered.epoch.slice( 0, 15 ) } ${ String( length ).padStart( 12, '0' ) }`
			);
			for ( const [ index, { step, resolve } ] of ready.entries() ) {
				const result = results[ index ] as StepResult;
				step.onDone?.( result, entered.epoch );
				resolve( result );
			}
			return;
		}
		throw new StoreAwayError( 'the ledger changes too often' );
	};

	const send = async (
		siteId: string,
		group: Pending[]
	): Promise< void > => {
		try {
			await call( siteId, group );
		} catch ( error ) {
			const isFull =
				error instanceof StoreAwayError &&
				error.reason.startsWith( 'OOM' );
			const endings = isFull
				? group.filter( ( { step } ) => ! step.isReserve )
				: [];
			const failed = new Set( group );
			if ( endings.length < group.length && endings.length > 0 ) {
				for ( const ending of endings ) {
					failed.delete( ending );
				}
				await send( siteId, endings );
			}
			for ( const { reject } of failed ) {
				reject( error );
			}
		}
	};

	const flush = ( siteId: string, queue: Queue ): void => {
		queue.isScheduled = false;
		while ( queue.underWay < MAX_UNDER_WAY && queue.waiting.length > 0 ) {
			const group = queue.waiting.splice( 0, MAX_GROUP );
			queue.underWay++;
			void send( siteId, group ).then( () => {
				queue.underWay--;
				if ( queue.waiting.length > 0 ) {
					flush( siteId, queue );
				} else if ( queue.underWay === 0 && ! queue.isScheduled ) {
					queues.delete( siteId );
				}
			} );
		}
	};

	const unfinished = new Set< Promise< StepResult > >();

	return {
		async caughtUp() {
			await Promise.allSettled( unfinished );
		},
		run( siteId, step ) {
			const done = new Promise< StepResult >( ( resolve, reject ) => {
				let queue = queues.get( siteId );
				if ( ! queue ) {
					queue = { waiting: [], underWay: 0, isScheduled: false };
					queues.set( siteId, queue );
				}
				queue.waiting.push( { step, resolve, reject } );
				if ( ! queue.isScheduled && queue.underWay < MAX_UNDER_WAY ) {
					queue.isScheduled = true;
					const scheduled = queue;
					queueMicrotask( () => flush( siteId, scheduled ) );
				}
			} );
			unfinished.add( done );
			const finish = () => unfinished.delete( done );
			done.then( finish, finish );
			return done;
		},
	};
}
