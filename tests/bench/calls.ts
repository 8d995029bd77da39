/**
 * Times the call log and its figures over a million calls in one SQLite file: every filter, the first page and one in the middle.
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
	CallKind,
	CallOutcome,
	CallStore,
	KeptCall,
} from '../../proxy/src/stores/call-store.ts';
import { openDatabase } from '../../proxy/src/stores/sqlite/database.ts';
import { createSqliteCallStore } from '../../proxy/src/stores/sqlite/sqlite-call-store.ts';
import type { CacheOutcome } from '../../proxy/src/types.ts';
import type { Figure } from './figures.ts';

const SITE = 'bench';

/** The calls lie this many days back at most. */
const DAYS = 90;
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC( 2026, 7, 23 );

/** So many calls are queued before they are committed together. */
const AT_ONCE = 50_000;

/** What a call can be in its sums, with how many of a thousand are so. */
const MIX: Array<
	[
		share: number,
		model: string,
		tier: string,
		kind: CallKind,
		cache: CacheOutcome,
		outcome: CallOutcome,
	]
> = [
	[ 330, 'gpt-5.4-nano', 'economy', 'answer', 'miss', 'answered' ],
	[ 120, 'gpt-5.4-mini', 'standard', 'answer', 'miss', 'answered' ],
	[ 30, 'gpt-5.4', 'premium', 'answer', 'miss', 'answered' ],
	[ 20, 'gpt-5.4-nano', 'economy', 'answer', 'miss', 'passed_up' ],
	[ 10, 'gpt-5.4-nano', 'economy', 'answer', 'miss', 'stopped' ],
	[ 8, 'gpt-5.4-nano', 'economy', 'answer', 'miss', 'failed' ],
	[ 4, 'gpt-5.4-mini', 'standard', 'answer', 'miss', 'failed' ],
	[ 1, 'gpt-5.4', 'premium', 'answer', 'miss', 'failed' ],
	[ 2, 'gpt-5.4', 'premium', 'answer', 'miss', 'no_money' ],
	[ 40, 'qwen-flash', 'economy', 'answer', 'miss', 'answered' ],
	[ 15, 'deepseek-chat', 'standard', 'answer', 'miss', 'answered' ],
	[
		60,
		'text-embedding-3-small',
		'economy',
		'embedding',
		'miss',
		'answered',
	],
	[ 30, 'gpt-5.4-nano', 'economy', 'rewrite', 'miss', 'answered' ],
	[ 10, 'gpt-5.4-nano', 'economy', 'routing', 'miss', 'answered' ],
	[
		10,
		'gpt-4o-mini-transcribe',
		'economy',
		'transcription',
		'miss',
		'answered',
	],
	[ 10, 'gpt-4o-mini-tts', 'economy', 'speech', 'miss', 'answered' ],
	[ 180, '', 'none', 'answer', 'exact', 'cached' ],
	[ 60, '', 'none', 'answer', 'semantic', 'cached' ],
	[ 20, '', 'none', 'answer', 'pinned', 'cached' ],
	[ 10, '', 'none', 'answer', 'coalesced', 'cached' ],
	[ 20, '', 'none', 'answer', 'miss', 'extractive' ],
	[ 10, '', 'none', 'answer', 'miss', 'abstained' ],
];

const WHEEL = MIX.flatMap( ( entry ) =>
	Array.from( { length: entry[ 0 ] }, () => entry )
);

