import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallRecord } from '../../../proxy/src/stores/call-store.ts';
import { SITE_ID } from '../../support/proxy/credentials.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';

/** Signatures are checked against the real clock, so the calls lie an hour back from it. */
const HOUR_AGO = Date.now() - 3_600_000;

let next = 0;
const record = ( overrides: Partial< CallRecord > = {} ): CallRecord => {
	const id = `call-${ ++next }`;
	return {
		id,
		siteId: SITE_ID,
		at: HOUR_AGO + next,
		turnId: `turn-${ next }`,
		requestId: `request-${ next }`,
		visitorId: '0123456789abcdef0123456789abcdef',
		kind: 'answer',
		provider: 'openai',
		model: 'gpt-5.4-nano',
		tier: 'economy',
		reason: 'default',
		attempt: 1,
		cache: 'miss',
		outcome: 'answered',
		errorKind: '',
		usage: { textIn: 120, textOut: 30 },
		isEstimated: false,
		reservedNanoUsd: 90_000,
		costNanoUsd: 61_500,
		savedNanoUsd: 0,
		queueMs: 0.4,
		firstTokenMs: 240.6,
		totalMs: 900.2,
		...overrides,
	};
};

interface Listed {
	calls: Array< Record< string, unknown > >;
	nextCursor: string | null;
}

let proxy: TestProxy;
const addAll = async ( records: CallRecord[] ) => {
	for ( const one of records ) {
		await proxy.services.calls.record( one );
	}
};
const get = ( query = '' ) => proxy.site( 'GET', `/v1/site/calls${ query }` );
const list = async ( query = '' ) =>
	( await ( await get( query ) ).json() ) as Listed;

beforeAll( async () => {
	proxy = await startProxy();
} );
afterAll( () => proxy.close() );

