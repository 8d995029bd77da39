/**
 * Proves that nothing which went wrong can pass for a success in the closing line.
 */

import { describe, expect, it } from 'vitest';
import {
	closingLine,
	readClosingLines,
	readVitestReport,
	sum,
} from '../../../dev/test/tally.ts';

const report = ( testResults: unknown ): string =>
	JSON.stringify( { testResults } );

describe( 'closing line', () => {
	it( 'names what was skipped only when something was', () => {
		expect( closingLine( { passed: 3, failed: 0, skipped: 0 } ) ).toBe(
			'3 passed, 0 failed'
		);
		expect( closingLine( { passed: 3, failed: 1, skipped: 2 } ) ).toBe(
			'3 passed, 1 failed, 2 skipped'
		);
	} );

	it( 'adds the parts up', () => {
		expect(
			sum( [
				{ passed: 1, failed: 2, skipped: 3 },
				{ passed: 10, failed: 20, skipped: 30 },
			] )
		).toEqual( { passed: 11, failed: 22, skipped: 33 } );
	} );
} );

describe( "vitest's report", () => {
	it( 'counts each outcome and names what was skipped', () => {
		const read = readVitestReport(
			report( [
				{
					status: 'failed',
					assertionResults: [
						{ status: 'passed', fullName: 'a' },
						{ status: 'failed', fullName: 'b' },
						{ status: 'skipped', fullName: 'c' },
						{ status: 'todo', fullName: 'd' },
					],
				},
			] )
		);
		expect( read.tally ).toEqual( { passed: 1, failed: 1, skipped: 2 } );
		expect( read.skippedNames ).toEqual( [ 'c', 'd' ] );
	} );

	it( 'names what failed first and passed when it was run again', () => {
		const read = readVitestReport(
			report( [
				{
					status: 'passed',
					assertionResults: [
						{
							status: 'passed',
							fullName: 'a',
							failureMessages: [],
						},
						{
							status: 'passed',
							fullName: 'b',
							failureMessages: [ 'Timeout' ],
						},
						{
							status: 'failed',
							fullName: 'c',
							failureMessages: [ 'Timeout', 'Timeout' ],
						},
					],
				},
			] )
		);
		expect( read.retriedNames ).toEqual( [ 'b' ] );
	} );

	it( 'counts a file that could not be loaded as a failure', () => {
		const read = readVitestReport(
			report( [
				{ status: 'failed', assertionResults: [] },
				{
					status: 'failed',
					assertionResults: [ { status: 'passed', fullName: 'a' } ],
				},
			] )
		);
		expect( read.tally ).toEqual( { passed: 1, failed: 2, skipped: 0 } );
	} );
} );

describe( 'closing lines of another program', () => {
	it( 'believes the last one', () => {
		const read = readClosingLines(
			'1 passed, 0 failed\nSKIPPED Some_Test::name\n5 passed, 2 failed, 1 skipped\n'
		);
		expect( read ).toEqual( {
			tally: { passed: 5, failed: 2, skipped: 1 },
			skippedNames: [ 'Some_Test::name' ],
			retriedNames: [],
		} );
	} );

	it( 'is undefined for a program that ended without one', () => {
		expect( readClosingLines( 'PHP Fatal error: …' ) ).toBeUndefined();
		expect(
			readClosingLines( 'all 5 passed, 2 failed to load' )
		).toBeUndefined();
	} );
} );
