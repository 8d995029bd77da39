/**
 * Says what every store of rate limits must do, whatever it is made of.
 */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type {
	RateLimit,
	RateLimitStore,
} from '../../../proxy/src/stores/rate-limit-store.ts';

const NOW = 1_790_000_000_000;

let next = 0;
const limit = ( quota: number, periodMs = 60_000 ): RateLimit => ( {
	key: `visitor:shop:${ ++next }`,
	quota,
	periodMs,
} );

/**
 * The plainest bucket that does the same, in whole numbers: the backlog counts in shares of a request, one request adds as many as the
 * period has milliseconds, and every millisecond takes as many as the quota away.
 */
function createModel() {
	const buckets = new Map< string, { at: number; shares: bigint } >();
	return ( limits: readonly RateLimit[], now: number ) => {
		const drained = limits.map( ( { key, quota, periodMs } ) => {
			const bucket = buckets.get( key );
			if ( ! bucket || bucket.at - now > periodMs ) {
				return { at: now, shares: 0n };
			}
			const at = Math.max( bucket.at, now );
			const shares =
				bucket.shares - BigInt( at - bucket.at ) * BigInt( quota );
			return { at, shares: shares < 0n ? 0n : shares };
		} );
		const isFree = limits.every( ( { quota, periodMs }, index ) => {
			const shares =
				( drained[ index ]?.shares ?? 0n ) + BigInt( periodMs );
			return shares <= BigInt( periodMs ) * BigInt( quota );
		} );
		if ( isFree ) {
			for ( const [ index, { key, periodMs } ] of limits.entries() ) {
				const { at, shares } = drained[
					index
				] as ( typeof drained )[ 0 ];
				buckets.set( key, { at, shares: shares + BigInt( periodMs ) } );
			}
		}
		const remaining = limits.map( ( { key, quota, periodMs }, index ) => {
			const { shares } = isFree
				? ( buckets.get( key ) as { shares: bigint } )
				: ( drained[ index ] as { shares: bigint } );
			const room = BigInt( periodMs ) * BigInt( quota ) - shares;
			return Number( room / BigInt( periodMs ) );
		} );
		return { isFree, remaining };
	};
}

