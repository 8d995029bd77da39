/**
 * What a store of sites must do. A new store is put through it with one call of `describeSiteStore`.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SiteStore } from '../../../proxy/src/stores/site-store.ts';

const SITE = 'shop';
const NOW = Date.UTC( 2026, 10, 20, 12 );

/** An open store, and what lets go of it. */
export interface OpenSiteStore {
	store: SiteStore;
	close(): Promise< void >;
}

/** Describes the site store that `open` opens, empty and apart from every other. */
export function describeSiteStore(
	name: string,
	open: () => Promise< OpenSiteStore >
): void {
	describe( `sites in ${ name }`, () => {
		let opened: OpenSiteStore;
		let store: SiteStore;

		beforeEach( async () => {
			opened = await open();
			( { store } = opened );
		} );
		afterEach( () => opened.close() );

		it( 'has no settings until somebody stores some', async () => {
			expect( await store.readSettings( SITE ) ).toBeUndefined();
			expect(
				await store.changeSettings( SITE, () => ( {
					assistant: { name: 'Ana “the” 导游' },
				} ) )
			).toEqual( { assistant: { name: 'Ana “the” 导游' } } );
			expect( await store.readSettings( SITE ) ).toEqual( {
				assistant: { name: 'Ana “the” 导游' },
			} );
			expect( await store.readSettings( 'other' ) ).toBeUndefined();
		} );

		it( 'gives a change what is stored now', async () => {
			await store.changeSettings( SITE, () => ( {
				assistant: { name: 'Ana' },
			} ) );
			await store.changeSettings( SITE, ( stored ) => ( {
				...stored,
				cache: { enabled: false },
			} ) );
			expect( await store.readSettings( SITE ) ).toEqual( {
				assistant: { name: 'Ana' },
				cache: { enabled: false },
			} );
		} );

		it( 'returns the same object while nothing changed, and another one after a change', async () => {
			await store.changeSettings( SITE, () => ( {
				assistant: { name: 'Ana' },
			} ) );
			const first = await store.readSettings( SITE );
			expect( await store.readSettings( SITE ) ).toBe( first );
			await store.changeSettings( SITE, () => ( {
				assistant: { name: 'Bea' },
			} ) );
			expect( await store.readSettings( SITE ) ).toEqual( {
				assistant: { name: 'Bea' },
			} );
		} );

		it( 'loses none of forty changes made at once', async () => {
			await Promise.all(
				Array.from( { length: 40 }, () =>
					store.changeSettings( SITE, ( stored ) => ( {
						limits: {
							siteDayNanoUsd:
								( stored.limits?.siteDayNanoUsd ?? 0 ) + 1,
						},
					} ) )
				)
			);
			expect( await store.readSettings( SITE ) ).toEqual( {
				limits: { siteDayNanoUsd: 40 },
			} );
		} );

		it( 'stores nothing when a change throws', async () => {
			await expect(
				store.changeSettings( SITE, () => {
					throw new Error( 'no' );
				} )
			).rejects.toThrow( 'no' );
			expect( await store.readSettings( SITE ) ).toBeUndefined();
		} );

		it( 'takes a nonce once, each site its own', async () => {
			const use = ( site: string, nonce: string ) =>
				store.useNonce( site, nonce, NOW, NOW + 1_000 );
			expect( await use( SITE, 'a' ) ).toBe( true );
			expect( await use( SITE, 'a' ) ).toBe( false );
			expect( await use( SITE, 'b' ) ).toBe( true );
			expect( await use( 'other', 'a' ) ).toBe( true );
		} );

		it( 'takes a nonce that comes twenty times at once exactly once', async () => {
			const taken = await Promise.all(
				Array.from( { length: 20 }, () =>
					store.useNonce( SITE, 'a', NOW, NOW + 1_000 )
				)
			);
			expect( taken.filter( Boolean ) ).toHaveLength( 1 );
		} );

		it( 'forgets a nonce when it expires, and not before', async () => {
			await store.useNonce( SITE, 'a', NOW, NOW + 600_000 );
			expect(
				await store.useNonce( SITE, 'a', NOW + 599_999, NOW + 9e5 )
			).toBe( false );
			expect(
				await store.useNonce( SITE, 'a', NOW + 600_000, NOW + 9e5 )
			).toBe( true );
		} );
	} );
}
