/**
 * Checks that rows are added, moved, removed and put back where they were.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	changeRow,
	moveRow,
	removeRow,
	restoreRow,
} from '../../../../blocks/admin/models/list.ts';

const ROWS = [ 'a', 'b', 'c' ];

describe( 'a list of rows', () => {
	it( 'changes one row and no other', () => {
		expect( changeRow( ROWS, 1, 'x' ) ).toEqual( [ 'a', 'x', 'c' ] );
		expect( ROWS ).toEqual( [ 'a', 'b', 'c' ] );
	} );

	it( 'moves a row, and leaves it at the edge', () => {
		expect( moveRow( ROWS, 2, -1 ) ).toEqual( [ 'a', 'c', 'b' ] );
		expect( moveRow( ROWS, 0, 1 ) ).toEqual( [ 'b', 'a', 'c' ] );
		expect( moveRow( ROWS, 0, -1 ) ).toEqual( ROWS );
		expect( moveRow( ROWS, 2, 1 ) ).toEqual( ROWS );
		expect( moveRow( [], 0, 1 ) ).toEqual( [] );
	} );

	it( 'gets back a removed row where it was', () => {
		fc.assert(
			fc.property(
				fc.array( fc.string(), { minLength: 1 } ),
				fc.nat(),
				( rows, seed ) => {
					const index = seed % rows.length;
					expect(
						restoreRow(
							removeRow( rows, index ),
							index,
							rows[ index ] as string
						)
					).toEqual( rows );
				}
			)
		);
	} );

	it( 'gets it back at the end when it has become shorter since', () => {
		expect( restoreRow( [ 'a' ], 5, 'z' ) ).toEqual( [ 'a', 'z' ] );
	} );
} );
