/**
 * Watches that Redis does not forget what was spent. When it was flushed, restarted from an old snapshot or replaced, spending stops for
 * some seconds, in which every proxy tells what it remembers; what nobody remembers stays stopped until the operator decides.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { isStoreAway, StoreAwayError } from '../store-away.ts';
import type { RedisConnection } from './connection.ts';
import {
	correctPayload,
	LEDGER_LIFE,
	LEDGER_SITES,
	ledgerKeys,
} from './redis-ledger-format.ts';
import type { LedgerMarker } from './redis-ledger-marker.ts';
import type { LedgerMemory, RememberedWindow } from './redis-ledger-memory.ts';
import { readScript } from './script.ts';

const enterScript = readScript(
	new URL( './redis-ledger-enter.lua', import.meta.url )
);

/** How often a proxy looks whether the ledger is still the same, in milliseconds. */
const BEAT_MS = 1_000;

/** Spending stays closed for so long after Redis forgot, so that every proxy's beat falls into it, in milliseconds. */
const CLOSED_MS = 3_000;

/** Digits of the number of an epoch, with which it and every version in it begin. */
const NUMBER_DIGITS = 15;

/** Stands for a server that does not tell which run it is. */
const UNKNOWN_RUN = 'unknown';

/** So many windows are told at once, so that others get their turn on the server. */
const TOLD_AT_ONCE = 500;

type EnterReply = [
	epoch: string,
	closedForMs: number,
	isLost: number,
	corrected: number,
];

/** A site's ledger as it was when this proxy entered it. */
export interface Entered {
	epoch: string;
	/** Number of the socket on which it was entered; on another the server may be another. */
	socket: number;
	/** Throws `StoreAwayError` while nothing may be spent. */
	assertOpen(): void;
}

export interface LedgerGuard {
	/** Enters the ledger of a site, unless that was done already. */
	enter( siteId: string ): Promise< Entered >;
	/** Forgets that a site's ledger was entered, because its epoch is another. */
	leave( siteId: string ): void;
	/** Looks now whether the ledger is still the same. */
	beat(): Promise< void >;
	/** Calls back after every look at a Redis that answers. */
	onBeat( listener: () => void ): void;
	stop(): void;
}

