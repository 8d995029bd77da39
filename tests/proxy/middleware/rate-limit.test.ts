import { beforeEach, describe, expect, it } from 'vitest';
import { DocentError } from '../../../proxy/src/errors.ts';
import {
	createRateLimiter,
	type RateLimiter,
} from '../../../proxy/src/middleware/rate-limit.ts';
import { createHandClock, type HandClock } from '../../support/clock.ts';

let clock: HandClock;
let limiter: RateLimiter;
beforeEach( () => {
	clock = createHandClock();
	clock.set( 60_000_000 );
	limiter = createRateLimiter( clock );
} );

function ask( key = 'visitor' ): number {
	try {
		limiter.count( key, 10 );
		return 0;
	} catch ( error ) {
		expect( error ).toBeInstanceOf( DocentError );
		return ( error as DocentError ).retryAfterMs ?? 0;
	}
}

describe( 'a limit of ten a minute', () => {
	it( 'lets ten through, refuses the eleventh, and tells how long to wait', () => {
		for ( let index = 0; index < 10; index++ ) {
			expect( ask() ).toBe( 0 );
		}
		const waitMs = ask();
		expect( waitMs ).toBeGreaterThan( 0 );
		expect( ask( 'somebody else' ) ).toBe( 0 );
		clock.advance( waitMs );
		clock.advance( 60_000 );
		expect( ask() ).toBe( 0 );
	} );

	it( 'does not let twenty through around the turn of a minute', () => {
		clock.advance( 59_000 );
		for ( let index = 0; index < 10; index++ ) {
			expect( ask() ).toBe( 0 );
		}
		clock.advance( 2_000 );
		let through = 0;
		while ( ask() === 0 ) {
			through++;
		}
		expect( through ).toBeLessThanOrEqual( 1 );
	} );

	it( 'is open again after the time that it named', () => {
		for ( let index = 0; index < 10; index++ ) {
			ask();
		}
		clock.advance( 61_000 );
		let waited = 0;
		for ( let index = 0; index < 10; index++ ) {
			const waitMs = ask();
			clock.advance( waitMs );
			waited += waitMs;
		}
		expect( waited ).toBeLessThan( 60_000 );
	} );
} );