/** Makes the n-th call; the same one every time. */
function callAt( n: number, count: number ): KeptCall {
	// A multiplication with an odd number mixes well enough and repeats exactly.
	const mixed = Math.imul( n + 1, 0x9e3779b1 ) >>> 0;
	const [ , model, tier, kind, cache, outcome ] = WHEEL[
		mixed % WHEEL.length
	] as ( typeof MIX )[ number ];
	const hex = mixed.toString( 16 ).padStart( 8, '0' );
	const isCalled = model !== '';
	const inputTokens = isCalled ? 400 + ( mixed % 1_200 ) : 0;
	const outputTokens = isCalled ? 30 + ( mixed % 300 ) : 0;
	return {
		id: `bench-${ String( n ).padStart( 12, '0' ) }`,
		siteId: SITE,
		at: FIRST_DAY + Math.floor( ( n / count ) * DAYS * DAY_MS ),
		turnId: `${ hex }${ String( n ).padStart( 24, '0' ) }`,
		requestId: `5f3a9c-${ n.toString( 36 ) }`,
		visitor: hex.repeat( 2 ).slice( 0, 12 ),
		kind,
		provider: isCalled ? 'openai' : '',
		model,
		tier,
		reason: isCalled ? 'default' : '',
		attempt: 1,
		cache,
		outcome,
		errorKind: outcome === 'failed' ? 'provider_unavailable' : '',
		usage: isCalled
			? { textIn: inputTokens, textOut: outputTokens }
			: undefined,
		isEstimated: false,
		inputTokens,
		outputTokens,
		reservedNanoUsd: isCalled ? 900_000 : 0,
		costNanoUsd: isCalled ? 40_000 + ( mixed % 300_000 ) : 0,
		savedNanoUsd: outcome === 'cached' ? 120_000 : 0,
		queueMs: 0,
		firstTokenMs: isCalled ? 300 : undefined,
		totalMs: 1_200,
		features: isCalled ? { coverage: 0.72, length: 48 } : undefined,
	};
}

const dayOf = ( at: number ) => new Date( at ).toISOString().slice( 0, 10 );

async function fill( store: CallStore, count: number ): Promise< void > {
	for ( let first = 0; first < count; first += AT_ONCE ) {
		const batch: Array< Promise< void > > = [];
		for ( let n = first; n < Math.min( first + AT_ONCE, count ); n++ ) {
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

/** Fills a file with calls and times what an owner's pages ask of it. */
export async function measureCallLog( {
	calls: count,
	report = () => {},
}: {
	calls: number;
	report?: ( line: string ) => void;
} ): Promise< Figure[] > {
	const folder = mkdtempSync( join( tmpdir(), 'docent-bench-calls-' ) );
	const database = openDatabase( folder );
	try {
		const store = createSqliteCallStore( database );
		const startedAt = performance.now();
		await fill( store, count );
		const fillMs = performance.now() - startedAt;
		const megabytes =
			statSync( join( folder, 'docent.sqlite' ) ).size / 1e6;
		report(
			`${ count.toLocaleString( 'en' ) } calls in ${ Math.round( fillMs / 1_000 ) } s, ${ Math.round( megabytes ) } MB`
		);
		const pages = await timePages( store, count, report );
		const usage = await timeUsage( store, report );
		return [
			{
				id: 'calls.add',
				title: 'Call log: calls written',
				value: count / ( fillMs / 1_000 ),
				unit: 'calls/s',
				note: `${ Math.round( ( megabytes * 1e6 ) / count ) } bytes a call`,
			},
			{
				id: 'calls.page',
				title: `Call log: slowest page of ${ count.toLocaleString( 'en' ) } calls`,
				value: pages.median,
				unit: 'ms',
				target: { kind: 'at most', value: 20 },
				note: `${ pages.name }; slowest of all runs ${ pages.slowest.toFixed( 1 ) } ms`,
			},
			{
				id: 'calls.usage',
				title: `Usage over ${ count.toLocaleString( 'en' ) } calls, ${ DAYS } days`,
				value: usage.median,
				unit: 'ms',
				target: { kind: 'at most', value: 50 },
				note: `by ${ usage.name }; slowest of all runs ${ usage.slowest.toFixed( 1 ) } ms`,
			},
		];
	} finally {
		database.close();
		rmSync( folder, { recursive: true, force: true } );
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
