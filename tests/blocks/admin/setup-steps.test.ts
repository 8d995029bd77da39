/**
 * Checks which step the settings page asks for next.
 */
import { describe, expect, it } from 'vitest';
import { nextStep } from '../../../blocks/admin/setup-steps.ts';
import type { Settings, Sync } from '../../../blocks/admin/types.ts';

function settings( isConnected: boolean, selected: boolean[] ) {
	return {
		connection: {
			isConnected,
			source: 'option',
			proxyUrl: '',
			siteId: '',
		},
		contentTypes: selected.map( ( isSelected, index ) => ( {
			name: `type-${ index }`,
			label: `Type ${ index }`,
			count: 1,
			isSelected,
		} ) ),
	} satisfies Pick< Settings, 'connection' | 'contentTypes' >;
}

function sync( status: Sync[ 'status' ] ): Sync {
	return {
		status,
		total: 1,
		sent: 1,
		failed: 0,
		startedAt: 1,
		finishedAt: null,
		message: null,
	};
}

describe( 'nextStep', () => {
	it( 'is to connect while the site is not connected, whatever else is done', () => {
		expect( nextStep( settings( false, [ true ] ), sync( 'done' ) ) ).toBe(
			'connect'
		);
	} );

	it( 'is to repair the connection while the proxy does not answer', () => {
		expect(
			nextStep(
				{ ...settings( true, [ true ] ), limitsError: 'Away.' },
				sync( 'done' )
			)
		).toBe( 'repair' );
	} );

	it( 'is to choose content while nothing is chosen', () => {
		expect(
			nextStep( settings( true, [ false, false ] ), undefined )
		).toBe( 'content' );
	} );

	it.each( [ 'idle', 'running', 'stopped', 'failed' ] as const )(
		'is to sync while the sync is %s',
		( status ) => {
			expect(
				nextStep( settings( true, [ false, true ] ), sync( status ) )
			).toBe( 'sync' );
		}
	);

	it( 'is nothing once the content was sent', () => {
		expect(
			nextStep( settings( true, [ true ] ), sync( 'done' ) )
		).toBeUndefined();
	} );
} );
