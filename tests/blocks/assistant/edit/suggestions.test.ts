/**
 * Checks how the list of suggested questions changes in the editor.
 */
import { describe, expect, it } from 'vitest';
import {
	addSuggestion,
	changeSuggestion,
	MAX_SUGGESTIONS,
	moveSuggestion,
	removeSuggestion,
} from '../../../../blocks/assistant/edit/suggestions.ts';

const three = [ 'a', 'b', 'c' ];

describe( 'suggested questions', () => {
	it( 'grow by an empty one until there are six', () => {
		let list: string[] = [];
		for ( let count = 1; count <= MAX_SUGGESTIONS; count++ ) {
			list = addSuggestion( list );
			expect( list ).toHaveLength( count );
		}
		expect( addSuggestion( list ) ).toBe( list );
	} );

	it( 'change and leave in place, and the given list stays as it was', () => {
		expect( changeSuggestion( three, 1, 'x' ) ).toEqual( [
			'a',
			'x',
			'c',
		] );
		expect( removeSuggestion( three, 0 ) ).toEqual( [ 'b', 'c' ] );
		expect( three ).toEqual( [ 'a', 'b', 'c' ] );
	} );

	it( 'move by one place and stop at the edges', () => {
		expect( moveSuggestion( three, 1, -1 ) ).toEqual( [ 'b', 'a', 'c' ] );
		expect( moveSuggestion( three, 1, 1 ) ).toEqual( [ 'a', 'c', 'b' ] );
		expect( moveSuggestion( three, 0, -1 ) ).toBe( three );
		expect( moveSuggestion( three, 2, 1 ) ).toBe( three );
	} );

	it( 'move even when two are equal or empty', () => {
		expect( moveSuggestion( [ '', 'a' ], 0, 1 ) ).toEqual( [ 'a', '' ] );
	} );
} );
