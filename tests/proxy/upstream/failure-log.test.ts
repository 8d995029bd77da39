import { describe, expect, it } from 'vitest';
import { createFailureLog } from '../../../proxy/src/upstream/failure-log.ts';
import { createHandClock } from '../../support/clock.ts';

const DAY = 86_400_000;

describe( 'the log of failures', () => {
	it( 'counts each kind of failure of each model, newest first', async () => {
		const clock = createHandClock();
		const log = createFailureLog( clock );
		log.failed( 'groq', 'm', 'provider_rate' );
		await clock.advance( 1_000 );
		log.failed( 'groq', 'm', 'provider_cut' );
		await clock.advance( 1_000 );
		log.failed( 'groq', 'm', 'provider_rate' );
		log.failed( 'openai', 'm', 'provider_rate' );
		expect(
			log
				.list()
				.map( ( { provider, code, count } ) => [
					provider,
					code,
					count,
				] )
		).toEqual( [
			[ 'groq', 'provider_rate', 2 ],
			[ 'openai', 'provider_rate', 1 ],
			[ 'groq', 'provider_cut', 1 ],
		] );
		expect( log.list()[ 0 ] ).toMatchObject( {
			firstAt: clock() - 2_000,
			lastAt: clock(),
		} );
	} );

	it( 'says when a model worked again, until it fails again', async () => {
		const clock = createHandClock();
		const log = createFailureLog( clock );
		log.failed( 'groq', 'm', 'provider_rate' );
		await clock.advance( 1_000 );
		log.succeeded( 'groq', 'm' );
		log.succeeded( 'groq', 'another' );
		expect( log.list()[ 0 ]?.healedAt ).toBe( clock() );
		log.failed( 'groq', 'm', 'provider_rate' );
		expect( log.list()[ 0 ] ).toMatchObject( {
			count: 2,
			healedAt: undefined,
		} );
	} );

	it( 'forgets after a day, and counts anew', async () => {
		const clock = createHandClock();
		const log = createFailureLog( clock );
		log.failed( 'groq', 'm', 'provider_rate' );
		clock.set( clock() + DAY + 1 );
		expect( log.list() ).toEqual( [] );
		log.failed( 'groq', 'm', 'provider_rate' );
		expect( log.list()[ 0 ] ).toMatchObject( {
			count: 1,
			firstAt: clock(),
		} );
	} );

	it( 'keeps no more than five hundred, the newest', () => {
		const log = createFailureLog( createHandClock() );
		for ( let i = 0; i < 2_000; i++ ) {
			log.failed( 'groq', `m${ i }`, 'provider_rate' );
		}
		const models = log.list().map( ( { model } ) => model );
		expect( models ).toHaveLength( 500 );
		expect( models ).toContain( 'm1999' );
		expect( models ).not.toContain( 'm0' );
	} );
} );
