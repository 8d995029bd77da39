/**
 * Times the call log and its figures over many calls: every filter, the first page and one in the middle, in SQLite and in Redis.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
	sumUsage,
	USAGE_DIMENSIONS,
} from '../../proxy/src/calls/usage-figures.ts';
import type {
	CallFilter,
	CallStore,
} from '../../proxy/src/stores/call-store.ts';
import { connectRedis } from '../../proxy/src/stores/redis/connection.ts';
import { createRedisCallStore } from '../../proxy/src/stores/redis/redis-call-store.ts';
import { openDatabase } from '../../proxy/src/stores/sqlite/database.ts';
import { createSqliteCallStore } from '../../proxy/src/stores/sqlite/sqlite-call-store.ts';
import { startRedis } from '../support/redis/index.ts';
import { callAt, DAY_MS, DAYS, FIRST_DAY, SITE } from './call-mix.ts';
import type { Figure } from './figures.ts';

const dayOf = ( at: number ) => new Date( at ).toISOString().slice( 0, 10 );

async function fill(
	store: CallStore,
	count: number,
	atOnce: number
): Promise< void > {
	for ( let first = 0; first < count; first += atOnce ) {
		const batch: Array< Promise< void > > = [];
		for ( let n = first; n < Math.min( first + atOnce, count ); n++ ) {
			const call = callAt( n, count );
			batch.push( store.add( call, dayOf( call.at ) ) );
		}
		await Promise.all( batch );
	}
}

/** Times `work` several times and returns the median and the slowest, in milliseconds. */
async function time(
	work: () => Promise< unknown >
): Promise< { median: number; slowest: number } > {
	const times: number[] = [];
	for ( let run = 0; run < 9; run++ ) {
		const startedAt = performance.now();
		await work();
		times.push( performance.now() - startedAt );
	}
	times.sort( ( a, b ) => a - b );
	return { median: times[ 4 ] as number, slowest: times[ 8 ] as number };
}

/** A store with how it is filled: so many calls are on their way at once, and `bytes` says how much they take. */
interface Opened {
	store: CallStore;
	atOnce: number;
	bytes(): number | Promise< number >;
	close(): Promise< void >;
}

async function openSqlite(): Promise< Opened > {
	const folder = mkdtempSync( join( tmpdir(), 'docent-bench-calls-' ) );
	const database = openDatabase( folder );
	return {
		store: createSqliteCallStore( database ),
		atOnce: 50_000,
		bytes: () => statSync( join( folder, 'docent.sqlite' ) ).size,
		async close() {
			database.close();
			rmSync( folder, { recursive: true, force: true } );
		},
	};
}

async function openRedis(): Promise< Opened > {
	const server = await startRedis( { isDurable: false } );
	const connection = await connectRedis( { url: server.url } );
	return {
		store: createRedisCallStore( connection ),
		atOnce: 500,
		async bytes() {
			const info = await server.command< string >( 'INFO', 'memory' );
			return Number( /used_memory:(\d+)/.exec( info )?.[ 1 ] );
		},
		async close() {
			await connection.close();
			await server.stop();
		},
	};
}

/** Fills a store with calls and times what an owner's pages ask of it. */
export async function measureCallLog( {
	kind,
	calls: count,
	report = () => {},
}: {
	kind: 'SQLite' | 'Redis';
	calls: number;
	report?: ( line: string ) => void;
} ): Promise< Figure[] > {
	const { store, atOnce, bytes, close } = await ( kind === 'SQLite'
		? openSqlite()
		: openRedis() );
	try {
		const before = await bytes();
		const startedAt = performance.now();
		await fill( store, count, atOnce );
		const fillMs = performance.now() - startedAt;
		const bytesPerCall = ( ( await bytes() ) - before ) / count;
		const many = `${ count.toLocaleString( 'en' ) } calls`;
		report( `${ many } in ${ Math.round( fillMs / 1_000 ) } s` );
		const pages = await timePages( store, count, report );
		const usage = await timeUsage( store, report );
		const id = `calls.${ kind.toLowerCase() }`;
		return [
			{
				id: `${ id }.add`,
				title: `Call log in ${ kind }: calls written`,
				value: count / ( fillMs / 1_000 ),
				unit: 'calls/s',
				note: `${ Math.round( bytesPerCall ) } bytes a call`,
			},
			{
				id: `${ id }.page`,
				title: `Call log in ${ kind }: slowest page of ${ many }`,
				value: pages.median,
				unit: 'ms',
				target: { kind: 'at most', value: 20 },
				note: `${ pages.name }; slowest of all runs ${ pages.slowest.toFixed( 1 ) } ms`,
			},
			{
				id: `${ id }.usage`,
				title: `Usage in ${ kind } over ${ many }, ${ DAYS } days`,
				value: usage.median,
				unit: 'ms',
				target: { kind: 'at most', value: 50 },
				note: `by ${ usage.name }; slowest of all runs ${ usage.slowest.toFixed( 1 ) } ms`,
			},
		];
	} finally {
		await close();
	}
}

