/**
 * Adds the book of a data folder or of a Redis up again and compares it with its counters, also while proxies work on it. Changes nothing.
 *
 * `npm run ledger:check -- <data folder or redis:// address>` leaves with 0 when they agree, and with 1 when they do not or cannot be read.
 */
import type { LedgerCheck } from './stores/ledger-store.ts';
import { openDatabaseForReading } from './stores/sqlite/database.ts';
import { checkLedgerFile } from './stores/sqlite/sqlite-ledger-check.ts';

/** Returns what there is to tell, and whether all is well. */
async function check( place: string | undefined ): Promise< {
	isSound: boolean;
	lines: string[];
} > {
	if ( place === undefined ) {
		return {
			isSound: false,
			lines: [
				'Say which data folder to check:',
				'  npm run ledger:check -- ./data',
				'or which Redis:',
				'  npm run ledger:check -- redis://localhost:6379',
			],
		};
	}
	const isRedis = /^rediss?:\/\//.test( place );
	// An address may hold a password.
	const name = isRedis ? 'Redis' : place;
	try {
		const { entries, windows, openReservations, problems } = await ( isRedis
			? checkRedis( place )
			: checkFile( place ) );
		return problems.length === 0
			? {
					isSound: true,
					lines: [
						`The ledger in ${ name } adds up: ${ entries } entries, ${ windows } windows, ${ openReservations } open reservations.`,
						'What each window has spent and holds is the sum of its entries, to the last unit.',
					],
				}
			: {
					isSound: false,
					lines: [
						`The ledger in ${ name } does not add up:`,
						...problems.map( ( problem ) => `- ${ problem }` ),
					],
				};
	} catch ( error ) {
		return {
			isSound: false,
			lines: [
				`The ledger in ${ name } cannot be checked: ${ reasonOf( error ) }`,
			],
		};
	}
}

function checkFile( dataDir: string ): LedgerCheck {
	const database = openDatabaseForReading( dataDir );
	try {
		return database.read( () => checkLedgerFile( database.prepare ) );
	} finally {
		database.close();
	}
}

async function checkRedis( url: string ): Promise< LedgerCheck > {
	const { connectRedis } = await import( './stores/redis/connection.ts' );
	const { checkRedisLedgers } =
		await import( './stores/redis/redis-ledger-check.ts' );
	const connection = await connectRedis( { url } );
	try {
		return await checkRedisLedgers( connection );
	} finally {
		await connection.close();
	}
}

/** Says why; a store that is away says it in a word of its own. */
function reasonOf( error: unknown ): string {
	if ( error instanceof Error && 'reason' in error ) {
		return String( error.reason );
	}
	return error instanceof Error ? error.message : String( error );
}

const { isSound, lines } = await check( process.argv[ 2 ] );
const output = isSound ? process.stdout : process.stderr;
output.write( `${ lines.join( '\n' ) }\n` );
process.exitCode = isSound ? 0 : 1;
