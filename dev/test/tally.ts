/**
 * Counts what tests came to, over all parts, and reads the counts from the runners' own reports.
 */

/** Counts of one part or of all. */
export interface Tally {
	passed: number;
	failed: number;
	skipped: number;
}

export const nothing: Tally = { passed: 0, failed: 0, skipped: 0 };

/** Adds counts up. */
export function sum( tallies: readonly Tally[] ): Tally {
	return tallies.reduce(
		( total, tally ) => ( {
			passed: total.passed + tally.passed,
			failed: total.failed + tally.failed,
			skipped: total.skipped + tally.skipped,
		} ),
		nothing
	);
}

/** Writes the closing line: `12 passed, 0 failed`, with `, 1 skipped` only when something was skipped. */
export function closingLine( { passed, failed, skipped }: Tally ): string {
	return `${ passed } passed, ${ failed } failed${
		skipped > 0 ? `, ${ skipped } skipped` : ''
	}`;
}

/** Stands in the name of a test that needs material from beside the project, which a clone alone does not have. Such a test may be left out in CI, too. */
export const LEFT_OUT = 'LEFT OUT';

interface VitestReport {
	testResults: Array< {
		status: string;
		assertionResults: Array< {
			status: string;
			fullName: string;
			/** What went wrong in each attempt, also of a test that passed in a later one. */
			failureMessages?: string[];
		} >;
	} >;
}

/** What a report tells beside its counts. */
export interface ReadReport {
	tally: Tally;
	skippedNames: string[];
	/** Tests that failed first and passed when they were run again. */
	retriedNames: string[];
}

/** Reads vitest's JSON report. A file that failed outside its tests (import, hook) counts as one failure. */
export function readVitestReport( json: string ): ReadReport {
	const report = JSON.parse( json ) as VitestReport;
	const tests = report.testResults.flatMap(
		( file ) => file.assertionResults
	);
	const brokenFiles = report.testResults.filter(
		( file ) =>
			file.status === 'failed' &&
			! file.assertionResults.some( ( test ) => test.status === 'failed' )
	);
	const skipped = tests.filter(
		( test ) => test.status !== 'passed' && test.status !== 'failed'
	);
	return {
		tally: {
			passed: tests.filter( ( test ) => test.status === 'passed' ).length,
			failed:
				tests.filter( ( test ) => test.status === 'failed' ).length +
				brokenFiles.length,
			skipped: skipped.length,
		},
		skippedNames: skipped.map( ( test ) => test.fullName ),
		retriedNames: tests
			.filter(
				( { status, failureMessages = [] } ) =>
					status === 'passed' && failureMessages.length > 0
			)
			.map( ( test ) => test.fullName ),
	};
}

/** Reads the last `N passed, N failed` line a program printed, and its `SKIPPED name` lines; undefined when it closed without. */
export function readClosingLines( printed: string ): ReadReport | undefined {
	const line = [
		...printed.matchAll(
			/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/gm
		),
	].at( -1 );
	return line === undefined
		? undefined
		: {
				tally: {
					passed: Number( line[ 1 ] ),
					failed: Number( line[ 2 ] ),
					skipped: Number( line[ 3 ] ?? 0 ),
				},
				skippedNames: [ ...printed.matchAll( /^SKIPPED (.+)$/gm ) ].map(
					( match ) => match[ 1 ]!
				),
				retriedNames: [],
			};
}
