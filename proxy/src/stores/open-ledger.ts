/**
 * Opens the ledger that somebody names on a command line: the one in a data folder, or the one in a Redis.
 */
import type { LedgerCheck, LedgerStore } from './ledger-store.ts';
import type { SiteStore } from './site-store.ts';

/** A ledger beside the proxies that work on it. */
export interface OpenLedger {
	ledger: Pick< LedgerStore, 'balance' | 'correct' >;
	sites: Pick< SiteStore, 'readSettings' >;
	/** Tells whether a site has ever spent. */
	hasSite( siteId: string ): Promise< boolean >;
	/** Lists the windows of visitors of a site on a day (`YYYY-MM-DD`). */
	visitorKeys( siteId: string, day: string ): Promise< string[] >;
	close(): Promise< void >;
}

/** Entries of a book in Redis that are looked through for visitors: more than a site has on a day. */
const LOOK_THROUGH = 1_000_000;

/** Names a place without the password that may be in its URL. */
export function describePlace( place: string ): string {
	return isRedis( place ) && URL.canParse( place )
		? `the Redis at ${ new URL( place ).host }`
		: place;
}

/** Adds the book of a place up. Changes nothing there; throws an error that says why it cannot be read. */
export async function checkPlace( place: string ): Promise< LedgerCheck > {
	if ( isRedis( place ) ) {
		// A connection alone: a whole store would enter the ledger as proxies do.
		const { connectRedis } = await import( './redis/connection.ts' );
		const { checkRedisLedgers } =
			await import( './redis/redis-ledger-check.ts' );
		const connection = await connectRedis( { url: place } );
		try {
			return await checkRedisLedgers( connection );
		} finally {
			await connection.close();
		}
	}
	const { openDatabaseForReading } = await import( './sqlite/database.ts' );
	const { checkLedgerFile } =
		await import( './sqlite/sqlite-ledger-check.ts' );
	const database = openDatabaseForReading( place );
	try {
		return database.read( () => checkLedgerFile( database.prepare ) );
	} finally {
		database.close();
	}
}

/** Opens a place for a correction; throws an error that says why it cannot be used. */
export async function openPlace( place: string ): Promise< OpenLedger > {
	if ( isRedis( place ) ) {
		const { ledger, sites, close } = await openRedis( place );
		return {
			ledger,
			sites,
			close,
			hasSite: async ( siteId ) =>
				( await ledger.entries( siteId, 1 ) ).length > 0,
			async visitorKeys( siteId, day ) {
				const entries = await ledger.entries( siteId, LOOK_THROUGH );
				const keys = entries.flatMap( ( entry ) => entry.windowKeys );
				return [ ...new Set( keys ) ]
					.filter(
						( key ) =>
							key.startsWith( `visitor:${ siteId }:` ) &&
							key.endsWith( `:day:${ day }` )
					)
					.sort();
			},
		};
	}
	const { openExistingDatabase } = await import( './sqlite/database.ts' );
	const { createSqliteLedgerStore } =
		await import( './sqlite/sqlite-ledger-store.ts' );
	const { createSqliteSiteStore } =
		await import( './sqlite/sqlite-site-store.ts' );
	const database = openExistingDatabase( place );
	const keysLike = ( pattern: string ) =>
		database
			.prepare(
				'SELECT key FROM ledger_windows WHERE key GLOB ? ORDER BY key'
			)
			.all( pattern )
			.map( ( { key } ) => String( key ) );
	return {
		ledger: createSqliteLedgerStore( database ),
		sites: createSqliteSiteStore( database ),
		hasSite: async ( siteId ) =>
			keysLike( `site:${ siteId }:*` ).length > 0,
		visitorKeys: async ( siteId, day ) =>
			keysLike( `visitor:${ siteId }:*:day:${ day }` ),
		close: async () => database.close(),
	};
}

async function openRedis( url: string ) {
	const { openRedisStores } = await import( './redis/redis-stores.ts' );
	return openRedisStores( url );
}

function isRedis( place: string ): boolean {
	return /^rediss?:/.test( place );
}
