/**
 * Adds the book of a data folder up again and compares it with its counters, also while a proxy works on it. Changes nothing.
 *
 * `npm run ledger:check -- <data folder>` leaves with 0 when they agree, and with 1 when they do not or cannot be read.
 */
import { openDatabaseForReading } from './stores/sqlite/database.ts';
import { checkLedgerFile } from './stores/sqlite/sqlite-ledger-check.ts';

/** Returns what there is to tell, and whether all is well. */
function check( dataDir: string | undefined ): {
	isSound: boolean;
	lines: string[];
} {
	if ( dataDir === undefined ) {
		return {
			isSound: false,
			lines: [
				'Say which data folder to check:',
				'  npm run ledger:check -- ./data',
			],
		};
	}
	try {
		const database = openDatabaseForReading( dataDir );
		try {
			const { entries, windows, openReservations, problems } =
				database.read( () => checkLedgerFile( database.prepare ) );
			return problems.length === 0
				? {
						isSound: true,
						lines: [
							`The ledger in ${ dataDir } adds up: ${ entries } entries, ${ windows } windows, ${ openReservations } open reservations.`,
							'What each window has spent and holds is the sum of its entries, to the last unit.',
						],
					}
				: {
						isSound: false,
						lines: [
							`The ledger in ${ dataDir } does not add up:`,
							...problems.map( ( problem ) => `- ${ problem }` ),
						],
					};
		} finally {
			database.close();
		}
	} catch ( error ) {
		return {
			isSound: false,
			lines: [
				`The ledger in ${ dataDir } cannot be checked: ${
					error instanceof Error ? error.message : error
				}`,
			],
		};
	}
}

const { isSound, lines } = check( process.argv[ 2 ] );
const output = isSound ? process.stdout : process.stderr;
output.write( `${ lines.join( '\n' ) }\n` );
process.exitCode = isSound ? 0 : 1;
