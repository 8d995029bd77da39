/**
 * Adds the book of a data folder or of a Redis up again and compares it with its counters, also while proxies work on it. Changes nothing.
 *
 * `npm run ledger:check -- <data folder or redis:// address>` leaves with 0 when they agree, and with 1 when they do not or cannot be read.
 */
import { checkPlace, describePlace } from './stores/open-ledger.ts';

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
	const name = describePlace( place );
	try {
		const { entries, windows, openReservations, problems } =
			await checkPlace( place );
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
