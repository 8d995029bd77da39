/**
 * The visitor's token: how long it is believed to last, and what happens when it does not.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTokenSource } from '../../../blocks/shared/visitor-token.ts';
import type { VisitorToken } from '../../../blocks/shared/visitor-token.ts';
import { sendJson, startAnswerServer } from '../support/answer-server.ts';
import type { AnswerServer } from '../support/answer-server.ts';

const HOUR_MS = 3_600_000;

let server: AnswerServer;
beforeEach( async () => {
	server = await startAnswerServer();
} );
afterEach( () => server.close() );

function createSource( now: () => number, kept?: VisitorToken ) {
	let token = kept;
	const source = createTokenSource( {
		tokenUrl: server.tokenUrl,
		consent: () => [ 'text' ],
		load: () => token,
		save: ( next ) => ( token = next ),
		fetch,
		now,
	} );
	return { source, kept: () => token };
}

describe( 'a token', () => {
	it( 'is minted once and used until shortly before its end', async () => {
		let now = Date.now();
		const { source } = createSource( () => now );
		expect( await source.get() ).toBe( 'token-1' );
		now += 14 * 60_000;
		expect( await source.get() ).toBe( 'token-1' );
		now += 50_000;
		expect( await source.get() ).toBe( 'token-2' );
	} );

	it.each( [ -5, 5 ] )(
		"lasts as long as it does although the visitor's clock is %i hours off",
		async ( hours ) => {
			let now = Date.now() + hours * HOUR_MS;
			const { source } = createSource( () => now );
			expect( await source.get() ).toBe( 'token-1' );
			now += 14 * 60_000;
			expect( await source.get() ).toBe( 'token-1' );
			now += 60_000;
			expect( await source.get() ).toBe( 'token-2' );
		}
	);

	it( 'that another request renewed meanwhile is not renewed again', async () => {
		const { source } = createSource( Date.now );
		const first = await source.get();
		expect( await source.renew( first ) ).toBe( 'token-2' );
		expect( await source.renew( first ) ).toBe( 'token-2' );
		expect( server.count( 'POST', '/token' ) ).toBe( 2 );
	} );

	it( 'that could not be had is asked for again the next time', async () => {
		server.intervene = ( _, response ) => {
			if ( server.requests.length === 1 ) {
				sendJson( response, 503, { code: 'docent_not_connected' } );
				return true;
			}
		};
		const { source } = createSource( Date.now );
		await expect( source.get() ).rejects.toMatchObject( {
			kind: 'not_connected',
		} );
		expect( await source.get() ).toBe( 'token-1' );
	} );

	it( 'carries the one before, so that the visitor stays the same', async () => {
		const { source, kept } = createSource( Date.now, {
			token: 'old',
			expiresAtMs: 0,
		} );
		await source.get();
		expect( JSON.parse( server.requests[ 0 ]?.body ?? '' ).previous ).toBe(
			'old'
		);
		expect( source.peek() ).toBe( kept()?.token );
	} );
} );
