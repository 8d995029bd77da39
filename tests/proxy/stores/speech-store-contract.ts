/**
 * What a store of speech must do. A new store is put through it with one call of `describeSpeechStore`.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
	SpeechStore,
	StoredSpeech,
} from '../../../proxy/src/stores/speech-store.ts';

const SITE = 'shop';
const NOW = Date.UTC( 2026, 10, 20, 12 );
const PLENTY = 1_000_000;

/** An open store, and what lets go of it. */
export interface OpenSpeechStore {
	store: SpeechStore;
	close(): Promise< void >;
}

/** Makes an id of 32 hex digits that begins as told. */
export const idOf = ( name: string ): string => name.padEnd( 32, '0' );

/** Makes speech; `rest` lays over it. */
export function speechOf(
	name: string,
	rest: Partial< StoredSpeech > = {}
): StoredSpeech {
	return {
		id: idOf( name ),
		siteId: SITE,
		mimeType: 'audio/wav',
		bytes: 1_000,
		durationMs: 20,
		sentences: [
			{ text: 'You can return it.', startMs: 0 },
			{ text: '您可以退货。', startMs: 12 },
		],
		costNanoUsd: 250_000,
		createdAt: NOW,
		...rest,
	};
}

/** Bytes of every value, so that nothing that looks at text gets through unseen. */
export const soundOf = ( length: number, seed = 1 ): Uint8Array =>
	Uint8Array.from( { length }, ( _, at ) => ( at * 7 + seed ) % 256 );