/** Makes the guard; it looks every second and after every reconnect. */
export function createLedgerGuard( {
	connection,
	memory,
	marker,
	log,
	beatMs = BEAT_MS,
	closedMs = CLOSED_MS,
}: {
	connection: RedisConnection;
	memory: LedgerMemory;
	marker: LedgerMarker;
	log?: Pick< Logger, 'warn' | 'error' > | undefined;
	beatMs?: number | undefined;
	closedMs?: number | undefined;
} ): LedgerGuard {
	const entered = new Map< string, Promise< Entered > >();
	/** Sites whose ledger this proxy has been in, lost ones apart. */
	const known = new Set< string >();
	const lost = new Set< string >();
	const listeners: Array< () => void > = [];
	let life: string | undefined;
	let runId: { epoch: number; id: Promise< string > } | undefined;
	let socket = 0;

	const readRunId = (): Promise< string > => {
		// A server that restarts loses its sockets, so one socket sees one run.
		if ( runId?.epoch !== connection.epoch ) {
			const id = connection
				.command< string >( [ 'INFO', 'server' ] )
				.then(
					( info ) =>
						/^run_id:(\w+)/m.exec( info )?.[ 1 ] ?? UNKNOWN_RUN,
					( error: unknown ) => {
						// Where INFO is forbidden a restart goes unnoticed, but not that everything is gone.
						if (
							isStoreAway( error ) &&
							! error.reason.startsWith( 'NOPERM' )
						) {
							throw error;
						}
						return UNKNOWN_RUN;
					}
				);
			runId = { epoch: connection.epoch, id };
			id.catch( () => {
				runId = undefined;
			} );
		}
		return runId.id;
	};

	/** Runs the script once: enters, and tells what is remembered. */
	const announce = async (
		siteId: string,
		hasHistory: boolean,
		remembered: RememberedWindow[]
	): Promise< [ ...EnterReply, socket: number ] > => {
		const keys = ledgerKeys( siteId );
		const serverRun = await readRunId();
		const onSocket = { epoch: connection.epoch };
		const now = Date.now();
		const reply = await connection.script< EnterReply >(
			enterScript,
			[ keys.windows, keys.book, keys.restored, keys.closed, keys.open ],
			[
				serverRun,
				String( now ).padStart( NUMBER_DIGITS, '0' ),
				hasHistory ? '1' : '0',
				String( closedMs ),
				JSON.stringify( remembered ),
				correctPayload(
					`restore-${ randomUUID() }`,
					'restored from what a proxy remembered, because Redis had forgotten it',
					now
				),
			],
			onSocket
		);
		return [ ...reply, onSocket.epoch ];
	};

	const enter = async ( siteId: string ): Promise< Entered > => {
		const remembered = memory.recall( siteId );
		const hasHistory = remembered.length > 0 || marker.has( siteId );
		let corrected = 0;
		let [ epoch, closedForMs, isLost, , socketOf ] = await announce(
			siteId,
			hasHistory,
			[]
		);
		// Only what was seen in another epoch is news.
		const news = remembered.filter(
			( [ , , , version ] ) =>
				! version.startsWith( epoch.slice( 0, NUMBER_DIGITS ) )
		);
		for ( let first = 0; first < news.length; first += TOLD_AT_ONCE ) {
			const reply = await announce(
				siteId,
				hasHistory,
				news.slice( first, first + TOLD_AT_ONCE )
			);
			[ epoch, closedForMs, isLost ] = reply;
			corrected += reply[ 3 ];
			socketOf = reply[ 4 ];
		}
		await connection.command( [ 'SADD', LEDGER_SITES, siteId ] );
		marker.add( siteId );
		known.add( siteId );
		if ( corrected > 0 ) {
			log?.warn(
				{ siteId, windows: corrected },
				'Redis had forgotten what was spent, and was told'
			);
		}
		if ( isLost === 1 && ! lost.has( siteId ) ) {
			log?.error(
				{ siteId },
				`The ledger in Redis is empty although this site has spent before, and no proxy remembers how much. Nothing is spent until you confirm with: redis-cli HDEL '${ ledgerKeys( siteId ).windows }' '!lost'`
			);
		}
		lost[ isLost === 1 ? 'add' : 'delete' ]( siteId );
		const openAt = performance.now() + closedForMs;
		return {
			epoch,
			socket: socketOf,
			assertOpen() {
				const waitMs = openAt - performance.now();
				if ( waitMs > 0 ) {
					throw new StoreAwayError(
						'Redis has forgotten, and is being told what was spent',
						{ retryAfterMs: Math.ceil( waitMs ) }
					);
				}
				if ( isLost === 1 ) {
					throw new StoreAwayError(
						'nobody remembers what was spent, and the operator has not confirmed',
						{ retryAfterMs: 60_000 }
					);
				}
			},
		};
	};

	/** Writes that Redis is new to us; another proxy may have done so a moment ago. */
	const beginLife = async (): Promise< string > => {
		const word = randomUUID();
		const before = await connection.command< string | null >( [
			'SET',
			LEDGER_LIFE,
			word,
			'NX',
			'GET',
		] );
		return before ?? word;
	};

	const guard: LedgerGuard = {
		enter( siteId ) {
			let pending = entered.get( siteId );
			if ( ! pending ) {
				pending = enter( siteId );
				entered.set( siteId, pending );
				pending.catch( () => {
					if ( entered.get( siteId ) === pending ) {
						entered.delete( siteId );
					}
				} );
			}
			return pending;
		},
		leave: ( siteId ) => void entered.delete( siteId ),
		async beat() {
			const current =
				( await connection.command< string | null >( [
					'GET',
					LEDGER_LIFE,
				] ) ) ?? ( await beginLife() );
			const again =
				current === life && socket === connection.epoch
					? [ ...lost ]
					: [ ...known ];
			life = current;
			socket = connection.epoch;
			for ( const siteId of again ) {
				entered.delete( siteId );
			}
			await Promise.all( again.map( guard.enter ) );
			for ( const listener of listeners ) {
				listener();
			}
		},
		onBeat: ( listener ) => void listeners.push( listener ),
		stop() {
			clearInterval( timer );
			endListening();
		},
	};

	let isBeating = false;
	const beatSoon = (): void => {
		if ( isBeating || connection.state.kind !== 'ready' ) {
			return;
		}
		isBeating = true;
		guard
			.beat()
			.catch( () => undefined )
			.finally( () => {
				isBeating = false;
			} );
	};
	const timer = setInterval( beatSoon, beatMs );
	timer.unref();
	const endListening = connection.onChange( ( { kind } ) => {
		if ( kind === 'ready' ) {
			// Whoever asks now enters anew: the server may be another.
			entered.clear();
			beatSoon();
		}
	} );
	beatSoon();
	return guard;
}
