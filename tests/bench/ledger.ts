/**
 * Measures the ledger on a real SQLite file: how many calls a second it can reserve and settle, and what money adds to one ask.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createLedger, type Ledger } from '../../proxy/src/ledger/ledger.ts';
import { priceWorstCase } from '../../proxy/src/ledger/pricing.ts';
import { loadCatalog, type Model } from '../../proxy/src/models/catalog.ts';
import { DEFAULT_SETTINGS } from '../../proxy/src/settings.ts';
import {
	openDatabase,
	type Database,
} from '../../proxy/src/stores/sqlite/database.ts';
import { createSqliteLedgerStore } from '../../proxy/src/stores/sqlite/sqlite-ledger-store.ts';
import type { Figure } from './figures.ts';
import { median, percentile } from './load.ts';

/** Calls that are in flight at once: what one proxy answers under load. */
const LANES = 128;

/** Visitors take turns, so that counters differ as on a busy site. */
const VISITORS = 1_000;

const PLENTY = 1_000_000_000_000_000;

const LIMITS = {
	...DEFAULT_SETTINGS.limits,
	timeZone: 'Europe/Berlin',
	siteDayNanoUsd: PLENTY,
	siteMonthNanoUsd: PLENTY,
	visitorDayNanoUsd: PLENTY,
};

const USAGE = { textIn: 900, textCachedIn: 300, textOut: 140 };

interface Bench {
	database: Database;
	ledger: Ledger;
	model: Model;
}

let asked = 0;

/** Does what one ask does before its call: names the windows, prices the worst case, holds it. */
async function reserve( { ledger, model }: Bench ) {
	const number = asked++;
	const outcome = await ledger.reserve( {
		siteId: 'bench-of-the-ledger',
		limits: LIMITS,
		model,
		amountNanoUsd: priceWorstCase( model, 1_400, 700 ),
		details: {
			model: model.id,
			tier: 'economy',
			visitorId: `visitor${ String( number % VISITORS ).padStart( 25, '0' ) }`,
			turnId: `turn${ String( number ).padStart( 28, '0' ) }`,
		},
	} );
	if ( outcome.kind !== 'reserved' ) {
		throw new Error( `The bench was refused: ${ outcome.reason }` );
	}
	return outcome.reservation;
}

/** Keeps {@link LANES} calls in flight and returns pairs of reserve and settle a second. */
async function countPairs( bench: Bench, forMs: number ): Promise< number > {
	const startedAt = performance.now();
	let pairs = 0;
	await Promise.all(
		Array.from( { length: LANES }, async () => {
			while ( performance.now() - startedAt < forMs ) {
				await ( await reserve( bench ) ).settle( USAGE ).saved;
				pairs++;
			}
		} )
	);
	return ( pairs * 1_000 ) / ( performance.now() - startedAt );
}

/**
 * Times the money of one ask after another, in microseconds: until the call may go out, and the settling until it is in the file. The few
 * milliseconds for which a settlement may wait for company are left out: nobody waits for it.
 */
async function timeAsks( bench: Bench, asks: number ): Promise< number[] > {
	const times: number[] = [];
	for ( let count = 0; count < asks; count++ ) {
		const startedAt = performance.now();
		const reservation = await reserve( bench );
		const { saved } = reservation.settle( USAGE );
		void bench.database.write( () => undefined );
		await saved;
		times.push( ( performance.now() - startedAt ) * 1_000 );
	}
	return times;
}

/** Times as much work without a ledger, in the same rhythm: what the machine itself adds now and then, in microseconds. */
async function timePauses( pauses: number ): Promise< number[] > {
	const times: number[] = [];
	for ( let count = 0; count < pauses; count++ ) {
		const startedAt = performance.now();
		await new Promise( setImmediate );
		while ( performance.now() - startedAt < 0.05 ) {
			// As busy as the ledger.
		}
		await new Promise( setImmediate );
		times.push( ( performance.now() - startedAt ) * 1_000 );
	}
	return times;
}

/** Measures throughput and latency; the book must add up at the end. */
export async function measureLedger( {
	runs,
	measureMs,
	asks,
	report = () => {},
}: {
	runs: number;
	measureMs: number;
	asks: number;
	report?: ( line: string ) => void;
} ): Promise< Figure[] > {
	const folder = mkdtempSync( join( tmpdir(), 'docent-bench-ledger-' ) );
	const database = openDatabase( folder );
	try {
		const store = createSqliteLedgerStore( database );
		const ledger = createLedger( {
			store,
			clock: Date.now,
			log: pino( { level: 'silent' } ),
		} );
		const [ model ] = loadCatalog( undefined ).targets( 'economy' );
		if ( ! model ) {
			throw new Error( 'The catalog has no model of the tier economy.' );
		}
		const bench = { database, ledger, model };
		await countPairs( bench, measureMs / 2 );
		const perSecond: number[] = [];
		const p50s: number[] = [];
		const p99s: number[] = [];
		const pauses: number[] = [];
		for ( let run = 0; run < runs; run++ ) {
			const pairs = await countPairs( bench, measureMs );
			const times = await timeAsks( bench, asks );
			perSecond.push( pairs );
			p50s.push( median( times ) );
			p99s.push( percentile( times, 0.99 ) );
			pauses.push( ...( await timePauses( asks ) ) );
			report(
				`${ Math.round( pairs ) } pairs/s; one ask ${ Math.round( p50s[ run ] as number ) } µs, p99 ${ Math.round( p99s[ run ] as number ) } µs`
			);
		}
		const { entries, problems } = await store.check();
		const bytes = statSync( join( folder, 'docent.sqlite' ) ).size;
		if ( problems.length > 0 ) {
			throw new Error( problems.join( '\n' ) );
		}
		return [
			{
				id: 'ledger.pairs',
				title: 'Ledger: reserve and settle, SQLite file, one process',
				value: median( perSecond ),
				unit: 'pairs/s',
				target: { kind: 'at least', value: 15_000 },
				runs: perSecond,
				note: `${ LANES } calls in flight; a book of ${ entries.toLocaleString( 'en' ) } entries adds up, ${ Math.round( ( 2 * bytes ) / entries ) } bytes a call`,
			},
			{
				id: 'ledger.ask.p50',
				title: 'Ledger: what money adds to one ask, p50',
				value: median( p50s ),
				unit: 'µs',
				target: { kind: 'at most', value: 150 },
				runs: p50s,
			},
			{
				id: 'ledger.ask.p99',
				title: 'Ledger: what money adds to one ask, p99',
				value: median( p99s ),
				unit: 'µs',
				target: { kind: 'at most', value: 1_000 },
				runs: p99s,
				note: `the machine alone: ${ Math.round( percentile( pauses, 0.99 ) ) } µs, and ${ Math.round( percentile( pauses, 0.999 ) ) } µs once in a thousand`,
			},
		];
	} finally {
		database.close();
		rmSync( folder, { recursive: true, force: true } );
	}
}
