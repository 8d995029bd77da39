/**
 * Limits that an owner, or somebody in the owner's name, sends over the wire: what is no limit is refused by name, and the one before stays in force.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signRequest } from '../../support/proxy/credentials.ts';
import { askAnew } from './own-words.ts';
import { moneyLimits, setStage, spentToday, type Stage } from './stage.ts';

const QUESTION = 'How much is shipping?';

let stage: Stage;
beforeEach( async () => {
	stage = await setStage( {
		settings: {
			limits: moneyLimits( 0 ),
			cache: { enabled: false },
		},
	} );
} );
afterEach( () => stage.close() );

/** Sends settings as they are written, because JSON has no NaN to make them of. */
function putText( text: string ): Promise< Response > {
	const path = '/v1/site/settings';
	return fetch( stage.proxy.url + path, {
		method: 'PUT',
		headers: signRequest( 'PUT', path, text ),
		body: text,
	} );
}

describe( 'a limit of zero', () => {
	it( 'lets nothing through, and everybody has the words of the site', async () => {
		expect( await askAnew( stage.proxy, QUESTION ) ).toMatchObject( {
			finishReason: 'extractive',
		} );
		expect( stage.provider.journal.entries ).toEqual( [] );
	} );
} );

describe( 'a limit that is none', () => {
	it.each( [
		'-1',
		'-0.0001',
		'0.5',
		'1e18',
		'1e400',
		'NaN',
		'null',
		'"5000000000"',
		'[5000000000]',
		'{}',
		'true',
	] )(
		'such as %s is refused, and the limit before stays in force',
		async ( written ) => {
			for ( const name of [
				'siteDayNanoUsd',
				'siteMonthNanoUsd',
				'visitorDayNanoUsd',
				'voiceSecondsDay',
				'imagesDay',
			] ) {
				const response = await putText(
					`{"limits":{"${ name }":${ written }}}`
				);
				expect( response.status ).toBe( 400 );
				const { error } = await response.json();
				expect( error.code ).toBe( 'bad_request' );
				if ( written !== 'NaN' ) {
					expect( error.message ).toContain( name );
				}
			}
			expect( await askAnew( stage.proxy, QUESTION ) ).toMatchObject( {
				finishReason: 'extractive',
			} );
			expect( stage.provider.journal.entries ).toEqual( [] );
		}
	);

	it( 'spoils nothing beside it: of a change that is half wrong nothing is taken', async () => {
		const response = await putText(
			'{"limits":{"siteDayNanoUsd":1000000000,"siteMonthNanoUsd":-1}}'
		);
		expect( response.status ).toBe( 400 );
		const { limits } = await (
			await stage.proxy.site( 'GET', '/v1/site/settings' )
		).json();
		expect( limits ).toMatchObject( moneyLimits( 0 ) );
	} );
} );

describe( 'the largest limit that there is', () => {
	it( 'is counted to the nano-dollar like any other', async () => {
		await stage.proxy.site( 'PUT', '/v1/site/settings', {
			limits: moneyLimits( 1e15 ),
		} );
		expect( await askAnew( stage.proxy, QUESTION ) ).toMatchObject( {
			finishReason: 'stop',
		} );
		expect( stage.provider.bill.totalNanoUsd ).toBeGreaterThan( 0 );
		expect( await spentToday( stage.proxy ) ).toMatchObject( {
			spentNanoUsd: stage.provider.bill.totalNanoUsd,
			heldNanoUsd: 0,
		} );
	} );
} );
