import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { priceUsage } from '../../../proxy/src/ledger/pricing.ts';
import { loadCatalog } from '../../../proxy/src/models/catalog.ts';
import { catalogFile } from './catalog-file.ts';

const text = readFileSync(
	new URL( '../../../docs/models.md', import.meta.url ),
	'utf8'
);
const example = /```json\n([\s\S]*?)```/.exec( text )?.[ 1 ] ?? '';

describe( 'the example in docs/models.md', () => {
	const at = ( moment: string ) => Date.parse( moment );
	const catalog = loadCatalog( catalogFile( example ), {
		clock: () => at( '2026-11-20' ),
		providers: [],
	} );

	it( 'loads as it stands', () => {
		expect( catalog.warnings ).toEqual( [] );
		expect( catalog.targets( 'economy' ).map( ( { id } ) => id ) ).toEqual(
			[ 'house-model', 'gpt-5.6-luna', 'gpt-6-luna' ]
		);
		expect( catalog.role( 'embedding' )[ 0 ]?.id ).toBe(
			'text-embedding-3-large'
		);
		expect( catalog.model( 'gpt-6-luna' )?.reasoningEffort ).toBe( 'low' );
	} );

	it( 'is priced and ends as the text says', () => {
		const cost = ( moment: string, textIn: number ) => {
			const model = catalog.model( 'house-model', at( moment ) );
			return model && priceUsage( model, { textIn, textOut: 1_000 } );
		};
		expect( cost( '2026-11-20', 1_000 ) ).toBe( 500_000 + 2_000_000 );
		expect( cost( '2027-02-01', 1_000 ) ).toBe( 400_000 + 1_500_000 );
		expect( cost( '2026-11-20', 64_001 ) ).toBe(
			64_001 * 1_000 + 3_000_000
		);
		expect(
			catalog
				.targets( 'economy', at( '2028-01-31' ) )
				.map( ( { id } ) => id )
		).toEqual( [ 'gpt-6-luna', 'gpt-5.6-luna' ] );
	} );
} );
