/**
 * Measures the ledger in Redis: reserving and settling, against the least that Redis can do for a script.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createClient } from '@redis/client';
import { runCommand } from '../../dev/processes.ts';
import {
	connectRedis,
	type RedisConnection,
} from '../../proxy/src/stores/redis/connection.ts';
import {
	createRedisLedgerStore,
	type RedisLedgerStore,
} from '../../proxy/src/stores/redis/redis-ledger-store.ts';
import { startRedis, type RedisServer } from '../support/redis/index.ts';
import type { Figure } from './figures.ts';
import { canPin, SERVER_CORE } from './machine.ts';

/** So many visitors ask at the same time, each for one thing after the other. */
const CALLERS = 256;
const SHARE_TARGET = 0.5;
const EMPTY_SCRIPT = 'return 0';

/** Does the same again and again for every caller, and returns how often a second. */
async function rateOf(
	measureMs: number,
	work: () => Promise< unknown >
): Promise< number > {
	const startedAt = performance.now();
	const endsAt = startedAt + measureMs;
	let done = 0;
	await Promise.all(
		Array.from( { length: CALLERS }, async () => {
			while ( performance.now() < endsAt ) {
				await work();
				done++;
			}
		} )
	);
	return ( done * 1_000 ) / ( performance.now() - startedAt );
}

/** Has Redis's own benchmark ask for the empty script, every caller on a connection of its own; undefined where the program is missing. */
async function rateOfBenchmark(
	{ port }: RedisServer,
	requests: number,
	sha: string
): Promise< number | undefined > {
	const { stdout } = await runCommand(
		'redis-benchmark',
		[
			...[ '-p', String( port ), '-c', String( CALLERS ) ],
			...[ '-n', String( requests ), '-q', 'evalsha', sha, '0' ],
		],
		{ timeoutMs: 60_000 }
	);
	const rate = /([\d.]+) requests per second/.exec( stdout )?.[ 1 ];
	return rate === undefined ? undefined : Number( rate );
}

/** Makes the function that reserves and settles once, as an ask does. */
function createPair( ledger: RedisLedgerStore ): () => Promise< void > {
	let calls = 0;
	return async () => {
		const reservationId = `bench-${ String( ++calls ).padStart( 12, '0' ) }`;
		const visitorId = `visitor-${ calls % 500 }`;
		const now = Date.now();
		const { kind } = await ledger.reserve( {
			reservationId,
			siteId: 'shop',
			windows: [
				'site:shop:day:2026-11-20',
				'site:shop:month:2026-11',
				`visitor:shop:${ visitorId }:day:2026-11-20`,
			].map( ( key ) => ( {
				key,
				unit: 'nanoUsd',
				limit: Number.MAX_SAFE_INTEGER,
			} ) ),
			amounts: { nanoUsd: 90_000 },
			now,
			expiresAt: now + 600_000,
			details: {
				model: 'gpt-6-luna',
				tier: 'economy',
				visitorId,
				turnId: reservationId,
			},
		} );
		if ( kind !== 'reserved' ) {
			throw new Error( `the ledger answered ${ kind }` );
		}
		await ledger.settle( {
			reservationId,
			amounts: { nanoUsd: 7_321 },
			isEstimated: false,
			usage: { textIn: 812, textOut: 64 },
			now,
		} );
	};
}

/** Measures all of it in turns on one server, which writes every step to disk as operators are told to have it. */
export async function measureRedisLedger( {
	runs,
	measureMs,
	report,
}: {
	runs: number;
	measureMs: number;
	report( text: string ): void;
} ): Promise< Figure[] > {
	const server = await startRedis();
	const client = createClient( {
		url: server.url,
		commandOptions: { timeout: 0 },
		maintNotifications: 'disabled',
	} );
	await client.connect();
	const connection = await connectRedis( { url: server.url } );
	const ledger = createRedisLedgerStore( { connection } );
	try {
		await pinServer( connection );
		const sha = createHash( 'sha1' ).update( EMPTY_SCRIPT ).digest( 'hex' );
		await client.sendCommand( [ 'SCRIPT', 'LOAD', EMPTY_SCRIPT ] );
		const bare = () => client.sendCommand( [ 'EVALSHA', sha, '0' ] );
		const pair = createPair( ledger );
		await rateOf( measureMs / 2, bare );
		await rateOf( measureMs / 2, pair );
		const rates = {
			alone: [] as number[],
			together: [] as number[],
			pairs: [] as number[],
		};
		for ( let run = 1; run <= runs; run++ ) {
			report( `run ${ run } of ${ runs }` );
			const alone = await rateOfBenchmark( server, measureMs * 40, sha );
			rates.alone.push( ...( alone === undefined ? [] : [ alone ] ) );
			rates.together.push( await rateOf( measureMs, bare ) );
			rates.pairs.push( await rateOf( measureMs, pair ) );
		}
		const { problems } = await ledger.check();
		if ( problems.length > 0 ) {
			throw new Error( `the book does not add up: ${ problems[ 0 ] }` );
		}
		return toFigures( rates );
	} finally {
		ledger.close();
		await connection.close();
		client.destroy();
		await server.stop();
	}
}

function toFigures( {
	alone,
	together,
	pairs,
}: Record< 'alone' | 'together' | 'pairs', number[] > ): Figure[] {
	const shareOf = ( rates: number[] ) =>
		rates.map( ( rate, index ) => ( pairs[ index ] as number ) / rate );
	return [
		{
			id: 'redis-bare',
			title: `Redis: EVALSHA of an empty script, ${ CALLERS } callers (redis-benchmark)`,
			value: median( alone ),
			unit: 'a second',
			runs: alone,
		},
		{
			id: 'redis-bare-pipelined',
			title: 'Redis: the same, all callers on one connection that sends them together',
			value: median( together ),
			unit: 'a second',
			runs: together,
		},
		{
			id: 'redis-pairs',
			title: `Redis: reserve and settle, ${ CALLERS } callers in one proxy`,
			value: median( pairs ),
			unit: 'pairs/s',
			runs: pairs,
		},
		{
			id: 'redis-share',
			title: 'Redis: pairs against empty scripts',
			value: median( shareOf( alone ) ),
			unit: '×',
			target: { kind: 'at least', value: SHARE_TARGET },
			runs: shareOf( alone ),
		},
		{
			id: 'redis-share-pipelined',
			title: 'Redis: pairs against empty scripts sent together',
			value: median( shareOf( together ) ),
			unit: '×',
			runs: shareOf( together ),
		},
	];
}

/** Gives the server the core that servers have to themselves. */
async function pinServer( connection: RedisConnection ): Promise< void > {
	const info = await connection.command< string >( [ 'INFO', 'server' ] );
	const pid = /^process_id:(\d+)/m.exec( info )?.[ 1 ];
	if ( canPin && pid !== undefined ) {
		spawnSync( 'taskset', [
			'-a',
			'-p',
			'-c',
			String( SERVER_CORE ),
			pid,
		] );
	}
}

function median( values: number[] ): number | undefined {
	return [ ...values ].sort( ( a, b ) => a - b )[
		Math.floor( values.length / 2 )
	];
}
