import { describe, expect, it } from 'vitest';
import {
	readAllowances,
	readRetryAfter,
	readWait,
} from '../../../proxy/src/upstream/rate-headers.ts';

const NOW = Date.UTC( 2026, 10, 20, 12 );

describe( 'a wait in a header', () => {
	it.each( [
		[ '120ms', 120 ],
		[ '6m0s', 360_000 ],
		[ '1h2m3.5s', 3_723_500 ],
		[ '2m59.56s', 179_560 ],
		[ '7.66s', 7_660 ],
		[ '1d', 86_400_000 ],
		[ '0s', 0 ],
		[ '20', 20_000 ],
		[ '0.5', 500 ],
		[ String( NOW / 1_000 + 30 ), 30_000 ],
		[ String( NOW + 1_500 ), 1_500 ],
		[ 'Fri, 20 Nov 2026 12:00:45 GMT', 45_000 ],
		[ '2026-11-20T12:00:10Z', 10_000 ],
		[ 'Fri, 20 Nov 2026 11:00:00 GMT', 0 ],
		// Nobody is believed beyond a day.
		[ '99999999', 86_400_000 ],
	] )( '%s is %i ms', ( text, ms ) => {
		expect( readWait( text, NOW ) ).toBe( ms );
	} );

	it.each( [ '', 'soon', '-5', '5 minutes', 'NaN', '1e9', '6m0' ] )(
		'%s is nothing that can be relied on',
		( text ) => {
			expect( readWait( text, NOW ) ).toBeUndefined();
		}
	);
} );

describe( 'Retry-After', () => {
	it( 'in milliseconds goes before the one in seconds', () => {
		expect(
			readRetryAfter(
				{ 'retry-after-ms': '250', 'retry-after': '1' },
				NOW
			)
		).toBe( 250 );
		expect( readRetryAfter( { 'retry-after': '2' }, NOW ) ).toBe( 2_000 );
		expect(
			readRetryAfter( { 'retry-after-ms': 'x', 'retry-after': '2' }, NOW )
		).toBe( 2_000 );
		expect( readRetryAfter( {}, NOW ) ).toBeUndefined();
	} );
} );

describe( 'the limits in headers', () => {
	it( 'are read as OpenAI, Azure and Groq send them', () => {
		expect(
			readAllowances(
				{
					'x-ratelimit-limit-requests': '500',
					'x-ratelimit-remaining-requests': '499',
					'x-ratelimit-reset-requests': '120ms',
					'x-ratelimit-limit-tokens': '30000',
					'x-ratelimit-remaining-tokens': '28800',
					'x-ratelimit-reset-tokens': '2.4s',
				},
				NOW
			)
		).toEqual( {
			requests: { remaining: 499, limit: 500, resetMs: 120 },
			tokens: { remaining: 28_800, limit: 30_000, resetMs: 2_400 },
		} );
	} );

	it( 'bind by the tightest one where a project has its own', () => {
		expect(
			readAllowances(
				{
					'x-ratelimit-remaining-tokens': '28800',
					'x-ratelimit-limit-tokens': '30000',
					'x-ratelimit-reset-tokens': '6m0s',
					'x-ratelimit-remaining-project-tokens': '12',
					'x-ratelimit-limit-project-tokens': '1000',
					'x-ratelimit-reset-project-tokens': '59s',
				},
				NOW
			).tokens
		).toEqual( { remaining: 12, limit: 1_000, resetMs: 59_000 } );
	} );

	it( 'are read as Together and OpenRouter send them', () => {
		expect(
			readAllowances(
				{
					'x-ratelimit-limit': '10',
					'x-ratelimit-remaining': '9.5',
					'x-ratelimit-reset': '1',
					'x-tokenlimit-limit': '3000',
					'x-tokenlimit-remaining': '2900',
				},
				NOW
			)
		).toEqual( {
			requests: { remaining: 9.5, limit: 10, resetMs: 1_000 },
			tokens: { remaining: 2_900, limit: 3_000, resetMs: undefined },
		} );
		expect(
			readAllowances(
				{
					'x-ratelimit-limit': '20',
					'x-ratelimit-remaining': '0',
					'x-ratelimit-reset': String( NOW + 42_000 ),
				},
				NOW
			).requests
		).toEqual( { remaining: 0, limit: 20, resetMs: 42_000 } );
	} );

	it( 'that are missing or nonsense are not known', () => {
		expect(
			readAllowances(
				{
					'x-ratelimit-remaining-requests': 'many',
					'x-ratelimit-remaining-tokens': '',
				},
				NOW
			)
		).toEqual( { requests: undefined, tokens: undefined } );
	} );
} );
