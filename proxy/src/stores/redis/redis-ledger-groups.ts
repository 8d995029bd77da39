/**
 * Sends steps of the ledger in groups: steps of one site that come while others are under way share one run of the script.
 */
import { StoreAwayError } from '../store-away.ts';
import { isOtherSocket, type RedisConnection } from './connection.ts';
import { DONE_TTL_MS, ledgerKeys } from './redis-ledger-format.ts';
import type { LedgerGuard } from './redis-ledger-guard.ts';
import type { LedgerMemory } from './redis-ledger-memory.ts';
import { defineScript, readScript } from './script.ts';

const { source } = readScript(
	new URL( './redis-ledger-steps.lua', import.meta.url )
);

/** Refused by a server whose memory is full. */
const carefulScript = defineScript( `#!lua\n${ source }` );
/** Runs on a full server as well: what ends a reservation frees more than it takes. */
const urgentScript = defineScript( `#!lua flags=allow-oom\n${ source }` );

/** So many steps share one run at most, so that others get their turn on the server. */
const MAX_GROUP = 128;

/** So many groups of one site are under way at most: one is worked on while the next one travels. */
const MAX_UNDER_WAY = 2;

/** What a step came to: a code, or the balances that refused a reservation. */
export type StepResult = number | number[];

/** What the steps of a group name; each is looked up once. */
export interface StepNames {
	/** Names a reservation. */
	id( id: string ): void;
	/** Names a window, and returns its number in the group. */
	window( key: string, unit: number ): number;
}

/** A step as the script takes it. */
export interface LedgerStep {
	/** True for a step that spends: it waits for an open ledger and room in memory. */
	isReserve: boolean;
	now: number;
	/** Writes the step for the epoch that it will run in, as the three texts that the script takes. */
	encode(
		epoch: string,
		names: StepNames
	): [ head: string, body: string, lost: string ];
	/** Called in the moment the step was done, with the epoch it was done in. */
	onDone?( result: StepResult, epoch: string ): void;
}

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

export interface LedgerGroups {
	run( siteId: string, step: LedgerStep ): Promise< StepResult >;
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

	const call = async (
		siteId: string,
		group: Pending[]
	): Promise< void > => {
		const keys = ledgerKeys( siteId );
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
			const now = Math.max( ...ready.map( ( { step } ) => step.now ) );
			const reply = await connection
				.script<
					| [ StepResult[], Array< string | number >, number ]
					| string[]
				>(
					ready.some( ( { step } ) => step.isReserve )
						? carefulScript
						: urgentScript,
					[
						keys.windows,
						keys.open,
						keys.lapsed,
						keys.book,
						...keys.done( now ),
					],
					[
						entered.epoch,
						String( DONE_TTL_MS ),
						...writeGroup( ready, entered.epoch ),
					],
					{ epoch: entered.socket }
				)
				.catch( ( error: unknown ) => {
					if ( isOtherSocket( error ) ) {
						return [ 'epoch' ];
					}
					throw error;
				} );
			if ( reply[ 0 ] === 'epoch' ) {
				guard.leave( siteId );
				continue;
			}
			const [ results, moved, length ] = reply as [
				StepResult[],
				Array< string | number >,
				number,
			];
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

	return {
		run: ( siteId, step ) =>
			new Promise( ( resolve, reject ) => {
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
			} ),
	};
}

/** Writes the steps of a group, and what they name before them. */
function writeGroup( group: readonly Pending[], epoch: string ): string[] {
	const ids: string[] = [];
	const numbers = new Map< string, number >();
	const units: string[] = [];
	const names: StepNames = {
		id: ( id ) => void ids.push( id ),
		window( key, unit ) {
			const known = numbers.get( key );
			if ( known !== undefined ) {
				return known;
			}
			numbers.set( key, units.push( String( unit ) ) );
			return units.length;
		},
	};
	const steps = group.flatMap( ( { step } ) => step.encode( epoch, names ) );
	return [
		String( ids.length ),
		String( numbers.size ),
		String( group.length ),
		...ids,
		...numbers.keys(),
		...units,
		...steps,
	];
}