/** Describes the store that `open` opens, empty and apart from every other. */
export function describeSpeechStore(
	name: string,
	open: () => Promise< OpenSpeechStore >
): void {
	describe( `speech in ${ name }`, () => {
		let opened: OpenSpeechStore;
		let store: SpeechStore;
		const add = (
			speech: StoredSpeech,
			audio = soundOf( speech.bytes ),
			maxBytes = PLENTY
		) => store.add( speech, audio, maxBytes );

		beforeEach( async () => {
			opened = await open();
			store = opened.store;
		} );
		afterEach( () => opened.close() );

		it( 'is found by site and id, and opened by its id alone', async () => {
			const speech = speechOf( 'a' );
			await add( speech );
			expect( await store.find( SITE, speech.id, NOW ) ).toEqual(
				speech
			);
			expect( await store.open( speech.id ) ).toEqual( speech );
		} );

		it( 'is not found at another site, nor when it was never there', async () => {
			await add( speechOf( 'a' ) );
			expect( await store.find( 'other', idOf( 'a' ), NOW ) ).toBe(
				undefined
			);
			expect( await store.find( SITE, idOf( 'b' ), NOW ) ).toBe(
				undefined
			);
			expect( await store.open( idOf( 'b' ) ) ).toBe( undefined );
		} );

		it.each( [
			'',
			'../../docent.sqlite',
			'A'.repeat( 32 ),
			`${ 'a'.repeat( 32 ) }/..`,
			'{shop}:settings',
		] )( 'is nothing under the id %j', async ( id ) => {
			expect( await store.open( id ) ).toBe( undefined );
			expect( await store.find( SITE, id, NOW ) ).toBe( undefined );
		} );

		it.each( [
			[ 0, 999 ],
			[ 0, 0 ],
			[ 999, 999 ],
			[ 100, 163 ],
		] )( 'is read from byte %i to %i', async ( start, end ) => {
			const speech = speechOf( 'a' );
			const audio = soundOf( 1_000, 200 );
			await add( speech, audio );
			const read = await store.read( speech, start, end );
			expect( Buffer.from( read ?? [] ) ).toEqual(
				Buffer.from( audio.subarray( start, end + 1 ) )
			);
		} );

		it( 'is not read beyond its end, nor after it is gone', async () => {
			const speech = speechOf( 'a' );
			await add( speech );
			expect( await store.read( speech, 990, 1_000 ) ).toBe( undefined );
			await store.deleteUnusedSince( NOW + 1 );
			expect( await store.read( speech, 0, 9 ) ).toBe( undefined );
		} );

		it( 'stays as it is when it is stored again', async () => {
			await add( speechOf( 'a' ), soundOf( 1_000, 1 ) );
			await add(
				speechOf( 'a', { costNanoUsd: 9, bytes: 500 } ),
				soundOf( 500, 9 )
			);
			expect( await store.open( idOf( 'a' ) ) ).toEqual(
				speechOf( 'a' )
			);
			expect( ( await store.read( speechOf( 'a' ), 0, 0 ) )?.[ 0 ] ).toBe(
				1
			);
		} );

		it( 'is there once when many store it at the same time', async () => {
			await Promise.all(
				Array.from( { length: 8 }, () => add( speechOf( 'a' ) ) )
			);
			const read = await store.read( speechOf( 'a' ), 0, 999 );
			expect( Buffer.from( read ?? [] ) ).toEqual(
				Buffer.from( soundOf( 1_000 ) )
			);
		} );

		it( 'that was unheard the longest goes when a site has too much', async () => {
			await add( speechOf( 'a', { createdAt: NOW } ) );
			await add( speechOf( 'b', { createdAt: NOW + 1 } ) );
			await add( speechOf( 'c', { createdAt: NOW + 2 } ) );
			await store.find( SITE, idOf( 'a' ), NOW + 10 );
			await add(
				speechOf( 'd', { createdAt: NOW + 20, bytes: 1_500 } ),
				soundOf( 1_500 ),
				3_400
			);
			const left = await Promise.all(
				[ 'a', 'b', 'c', 'd' ].map( ( one ) =>
					store.open( idOf( one ) )
				)
			);
			expect( left.map( Boolean ) ).toEqual( [
				true,
				false,
				false,
				true,
			] );
			expect( await store.read( speechOf( 'b' ), 0, 0 ) ).toBe(
				undefined
			);
		} );

		it( 'of another site stays, however much one site has', async () => {
			await add( speechOf( 'a', { siteId: 'other' } ) );
			await add( speechOf( 'b' ), soundOf( 1_000 ), 1_000 );
			await add(
				speechOf( 'c', { createdAt: NOW + 1 } ),
				soundOf( 1_000 ),
				1_000
			);
			expect( await store.open( idOf( 'a' ) ) ).toBeDefined();
			expect( await store.open( idOf( 'b' ) ) ).toBe( undefined );
			expect( await store.open( idOf( 'c' ) ) ).toBeDefined();
		} );

		it( 'larger than the whole limit is not stored and drives nothing out', async () => {
			await add( speechOf( 'a' ) );
			await add(
				speechOf( 'b', { bytes: 5_000 } ),
				soundOf( 5_000 ),
				4_000
			);
			expect( await store.open( idOf( 'a' ) ) ).toBeDefined();
			expect( await store.open( idOf( 'b' ) ) ).toBe( undefined );
		} );

		it( 'is forgotten when nobody used it since a time, and counted', async () => {
			await add( speechOf( 'a' ) );
			await add( speechOf( 'b' ) );
			await add( speechOf( 'c', { siteId: 'other' } ) );
			await store.find( SITE, idOf( 'b' ), NOW + 100 );
			expect( await store.deleteUnusedSince( NOW ) ).toBe( 0 );
			expect( await store.deleteUnusedSince( NOW + 100 ) ).toBe( 2 );
			expect( await store.open( idOf( 'a' ) ) ).toBe( undefined );
			expect( await store.open( idOf( 'b' ) ) ).toBeDefined();
			expect( await store.open( idOf( 'c' ) ) ).toBe( undefined );
		} );

		it( 'can be stored again after it was forgotten', async () => {
			await add( speechOf( 'a' ) );
			await store.deleteUnusedSince( NOW + 1 );
			await add( speechOf( 'a' ), soundOf( 1_000, 5 ) );
			expect( ( await store.read( speechOf( 'a' ), 0, 0 ) )?.[ 0 ] ).toBe(
				5
			);
		} );
	} );
}
