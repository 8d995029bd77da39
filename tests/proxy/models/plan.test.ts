import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	TIERS,
	type Model,
	type Tier,
} from '../../../proxy/src/models/catalog.ts';
import {
	createPlan,
	MAX_ATTEMPTS,
	orderTargets,
	type Target,
} from '../../../proxy/src/models/plan.ts';
import {
	MAX_WAIT_MS,
	pauseAfter,
	RETRY_RULES,
	waitBeforeRetry,
} from '../../../proxy/src/models/retry-policy.ts';
import type { UpstreamErrorKind } from '../../../proxy/src/upstream/upstream-error.ts';

const model = ( id: string, provider = 'openai' ) =>
	( { id, provider } ) as Model;
const MODELS: Record< Tier, Model[] > = {
	economy: [ model( 'luna' ), model( 'nano' ), model( 'flash', 'qwen' ) ],
	standard: [ model( 'terra' ), model( 'plus', 'qwen' ) ],
	premium: [ model( 'sol' ) ],
};
const KINDS = Object.keys( RETRY_RULES ) as UpstreamErrorKind[];

const order = ( tier: Tier, mayRise = true, usable: readonly Tier[] = TIERS ) =>
	orderTargets( {
		tier,
		usable,
		targetsOf: ( one ) => MODELS[ one ],
		mayRise,
	} ).map( ( target ) => target.model.id );

describe( 'the order of targets', () => {
	it( 'begins with the tier, goes down to the cheaper ones, and ends one tier up', () => {
		expect( order( 'economy' ) ).toEqual( [
			'luna',
			'nano',
			'flash',
			'terra',
			'plus',
		] );
		expect( order( 'standard' ) ).toEqual( [
			'terra',
			'plus',
			'luna',
			'nano',
			'flash',
			'sol',
		] );
		expect( order( 'premium' ) ).toEqual( [
			'sol',
			'terra',
			'plus',
			'luna',
			'nano',
			'flash',
		] );
	} );

	it( 'never goes up where money is short, nor to a tier that is off', () => {
		expect( order( 'economy', false ) ).toEqual( [
			'luna',
			'nano',
			'flash',
		] );
		expect( order( 'standard', true, [ 'standard' ] ) ).toEqual( [
			'terra',
			'plus',
		] );
	} );

	it( 'names a model of two tiers once', () => {
		const shared = model( 'luna' );
		expect(
			orderTargets( {
				tier: 'standard',
				usable: TIERS,
				targetsOf: () => [ shared ],
				mayRise: true,
			} )
		).toEqual( [ { model: shared, tier: 'standard' } ] );
	} );
} );

const targets = (): Target[] =>
	orderTargets( {
		tier: 'economy',
		usable: TIERS,
		targetsOf: ( one ) => MODELS[ one ],
		mayRise: true,
	} );
const idsLeft = ( kind: UpstreamErrorKind ) => {
	const all = targets();
	const plan = createPlan( all );
	const isAgain = plan.failed( all[ 0 ] as Target, kind );
	return { isAgain, left: plan.left().map( ( target ) => target.model.id ) };
};

describe( 'after a failure of the kind', () => {
	it.each( [ 'unavailable', 'network' ] as const )(
		'%s the same target is asked again, once',
		( kind ) => {
			const all = targets();
			const plan = createPlan( all );
			const first = all[ 0 ] as Target;
			expect( plan.failed( first, kind ) ).toBe( true );
			expect( plan.failed( first, kind ) ).toBe( false );
			expect( plan.left() ).not.toContain( first );
		}
	);

	it.each( [
		'timeout',
		'cut',
		'garbage',
		'model_gone',
		'refused',
	] as const )( '%s another model of the provider is asked', ( kind ) => {
		expect( idsLeft( kind ) ).toEqual( {
			isAgain: false,
			left: [ 'nano', 'flash', 'terra', 'plus' ],
		} );
	} );

	it.each( [ 'auth', 'quota', 'busy' ] as const )(
		'%s no model of that provider is asked',
		( kind ) => {
			expect( idsLeft( kind ) ).toEqual( {
				isAgain: false,
				left: [ 'flash', 'plus' ],
			} );
		}
	);

	it( 'rate the target is asked once more, when nobody else could answer', () => {
		const all = targets();
		const plan = createPlan( all );
		const first = all[ 0 ] as Target;
		expect( plan.failed( first, 'rate' ) ).toBe( false );
		expect( plan.left() ).toContain( first );
		plan.failed( first, 'rate' );
		expect( plan.left() ).not.toContain( first );
	} );

	it( 'aborted nobody is asked', () => {
		expect( idsLeft( 'aborted' ).left ).toEqual( [] );
	} );

	it( 'refused twice nobody is asked: the request is to blame', () => {
		const all = targets();
		const plan = createPlan( all );
		plan.failed( all[ 0 ] as Target, 'refused' );
		plan.failed( all[ 1 ] as Target, 'refused' );
		expect( plan.left() ).toEqual( [] );
	} );
} );

describe( 'whatever fails', () => {
	it( 'T9: the failures of one turn end, and a target is asked twice at most', () => {
		fc.assert(
			fc.property(
				fc.array( fc.constantFrom( ...KINDS ), {
					minLength: 40,
					maxLength: 40,
				} ),
				( kinds ) => {
					const plan = createPlan( targets() );
					const asked = new Map< string, number >();
					let again: Target | undefined;
					let count = 0;
					for ( const kind of kinds ) {
						const next = again ?? plan.left()[ 0 ];
						if ( ! next ) {
							break;
						}
						count++;
						const { id } = next.model;
						asked.set( id, ( asked.get( id ) ?? 0 ) + 1 );
						again = plan.failed( next, kind ) ? next : undefined;
					}
					expect( Math.max( ...asked.values() ) ).toBeLessThanOrEqual(
						2
					);
					expect( count ).toBeLessThanOrEqual( targets().length * 2 );
					expect( MAX_ATTEMPTS ).toBe( 5 );
				}
			)
		);
	} );

	it( 'a wait lies between what was asked for and that with the back-off, or is not waited for', () => {
		fc.assert(
			fc.property(
				fc.integer( { min: 1, max: 10 } ),
				fc.option( fc.integer( { min: -1_000, max: 100_000 } ), {
					nil: undefined,
				} ),
				fc.double( { min: 0, max: 1, noNaN: true } ),
				( failures, retryAfterMs, chance ) => {
					const wait = waitBeforeRetry( {
						failures,
						retryAfterMs,
						chance,
					} );
					const asked = Math.max( 0, retryAfterMs ?? 0 );
					if ( wait === undefined ) {
						expect( asked + 2_000 ).toBeGreaterThan( MAX_WAIT_MS );
					} else {
						expect( wait ).toBeGreaterThanOrEqual( asked );
						expect( wait ).toBeLessThanOrEqual( MAX_WAIT_MS );
					}
				}
			)
		);
	} );

	it( 'a pause is never shorter than the kind of failure asks for', () => {
		for ( const kind of KINDS ) {
			const rule = RETRY_RULES[ kind ];
			for ( const asked of [
				undefined,
				0,
				-1,
				NaN,
				5_000,
				1e15,
				Infinity,
			] ) {
				const pause = pauseAfter( rule, asked );
				expect( pause ).toBeGreaterThanOrEqual( rule.pauseMs ?? 0 );
				expect( pause ).toBeLessThanOrEqual(
					Math.max( rule.pauseMs ?? 0, 600_000 )
				);
			}
		}
	} );
} );
