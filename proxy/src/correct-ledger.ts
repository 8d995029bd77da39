/**
 * Corrects what a site has spent, for instance after a wrong price was typed. The correction is an entry of its own in the book, with its reason.
 *
 * `npm run ledger:correct -- <data folder> --site ID --usd -0.40 --reason "…" [--day YYYY-MM-DD] [--visitors]` corrects the day (today, unless
 * one is named) and its month, and with `--visitors` each visitor's day as well. A proxy may work on the folder meanwhile.
 */
import { parseArgs } from 'node:util';
import { formatUsd, parseUsd } from './ledger/usd.ts';
import { dateIn, siteDayKey, siteMonthKey } from './ledger/windows.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import {
	openExistingDatabase,
	type Database,
} from './stores/sqlite/database.ts';
import { createSqliteLedgerStore } from './stores/sqlite/sqlite-ledger-store.ts';
import { createSqliteSiteStore } from './stores/sqlite/sqlite-site-store.ts';

const USAGE = `Say what to correct:
  npm run ledger:correct -- ./data --site ID --usd -0.40 --reason "the price was ten times too high"
  --day YYYY-MM-DD  another day than today
  --visitors        corrects each visitor's day as well`;

const DAY = /^\d{4}-\d{2}-\d{2}$/;

interface Order {
	dataDir: string;
	site: string;
	nanoUsd: number;
	reason: string;
	day: string | undefined;
	withVisitors: boolean;
}

/** Reads the command line; throws an error that says what is wrong with it. */
function readOrder( args: string[] ): Order {
	const { values, positionals } = parseArgs( {
		args: joinNegative( args ),
		allowPositionals: true,
		options: {
			site: { type: 'string' },
			usd: { type: 'string' },
			reason: { type: 'string' },
			day: { type: 'string' },
			visitors: { type: 'boolean', default: false },
		},
	} );
	const [ dataDir ] = positionals;
	const { site, usd, reason, day } = values;
	if ( ! dataDir || ! site || ! usd || ! reason?.trim() ) {
		throw new Error( USAGE );
	}
	const nanoUsd = parseUsd( usd );
	if ( nanoUsd === undefined || nanoUsd === 0 ) {
		throw new Error(
			`--usd ${ usd } is no amount of dollars such as -0.40, with at most nine decimals.`
		);
	}
	if ( day !== undefined && ! DAY.test( day ) ) {
		throw new Error( `--day ${ day } is no date such as 2026-11-20.` );
	}
	return {
		dataDir,
		site,
		nanoUsd,
		reason,
		day,
		withVisitors: values.visitors,
	};
}

/** Joins `--usd -0.40` to `--usd=-0.40`: what begins with a dash would be taken for an option. */
function joinNegative( args: string[] ): string[] {
	const joined: string[] = [];
	for ( const arg of args ) {
		if ( joined.at( -1 ) === '--usd' ) {
			joined.splice( -1, 1, `--usd=${ arg }` );
		} else {
			joined.push( arg );
		}
	}
	return joined;
}

/** Writes the correction and returns one line for each window. */
async function correct(
	database: Database,
	{ site, nanoUsd, reason, day: namedDay, withVisitors }: Order
): Promise< string[] > {
	const keysLike = ( pattern: string ) =>
		database
			.prepare(
				'SELECT key FROM ledger_windows WHERE key GLOB ? ORDER BY key'
			)
			.all( pattern )
			.map( ( { key } ) => String( key ) );
	if ( keysLike( `site:${ site }:day:*` ).length === 0 ) {
		const known = new Set(
			keysLike( 'site:*:day:*' ).map( ( key ) => key.split( ':' )[ 1 ] )
		);
		throw new Error(
			`The ledger knows no site ${ site }. It knows: ${ [ ...known ].join( ', ' ) || 'none' }.`
		);
	}

	const stored = await createSqliteSiteStore( database ).readSettings( site );
	const timeZone =
		stored?.limits?.timeZone ?? DEFAULT_SETTINGS.limits.timeZone;
	const now = Date.now();
	const day = namedDay ?? dateIn( timeZone, now );
	const keys = [
		siteDayKey( site, day ),
		siteMonthKey( site, day.slice( 0, 7 ) ),
		...( withVisitors
			? keysLike( `visitor:${ site }:*:day:${ day }` )
			: [] ),
	];

	const ledger = createSqliteLedgerStore( database );
	const before = await Promise.all( keys.map( ledger.balance ) );
	await ledger.correct( {
		siteId: site,
		windows: keys.map( ( key ) => ( { key, unit: 'nanoUsd' } ) ),
		nanoUsd,
		reason,
		now,
	} );
	const after = await Promise.all( keys.map( ledger.balance ) );
	return keys.map(
		( key, index ) =>
			`${ key }: ${ formatUsd( before[ index ]?.spent ?? 0 ) } → ${ formatUsd( after[ index ]?.spent ?? 0 ) }`
	);
}

let database: Database | undefined;
try {
	const order = readOrder( process.argv.slice( 2 ) );
	database = openExistingDatabase( order.dataDir );
	const lines = await correct( database, order );
	process.stdout.write( `${ lines.join( '\n' ) }\n` );
} catch ( error ) {
	process.stderr.write(
		`${ error instanceof Error ? error.message : error }\n`
	);
	process.exitCode = 1;
} finally {
	database?.close();
}
