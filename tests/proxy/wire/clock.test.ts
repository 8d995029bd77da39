/**
 * The hand-driven clock moves only when told to and runs what falls due in order.
 */
import { describe, expect, test } from 'vitest';
import { createHandClock } from '../../support/clock.ts';

describe( 'the hand-driven clock', () => {
	test( 'stands still until it is moved', async () => {
		const clock = createHandClock( 1_000 );
		expect( clock() ).toBe( 1_000 );
		await clock.advance( 500 );
		expect( clock() ).toBe( 1_500 );
	} );

	test( 'runs timers in the order they fall due, at their own time', async () => {
		const clock = createHandClock( 0 );
		const seen: Array< [ string, number ] > = [];
		clock.after( 30, () => void seen.push( [ 'late', clock() ] ) );
		clock.after( 10, () => {
			seen.push( [ 'early', clock() ] );
			clock.after( 5, () => void seen.push( [ 'nested', clock() ] ) );
		} );
		clock.after( 99, () => void seen.push( [ 'never', clock() ] ) )();
		await clock.advance( 50 );
		expect( seen ).toEqual( [
			[ 'early', 10 ],
			[ 'nested', 15 ],
			[ 'late', 30 ],
		] );
		expect( clock.pending ).toBe( 0 );
	} );

	test( 'lets a wait be given up', async () => {
		const clock = createHandClock();
		const stop = new AbortController();
		const waiting = clock.wait( 10, stop.signal );
		stop.abort( new Error( 'stopped' ) );
		await expect( waiting ).rejects.toThrow( 'stopped' );
		expect( clock.pending ).toBe( 0 );
	} );
} );
