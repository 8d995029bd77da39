/**
 * Keeps the ledger in Redis, for any number of proxies. Every step is one run of a script.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import {
	assertCorrection,
	assertCount,
	assertReserve,
	assertSettle,
} from '../ledger-rules.ts';
import type {
	LedgerStore,
	Resolution,
	SettleRequest,
} from '../ledger-store.ts';
import { isStoreAway } from '../store-away.ts';
import type { RedisConnection } from './connection.ts';
import { checkRedisLedgers } from './redis-ledger-check.ts';
import { readEntries } from './redis-ledger-entries.ts';
import { expireSite, findDue } from './redis-ledger-expiry.ts';
import {
	assertId,
	assertWindowKey,
	correctPayload,
	ledgerKeys,
	readWindow,
	resolvePayload,
	toList,
	type AmountList,
} from './redis-ledger-format.ts';
import type { StepResult } from './redis-ledger-group.ts';
import { createLedgerGroups } from './redis-ledger-groups.ts';
import { createLedgerGuard } from './redis-ledger-guard.ts';
import { openLedgerMarker } from './redis-ledger-marker.ts';
import { createLedgerMemory } from './redis-ledger-memory.ts';
import { createOwed } from './redis-ledger-owed.ts';
import { createLedgerSites } from './redis-ledger-sites.ts';
import {
	assertCounted,
	cancelStep,
	correctStep,
	endingStep,
	NOTHING,
	refusalFrom,
	reserveStep,
	resolutionOf,
} from './redis-ledger-step.ts';

export interface RedisLedgerStore extends LedgerStore {
	/** Stops watching. The connection is the caller's. */
	close(): void;
}

export interface RedisLedgerOptions {
	connection: RedisConnection;
	/** Where a note says which sites have spent through Redis. */
	dataDir?: string | undefined;
	log?: Pick< Logger, 'warn' | 'error' > | undefined;
	/** How often to look whether Redis has forgotten something, in milliseconds; default 1,000. */
	beatMs?: number | undefined;
	/** How long spending stops when it has, longer than the beats of all proxies; default 3,000. */
	closedMs?: number | undefined;
}

/**
 * Makes a {@link LedgerStore}. While Redis is away every step rejects with `StoreAwayError` within a second. An ending (settle, release)
 * that was not taken is repeated as soon as Redis is back, and a reservation that may have been taken without our knowing is released.
 */
export function createRedisLedgerStore( {
	connection,
	dataDir,
	log,
	beatMs,
	closedMs,
}: RedisLedgerOptions ): RedisLedgerStore {
	const memory = createLedgerMemory();
	const guard = createLedgerGuard( {
		connection,
		memory,
		marker: openLedgerMarker( dataDir ),
		log,
		beatMs,
		closedMs,
	} );
	const groups = createLedgerGroups( { connection, guard, memory } );
	const sites = createLedgerSites( connection, groups );
	const owe = createOwed( { groups, guard } );

	const end = async (
		kind: 'settle' | 'release',
		reservationId: string,
		amounts: AmountList,
		ending: Omit< SettleRequest, 'reservationId' | 'amounts' >
	): Promise< Resolution > => {
		const step = endingStep( {
			kind,
			reservationId,
			amounts,
			payload: resolvePayload( ending ),
			now: ending.now,
			memory,
		} );
		const siteId = memory.reservationOf( reservationId )?.siteId;
		if ( siteId === undefined ) {
			return resolutionOf(
				await sites.runAfter(
					() => sites.withReservation( reservationId ),
					async ( found ) =>
						found === undefined ? 0 : groups.run( found, step )
				)
			);
		}
		try {
			return resolutionOf( await sites.run( siteId, step ) );
		} catch ( error ) {
			if ( isStoreAway( error ) ) {
				owe( reservationId, siteId, step );
			}
			throw error;
		}
	};

	return {
		async reserve( request ) {
			assertReserve( request );
			const { reservationId, siteId } = request;
			assertId( reservationId );
			for ( const { key } of request.windows ) {
				assertWindowKey( key );
			}
			let result: StepResult;
			try {
				result = await sites.run(
					siteId,
					reserveStep( request, memory )
				);
			} catch ( error ) {
				if ( isStoreAway( error ) ) {
					// It may have been held after we stopped waiting; nobody will call on its account.
					owe( reservationId, siteId, cancelStep( request ) );
				}
				throw error;
			}
			if ( Array.isArray( result ) ) {
				return refusalFrom( request, result );
			}
			assertCounted( result );
			return { kind: result === 2 ? 'duplicate' : 'reserved' };
		},

		async settle( request ) {
			assertSettle( request );
			return end(
				'settle',
				request.reservationId,
				toList( request.amounts ),
				request
			);
		},

		async release( reservationId, now ) {
			assertCount( 'now', now );
			return end( 'release', reservationId, NOTHING, {
				isEstimated: false,
				usage: undefined,
				now,
			} );
		},

		async expire( now ) {
			assertCount( 'now', now );
			return ( await sites.runAfter(
				async () => {
					const all = await sites.all();
					return Promise.all(
						all.map( async ( siteId ) => ( {
							siteId,
							due: await findDue( connection, siteId, now ),
						} ) )
					);
				},
				async ( found ) => {
					const counts = await Promise.all(
						found.map( ( { siteId, due } ) =>
							expireSite( groups, siteId, due, now )
						)
					);
					return counts.reduce( ( sum, count ) => sum + count, 0 );
				}
			) ) as number;
		},

		async correct( correction ) {
			assertCorrection( correction );
			const { siteId, nanoUsd, reason, now } = correction;
			const keys = correction.windows
				.filter( ( { unit } ) => unit === 'nanoUsd' )
				.map( ( { key } ) => key );
			keys.forEach( assertWindowKey );
			const payload = correctPayload(
				`correct-${ randomUUID() }`,
				reason,
				now
			);
			assertCounted(
				await sites.run(
					siteId,
					correctStep( keys, nanoUsd, payload, now )
				)
			);
		},

		async balance( windowKey ) {
			const siteId =
				memory.siteOfWindow( windowKey ) ??
				( await sites.withWindow( windowKey ) );
			const text =
				siteId !== undefined &&
				( await connection.command< string | null >( [
					'HGET',
					ledgerKeys( siteId ).windows,
					windowKey,
				] ) );
			const window = readWindow( text || '' );
			return { spent: window?.spent ?? 0, held: window?.held ?? 0 };
		},

		entries: ( siteId, limit ) => readEntries( connection, siteId, limit ),

		check: () => checkRedisLedgers( connection ),

		close: () => guard.stop(),
	};
}