interface Slowest {
	name: string;
	median: number;
	slowest: number;
}

/** Times a page of 50 for each filter and for all together, from the top and from the middle; returns the slowest by its median. */
async function timePages(
	store: CallStore,
	count: number,
	report: ( line: string ) => void
): Promise< Slowest > {
	const middle = FIRST_DAY + ( DAYS / 2 ) * DAY_MS;
	const filters: Record< string, CallFilter > = {
		none: {},
		from: { from: middle },
		to: { to: middle },
		model: { model: 'gpt-5.4-mini' },
		'rare model': { model: 'gpt-5.4', outcome: 'no_money' },
		tier: { tier: 'economy' },
		kind: { kind: 'embedding' },
		cache: { cache: 'semantic' },
		outcome: { outcome: 'failed' },
		turnId: { turnId: callAt( Math.floor( count / 3 ), count ).turnId },
		'what never occurs': { model: 'gpt-5.4-nano', cache: 'pinned' },
		all: {
			from: FIRST_DAY,
			to: middle,
			model: 'gpt-5.4-nano',
			tier: 'economy',
			kind: 'answer',
			cache: 'miss',
			outcome: 'stopped',
		},
	};
	let worst: Slowest = { name: '', median: 0, slowest: 0 };
	const note = ( name: string, timed: Omit< Slowest, 'name' > ) => {
		report( `page, filter ${ name }: ${ timed.median.toFixed( 2 ) } ms` );
		worst = {
			name: timed.median > worst.median ? `filter ${ name }` : worst.name,
			median: Math.max( worst.median, timed.median ),
			slowest: Math.max( worst.slowest, timed.slowest ),
		};
	};
	for ( const [ name, filter ] of Object.entries( filters ) ) {
		note(
			name,
			await time( () => store.list( SITE, filter, { limit: 50 } ) )
		);
	}
	const half = await store.list( SITE, { to: middle }, { limit: 50 } );
	note(
		'none, from the middle',
		await time( () =>
			store.list( SITE, {}, { limit: 50, cursor: half.nextCursor } )
		)
	);
	return worst;
}

/** Times the figures of all days by each dimension alone and by all; returns the slowest by its median. */
async function timeUsage(
	store: CallStore,
	report: ( line: string ) => void
): Promise< Slowest > {
	const last = dayOf( FIRST_DAY + DAYS * DAY_MS );
	let worst: Slowest = { name: '', median: 0, slowest: 0 };
	for ( const by of [
		[],
		...USAGE_DIMENSIONS.map( ( dimension ) => [ dimension ] ),
		USAGE_DIMENSIONS,
	] ) {
		const timed = await time( async () =>
			sumUsage(
				await store.rollups( SITE, dayOf( FIRST_DAY ), last ),
				by
			)
		);
		const name = by.join( ', ' ) || 'nothing';
		report( `usage by ${ name }: ${ timed.median.toFixed( 2 ) } ms` );
		worst = {
			name: timed.median > worst.median ? name : worst.name,
			median: Math.max( worst.median, timed.median ),
			slowest: Math.max( worst.slowest, timed.slowest ),
		};
	}
	return worst;
}