describe( 'GET /v1/site/calls', () => {
	it( 'shows a call with what it took, and the visitor only as a short hash', async () => {
		const one = record( { turnId: 'shown', features: { coverage: 0.7 } } );
		await addAll( [ one ] );
		const { calls, nextCursor } = await list( '?turnId=shown' );
		expect( nextCursor ).toBeNull();
		expect( calls ).toEqual( [
			{
				id: one.id,
				at: one.at,
				turnId: 'shown',
				requestId: one.requestId,
				visitor: expect.stringMatching( /^[0-9a-f]{12}$/ ),
				kind: 'answer',
				provider: 'openai',
				model: 'gpt-5.4-nano',
				tier: 'economy',
				reason: 'default',
				features: { coverage: 0.7 },
				attempt: 1,
				cache: 'miss',
				outcome: 'answered',
				errorKind: '',
				usage: { textIn: 120, textOut: 30 },
				isEstimated: false,
				inputTokens: 120,
				outputTokens: 30,
				reservedNanoUsd: 90_000,
				costNanoUsd: 61_500,
				savedNanoUsd: 0,
				queueMs: 0,
				firstTokenMs: 241,
				totalMs: 900,
			},
		] );
		expect( calls[ 0 ]?.visitor ).not.toBe( one.visitorId.slice( 0, 12 ) );
	} );

	it( 'gives one visitor the same hash every time, and two visitors different ones', async () => {
		await addAll( [
			record( { turnId: 'hash' } ),
			record( { turnId: 'hash' } ),
			record( { turnId: 'hash', visitorId: 'f'.repeat( 32 ) } ),
		] );
		const [ other, second, first ] = (
			await list( '?turnId=hash' )
		).calls.map( ( { visitor } ) => visitor );
		expect( first ).toBe( second );
		expect( other ).not.toBe( first );
	} );

	it( 'filters by each property and pages to the end', async () => {
		const failed = Array.from( { length: 5 }, () =>
			record( {
				model: 'failing',
				tier: 'premium',
				outcome: 'failed',
				errorKind: 'provider_rate',
			} )
		);
		await addAll( failed );
		const expected = failed.map( ( { id } ) => id ).reverse();
		for ( const query of [
			'?model=failing',
			'?tier=premium',
			'?outcome=failed',
			'?outcome=failed&kind=answer&cache=miss&tier=premium&model=failing',
		] ) {
			const { calls } = await list( query );
			expect( calls.map( ( { id } ) => id ) ).toEqual( expected );
		}
		const ids: unknown[] = [];
		let cursor: string | null = '';
		while ( cursor !== null ) {
			const page: Listed = await list(
				`?model=failing&limit=2${ cursor && `&cursor=${ cursor }` }`
			);
			ids.push( ...page.calls.map( ( { id } ) => id ) );
			cursor = page.nextCursor;
		}
		expect( ids ).toEqual( expected );
	} );

	it( 'takes times as ISO 8601 and as milliseconds', async () => {
		const at = Date.UTC( 2026, 9, 5, 8, 30 );
		const one = record( { at, model: 'timed' } );
		await addAll( [ one ] );
		for ( const query of [
			`from=${ at }&to=${ at + 1 }`,
			'from=2026-10-05T08:30:00Z&to=2026-10-05T08:30:00.001Z',
			'from=2026-10-05T08:30&to=2026-10-05T08:31',
			'from=2026-10-05T10:30:00%2B02:00&to=2026-10-06',
			'from=2026-10-05T10:30:00+02:00&to=2026-10-06',
		] ) {
			const { calls } = await list( `?${ query }` );
			expect( calls.map( ( { id } ) => id ) ).toEqual( [ one.id ] );
		}
		expect(
			( await list( `?model=timed&from=${ at + 1 }` ) ).calls
		).toEqual( [] );
	} );

	it.each( [
		[ 'from=yesterday', 'from: is neither a time such as' ],
		[ 'from=2026-13-45', 'from: is neither a time such as' ],
		[ 'to=99999999999999999999', 'to: is neither a time such as' ],
		[ 'from=2&to=1', 'from is after to' ],
		[ 'kind=poem', 'kind: ' ],
		[ 'cache=maybe', 'cache: ' ],
		[ 'outcome=good', 'outcome: ' ],
		[ 'limit=0', 'limit: ' ],
		[ 'limit=501', 'limit: ' ],
		[ 'limit=ten', 'limit: ' ],
		[ 'cursor=nonsense', 'The cursor is not one that this list gave' ],
		[ 'format=xml', 'format: ' ],
		[ 'modell=x', 'modell' ],
		[ 'model=a&model=b', 'model is given more than once' ],
	] )( 'refuses %s and says why', async ( query, why ) => {
		const response = await get( `?${ query }` );
		expect( response.status ).toBe( 400 );
		const { error } = ( await response.json() ) as {
			error: { code: string; message: string };
		};
		expect( error.code ).toBe( 'bad_request' );
		expect( error.message ).toContain( why );
	} );

	it( 'shows nothing to whoever has not signed', async () => {
		const response = await fetch( `${ proxy.url }/v1/site/calls` );
		expect( response.status ).toBe( 401 );
	} );
} );

