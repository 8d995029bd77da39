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

interface VitestReport {
	testResults: Array< {
		status: string;
		assertionResults: Array< { status: string; fullName: string } >;
	} >;
}

/** What a report tells beside its counts. */
export interface ReadReport {
	tally: Tally;
	skippedNames: string[];
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
	};
}

/** Reads PHPUnit's JUnit report: the figures of the outermost suite. */
export function readJUnitReport( xml: string ): ReadReport {
	const suite = /<testsuite [^>]*>/.exec( xml )?.[ 0 ] ?? '';
	const figure = ( name: string ): number =>
		Number(
			new RegExp( `\\b${ name }="(\\d+)"` ).exec( suite )?.[ 1 ] ?? 0
		);
	const failed = figure( 'failures' ) + figure( 'errors' );
	const skipped = figure( 'skipped' );
	return {
		tally: {
			passed: figure( 'tests' ) - failed - skipped,
			failed,
			skipped,
		},
		skippedNames: [
			...xml.matchAll( /<testcase name="([^"]*)"[^>]*>\s*<skipped/g ),
		].map( ( match ) => match[ 1 ]! ),
	};
}

/** Reads the last `N passed, N failed` line a program printed; undefined when there is none. */
export function readClosingLine( printed: string ): Tally | undefined {
	const line = [
		...printed.matchAll(
			/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/gm
		),
	].at( -1 );
	return line === undefined
		? undefined
		: {
				passed: Number( line[ 1 ] ),
				failed: Number( line[ 2 ] ),
				skipped: Number( line[ 3 ] ?? 0 ),
			};
}