/** Describes the contract for stores that `open` makes empty. */
export function describeRateLimitStore(
	name: string,
	open: () => Promise< RateLimitStore >
): void {
	describe( `a rate limit store in ${ name }`, () => {
		let store: RateLimitStore;
		beforeEach( async () => {
			store = await open();
		} );

		const takeTimes = async (
			times: number,
			one: RateLimit,
			now = NOW
		) => {
			let allowed = 0;
			for ( let index = 0; index < times; index++ ) {
				const { kind } = await store.take( [ one ], now );
				allowed += kind === 'allowed' ? 1 : 0;
			}
			return allowed;
		};

		it( 'lets the quota through at once, refuses the next, and says how long to wait', async () => {
			const ten = limit( 10 );
			expect( await takeTimes( 10, ten ) ).toBe( 10 );
			expect( await store.take( [ ten ], NOW ) ).toEqual( {
				kind: 'refused',
				state: {
					key: ten.key,
					quota: 10,
					remaining: 0,
					resetMs: 60_000,
				},
				retryAfterMs: 6_000,
			} );
			expect( await takeTimes( 1, ten, NOW + 5_999 ) ).toBe( 0 );
			expect( await takeTimes( 2, ten, NOW + 6_000 ) ).toBe( 1 );
		} );

		it( 'does not let twice the quota through around the turn of a minute', async () => {
			const ten = limit( 10 );
			const turn = Math.ceil( NOW / 60_000 ) * 60_000;
			expect( await takeTimes( 10, ten, turn - 1 ) ).toBe( 10 );
			expect( await takeTimes( 10, ten, turn + 1 ) ).toBe( 0 );
		} );

		it( 'tells what is left of the limit that is closest to its end', async () => {
			const visitor = limit( 20 );
			const site = limit( 600 );
			expect( await store.take( [ site, visitor ], NOW ) ).toEqual( {
				kind: 'allowed',
				state: {
					key: visitor.key,
					quota: 20,
					remaining: 19,
					resetMs: 3_000,
				},
			} );
		} );

		it( 'takes from every limit or from none', async () => {
			const narrow = limit( 1 );
			const wide = limit( 5 );
			await store.take( [ narrow ], NOW );
			for ( let index = 0; index < 20; index++ ) {
				expect(
					await store.take( [ wide, narrow ], NOW )
				).toMatchObject( {
					kind: 'refused',
					state: { key: narrow.key },
				} );
			}
			expect( await takeTimes( 10, wide ) ).toBe( 5 );
		} );

		it( 'names the limit with the longest wait when several refuse', async () => {
			const short = limit( 1, 1_000 );
			const long = limit( 1, 50_000 );
			await store.take( [ short, long ], NOW );
			expect( await store.take( [ long, short ], NOW ) ).toMatchObject( {
				kind: 'refused',
				state: { key: long.key },
				retryAfterMs: 50_000,
			} );
		} );

		it( 'lets no more than the quota through when many ask at the same moment', async () => {
			const fifty = limit( 50 );
			const outcomes = await Promise.all(
				Array.from( { length: 300 }, () =>
					store.take( [ fifty ], NOW )
				)
			);
			expect(
				outcomes.filter( ( { kind } ) => kind === 'allowed' )
			).toHaveLength( 50 );
		} );

		it( 'counts a million a minute exactly', async () => {
			const many = limit( 1_000_000 );
			await takeTimes( 400, many );
			const outcome = await store.take( [ many ], NOW );
			expect( outcome.state.remaining ).toBe( 1_000_000 - 401 );
		} );

		it( 'lets nobody wait an hour when the clock jumps back an hour, and does not refill when clocks differ a little', async () => {
			const ten = limit( 10 );
			await takeTimes( 10, ten );
			expect( await takeTimes( 1, ten, NOW - 2_000 ) ).toBe( 0 );
			expect( await takeTimes( 1, ten, NOW ) ).toBe( 0 );
			expect( await takeTimes( 11, ten, NOW - 3_600_000 ) ).toBe( 10 );
		} );

		it.each( [ 0, -1, NaN, 0.5, 1e18 ] )(
			'refuses to count a quota of %s',
			async ( quota ) => {
				await expect(
					store.take( [ limit( quota ) ], NOW )
				).rejects.toThrow( RangeError );
			}
		);

		it( 'does what the model does, for any limits and any times', async () => {
			await fc.assert(
				fc.asyncProperty(
					fc.array(
						fc.record( {
							quota: fc.integer( { min: 1, max: 12 } ),
							periodMs: fc.integer( { min: 1, max: 1_000 } ),
						} ),
						{ minLength: 1, maxLength: 3 }
					),
					fc.array(
						fc.record( {
							afterMs: fc.integer( { min: -200, max: 400 } ),
							mask: fc.integer( { min: 1, max: 7 } ),
						} ),
						{ maxLength: 40 }
					),
					async ( shapes, steps ) => {
						const model = createModel();
						const limits = shapes.map( ( { quota, periodMs } ) =>
							limit( quota, periodMs )
						);
						let now = NOW;
						for ( const { afterMs, mask } of steps ) {
							now += afterMs;
							const taken = limits.filter(
								( _, index ) => mask & ( 1 << index )
							);
							if ( taken.length === 0 ) {
								continue;
							}
							const outcome = await store.take( taken, now );
							const { isFree, remaining } = model( taken, now );
							expect( outcome.kind ).toBe(
								isFree ? 'allowed' : 'refused'
							);
							const index = taken.findIndex(
								( { key } ) => key === outcome.state.key
							);
							expect( outcome.state.remaining ).toBe(
								remaining[ index ]
							);
						}
					}
				),
				{ numRuns: 60 }
			);
		} );

		it( 'is open again after exactly the time that it named', async () => {
			await fc.assert(
				fc.asyncProperty(
					fc.integer( { min: 1, max: 50 } ),
					fc.integer( { min: 1, max: 100_000 } ),
					async ( quota, periodMs ) => {
						const one = limit( quota, periodMs );
						await takeTimes( quota, one );
						const refused = await store.take( [ one ], NOW );
						if ( refused.kind !== 'refused' ) {
							throw new Error( 'the quota was not used up' );
						}
						const { retryAfterMs } = refused;
						expect(
							await takeTimes( 1, one, NOW + retryAfterMs - 1 )
						).toBe( 0 );
						expect(
							await takeTimes( 1, one, NOW + retryAfterMs )
						).toBe( 1 );
					}
				),
				{ numRuns: 40 }
			);
		} );
	} );
}