describe( 'GET /v1/site/calls as CSV', () => {
	/** Reads RFC 4180 strictly, apart from the writer. */
	function readCsv( text: string ): string[][] {
		const rows: string[][] = [];
		let row: string[] = [];
		let at = 0;
		while ( at < text.length ) {
			let cell = '';
			if ( text[ at ] === '"' ) {
				for ( at++; ; at++ ) {
					if ( text[ at ] === '"' && text[ at + 1 ] !== '"' ) {
						break;
					}
					at += text[ at ] === '"' ? 1 : 0;
					cell += text[ at ];
				}
				at++;
			} else {
				const [ plain = '' ] =
					/^[^",\r\n]*/.exec( text.slice( at, at + 2_000 ) ) ?? [];
				cell = plain;
				at += plain.length;
			}
			row.push( cell );
			if ( text[ at ] === ',' ) {
				at++;
			} else {
				expect( text.slice( at, at + 2 ) ).toBe( '\r\n' );
				at += 2;
				rows.push( row );
				row = [];
			}
		}
		return rows;
	}

	it( 'has a header, a line a call, and exact dollars', async () => {
		const one = record( { model: 'csv-plain', savedNanoUsd: 5 } );
		await addAll( [ one ] );
		const response = await get( '?format=csv&model=csv-plain' );
		expect( response.headers.get( 'content-type' ) ).toBe(
			'text/csv; charset=utf-8; header=present'
		);
		expect( response.headers.get( 'content-disposition' ) ).toMatch(
			/^attachment; filename="docent-calls-\d{4}-\d{2}-\d{2}\.csv"$/
		);
		const [ header = [], ...rows ] = readCsv( await response.text() );
		expect( rows ).toHaveLength( 1 );
		const cells = Object.fromEntries(
			header.map( ( name, index ) => [ name, rows[ 0 ]?.[ index ] ] )
		);
		expect( cells ).toMatchObject( {
			at: new Date( one.at ).toISOString(),
			turn_id: one.turnId,
			model: 'csv-plain',
			input_tokens: '120',
			cost_nano_usd: '61500',
			cost_usd: '0.000061500',
			saved_nano_usd: '5',
			is_estimated: 'false',
			first_token_ms: '241',
		} );
	} );

	it( 'comes as well to whoever accepts only CSV', async () => {
		const response = await fetch( `${ proxy.url }/v1/site/calls`, {
			headers: {
				...(
					await import( '../../support/proxy/credentials.ts' )
				).signRequest( 'GET', '/v1/site/calls', '' ),
				Accept: 'text/csv',
			},
		} );
		expect( response.headers.get( 'content-type' ) ).toContain(
			'text/csv'
		);
	} );

	it( 'has only the header when nothing fits', async () => {
		const rows = readCsv(
			await ( await get( '?format=csv&model=no-such' ) ).text()
		);
		expect( rows ).toHaveLength( 1 );
	} );

	it( 'makes text of what a spreadsheet would run, and quotes what would break a line', async () => {
		const hostile = [
			'=HYPERLINK("http://evil.example","x")',
			'+1+1',
			'-2+3',
			'@SUM(A1)',
			'\t=1',
			'\r=1',
			'＝1+1',
			'a,b',
			'say "hi"',
			'two\nlines',
			'two\r\nlines',
		];
		await addAll(
			hostile.map( ( reason, index ) =>
				record( { model: 'csv-hostile', reason, at: HOUR_AGO + index } )
			)
		);
		const [ header = [], ...rows ] = readCsv(
			await ( await get( '?format=csv&model=csv-hostile' ) ).text()
		);
		const column = header.indexOf( 'reason' );
		const reasons = rows.map( ( row ) => row[ column ] ).reverse();
		expect( reasons ).toEqual( [
			...hostile.slice( 0, 7 ).map( ( text ) => `'${ text }` ),
			...hostile.slice( 7 ),
		] );
	} );

	it( 'is read from the store only as fast as somebody takes it', async () => {
		const { stores } = proxy.services;
		for ( let n = 0; n < 3_000; n++ ) {
			void proxy.services.calls.record( record( { model: 'csv-long' } ) );
		}
		await proxy.services.calls.record( record( { model: 'csv-long' } ) );
		let pages = 0;
		const { list: listCalls } = stores.calls;
		stores.calls.list = ( ...args ) => {
			pages++;
			return listCalls( ...args );
		};
		try {
			const { createCallRoutes } =
				await import( '../../../proxy/src/routes/site-calls.ts' );
			const { Hono } = await import( 'hono' );
			const app = new Hono< {
				Variables: { siteId: string; requestId: string };
			} >()
				.use( async ( c, proceed ) => {
					c.set( 'siteId', SITE_ID );
					c.set( 'requestId', 'r' );
					await proceed();
				} )
				.route( '/', createCallRoutes( proxy.services ) as never );
			const response = await app.request(
				'/calls?format=csv&model=csv-long'
			);
			const reader = (
				response.body as ReadableStream< Uint8Array >
			 ).getReader();
			await reader.read();
			expect( pages ).toBeLessThan( 4 );
			let length = 0;
			for (;;) {
				const { done, value } = await reader.read();
				if ( done ) {
					break;
				}
				length += value.length;
			}
			expect( pages ).toBe( Math.ceil( 3_001 / 250 ) );
			expect( length ).toBeGreaterThan( 3_000 * 100 );
		} finally {
			stores.calls.list = listCalls;
		}
	} );

	it( 'holds every call of a long log once', async () => {
		const text = await ( await get( '?format=csv&model=csv-long' ) ).text();
		const [ header = [], ...rows ] = readCsv( text );
		const id = header.indexOf( 'id' );
		expect( rows ).toHaveLength( 3_001 );
		expect( new Set( rows.map( ( row ) => row[ id ] ) ).size ).toBe(
			3_001
		);
	} );
} );
