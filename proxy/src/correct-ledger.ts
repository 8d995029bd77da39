/**
 * Corrects what a site has spent, for instance after a wrong price was typed. The correction is an entry of its own in the book, with its reason.
 *
 * `npm run ledger:correct -- <data folder> --site ID --usd -0.40 --reason "…" [--day YYYY-MM-DD] [--visitors]` corrects the day (today, unless
 * one is named) and its month, and with `--visitors` each visitor's day as well. Instead of a data folder it takes the URL of a Redis. Proxies may
 * work on it meanwhile.
 */
import { parseArgs } from 'node:util';
import { formatUsd, parseUsd } from './ledger/usd.ts';
import { dateIn, siteDayKey, siteMonthKey } from './ledger/windows.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { openPlace, type OpenLedger } from './stores/open-ledger.ts';

const USAGE = `Say what to correct:
  npm run ledger:correct -- ./data --site ID --usd -0.40 --reason "the price was ten times too high"
  --day YYYY-MM-DD  another day than today
  --visitors        corrects each visitor's day as well`;

interface Order {
	place: string;
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
	const [ place ] = positionals;
	const { site, usd, reason, day } = values;
	if ( ! place || ! site || ! usd || ! reason?.trim() ) {
		throw new Error( USAGE );
	}
	const nanoUsd = parseUsd( usd );
	if ( nanoUsd === undefined || nanoUsd === 0 ) {
		throw new Error(
			`--usd ${ usd } is no amount of dollars such as -0.40, with at most nine decimals.`
		);
	}
	if ( day !== undefined && ! isDay( day ) ) {
		throw new Error( `--day ${ day } is no date such as 2026-11-20.` );
	}
	return {
		place,
		site,
		nanoUsd,
		reason,
		day,
		withVisitors: values.visitors,
	};
}

/** Tells whether a text is a date that the calendar has, as `YYYY-MM-DD`. */
function isDay( text: string ): boolean {
	const time = Date.parse( `${ text }T00:00:00Z` );
	return (
		! Number.isNaN( time ) &&
		new Date( time ).toISOString().startsWith( `${ text }T` )
	);
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
	{ ledger, sites, hasSite, visitorKeys }: OpenLedger,
	{ site, nanoUsd, reason, day: namedDay, withVisitors }: Order
): Promise< string[] > {
	if ( ! ( await hasSite( site ) ) ) {
		throw new Error( `The ledger knows no site ${ site }.` );
	}
	const stored = await sites.readSettings( site );
	const timeZone =
		stored?.limits?.timeZone ?? DEFAULT_SETTINGS.limits.timeZone;
	const now = Date.now();
	const day = namedDay ?? dateIn( timeZone, now );
	const keys = [
		siteDayKey( site, day ),
		siteMonthKey( site, day.slice( 0, 7 ) ),
		...( withVisitors ? await visitorKeys( site, day ) : [] ),
	];

	const before = await Promise.all(
		keys.map( ( key ) => ledger.balance( key ) )
	);
	await ledger.correct( {
		siteId: site,
		windows: keys.map( ( key ) => ( { key, unit: 'nanoUsd' } ) ),
		nanoUsd,
		reason,
		now,
	} );
	const after = await Promise.all(
		keys.map( ( key ) => ledger.balance( key ) )
	);
	return keys.map(
		( key, index ) =>
			`${ key }: ${ formatUsd( before[ index ]?.spent ?? 0 ) } → ${ formatUsd( after[ index ]?.spent ?? 0 ) }`
	);
}

let place: OpenLedger | undefined;
try {
	const order = readOrder( process.argv.slice( 2 ) );
	place = await openPlace( order.place );
	const lines = await correct( place, order );
	process.stdout.write( `${ lines.join( '\n' ) }\n` );
} catch ( error ) {
	process.stderr.write(
		`${ error instanceof Error ? error.message : error }\n`
	);
	process.exitCode = 1;
} finally {
	await place?.close();
}
