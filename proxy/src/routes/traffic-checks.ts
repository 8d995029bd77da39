/**
 * Tells the owner what went wrong with models in real traffic, without a test.
 */
import { diagnose, type FailureCode } from '../upstream/diagnosis.ts';
import type { TargetFailure } from '../upstream/failure-log.ts';
import type { Check } from './check.ts';

/** Single refusals and answers that were cut short are no fault; so many in a day are worth a word. */
const OFTEN = 5;

/** Returns a check of each way in which calls failed within the last day and have not succeeded since. */
export function checkTraffic( failures: readonly TargetFailure[] ): Check[] {
	return failures
		.filter( ( { healedAt } ) => healedAt === undefined )
		.filter( ( { code, count } ) => ! isUsual( code ) || count >= OFTEN )
		.map( ( { provider, model, code, count, firstAt, lastAt } ) => {
			const { cause, remedy, repair } = diagnose( code );
			return {
				id: `traffic:${ provider }:${ model }:${ code }`,
				status: 'warning' as const,
				message: `${ model } at ${ provider }: ${ cause } It happened ${ count === 1 ? 'once' : `${ count } times` }, last on ${ inWords( lastAt ) }.`,
				code,
				remedy,
				...( repair ? { repair } : {} ),
				count,
				firstAt,
				lastAt,
			};
		} );
}

function isUsual( code: FailureCode ): boolean {
	return code.startsWith( 'content_' ) || code.startsWith( 'image_' );
}

/** Says a moment to the minute, in UTC: the owner's time zone is the site's matter. */
function inWords( at: number ): string {
	return `${ new Date( at ).toISOString().slice( 0, 16 ).replace( 'T', ' at ' ) } UTC`;
}
