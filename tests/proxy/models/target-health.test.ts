import { describe, expect, it } from 'vitest';
import { createLog } from '../../../proxy/src/log.ts';
import {
	createTargetHealth,
	type HealthReport,
} from '../../../proxy/src/models/target-health.ts';
import {
	UpstreamError,
	type UpstreamErrorKind,
	type UpstreamErrorOptions,
} from '../../../proxy/src/upstream/upstream-error.ts';

const LUNA = { provider: 'openai', id: 'luna' };
const TERRA = { provider: 'openai', id: 'terra' };
const QWEN = { provider: 'qwen', id: 'flash' };

function start() {
	let now = 1_800_000_000_000;
	const changes: HealthReport[] = [];
	const health = createTargetHealth( {
		clock: () => now,
		log: createLog( 'silent' ),
		random: () => 0,
		onChange: ( report ) => changes.push( report ),
	} );
	const fail = (
		target: typeof LUNA,
		kind: UpstreamErrorKind,
		options?: UpstreamErrorOptions
	) =>
		health
			.begin( target )
			?.failed( new UpstreamError( kind, 'no', options ) );
	return {
		health,
		changes,
		fail,
		pass: ( ms: number ) => {
			now += ms;
		},
	};
}

describe( 'a target that fails', () => {
	it( 'rests after three failures, alone', () => {
		const { health, fail } = start();
		for ( let index = 0; index < 3; index++ ) {
			fail( LUNA, 'unavailable' );
		}
		expect( health.restMs( LUNA ) ).toBe( 2_500 );
		expect( health.begin( LUNA ) ).toBeUndefined();
		expect( health.restMs( TERRA ) ).toBe( 0 );
		expect( health.restMs( QWEN ) ).toBe( 0 );
	} );

	it( 'is asked again by one at a time, and by everybody once words come', () => {
		const { health, fail, pass } = start();
		for ( let index = 0; index < 3; index++ ) {
			fail( LUNA, 'unavailable' );
		}
		pass( 2_500 );
		const probe = health.begin( LUNA );
		expect( probe ).toBeDefined();
		expect( health.begin( LUNA ) ).toBeUndefined();
		probe?.answers();
		expect( health.begin( LUNA ) ).toBeDefined();
		probe?.succeeded();
		expect( health.report() ).toContainEqual( {
			provider: 'openai',
			model: 'luna',
			state: 'closed',
			retryAt: undefined,
			lastFailure: undefined,
		} );
	} );

	it( 'rests for an hour when the provider does not know it', () => {
		const { health, fail, pass } = start();
		fail( LUNA, 'model_gone' );
		expect( health.restMs( LUNA ) ).toBe( 3_600_000 );
		expect( health.restMs( TERRA ) ).toBe( 0 );
		pass( 3_600_000 );
		expect( health.restMs( LUNA ) ).toBe( 0 );
	} );

	it( 'rests as long as the provider asks for after too many requests', () => {
		const { health, fail } = start();
		fail( LUNA, 'rate', { retryAfterMs: 7_000 } );
		expect( health.restMs( LUNA ) ).toBe( 7_000 );
		expect( health.restMs( TERRA ) ).toBe( 0 );
	} );

	it( 'rests ten minutes at most, whatever a provider asks for', () => {
		const { health, fail } = start();
		fail( LUNA, 'rate', { retryAfterMs: 1e12 } );
		expect( health.restMs( LUNA ) ).toBe( 600_000 );
		fail( TERRA, 'rate', { retryAfterMs: NaN } );
		fail( QWEN, 'rate', { retryAfterMs: -5 } );
		expect( health.restMs( QWEN ) ).toBe( 1_000 );
		expect( health.restMs( TERRA ) ).toBe( 1_000 );
	} );
} );

describe( 'a whole provider rests', () => {
	it.each( [ 'auth', 'quota' ] as const )(
		'at once after %s, is told to the owner, and others go on',
		( kind ) => {
			const { health, fail, changes } = start();
			fail( LUNA, kind );
			expect( health.restMs( TERRA ) ).toBe( 300_000 );
			expect( health.restMs( QWEN ) ).toBe( 0 );
			expect( changes ).toEqual( [
				expect.objectContaining( {
					provider: 'openai',
					model: undefined,
					state: 'open',
					lastFailure: `provider_${ kind }`,
				} ),
			] );
		}
	);

	it( 'when it cannot be reached, whichever of its models was meant', () => {
		const { health, fail } = start();
		fail( LUNA, 'network' );
		fail( TERRA, 'network' );
		fail( LUNA, 'network' );
		expect( health.restMs( { provider: 'openai', id: 'sol' } ) ).toBe(
			2_500
		);
	} );
} );

describe( 'what says nothing about a target', () => {
	it.each( [ 'aborted', 'refused', 'busy' ] as const )(
		'%s never makes it rest',
		( kind ) => {
			const { health, fail, changes } = start();
			for ( let index = 0; index < 50; index++ ) {
				fail( LUNA, kind );
			}
			expect( health.restMs( LUNA ) ).toBe( 0 );
			expect( changes ).toEqual( [] );
		}
	);

	it( 'a call that was never sent frees its place as a probe', () => {
		const { health, fail } = start();
		fail( LUNA, 'model_gone' );
		const { health: other, fail: failOther, pass } = start();
		failOther( LUNA, 'auth' );
		pass( 300_000 );
		const probe = other.begin( LUNA );
		expect( other.begin( TERRA ) ).toBeUndefined();
		probe?.saidNothing();
		expect( other.begin( TERRA ) ).toBeDefined();
		expect( health.begin( LUNA ) ).toBeUndefined();
	} );
} );
