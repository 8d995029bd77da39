/**
 * Has articles read aloud over HTTP: by visitors on demand, and by the site in the background.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { voiceOf } from '../../../proxy/src/voice/voice-of.ts';
import { mintToken, SITE_ID } from '../../support/proxy/credentials.ts';
import { page } from '../../support/proxy/shop.ts';
import { untilItWorks } from '../../support/redis/until.ts';
import {
	startSpeechStage,
	type SpeechStage,
} from '../voice/speech/speech-stage.ts';

const ARTICLE = page(
	21,
	'Looking after a tent',
	'A tent lasts for many years.\n\n## Drying\nAlways dry it before you pack it away.\n\n## Storing\nKeep it in a cool place. Do not fold it the same way every time.'
);

let stage: SpeechStage;

afterEach( () => stage.close() );

const start = async (
	options: Parameters< typeof startSpeechStage >[ 0 ] = {}
) => {
	stage = await startSpeechStage( options );
	await stage.proxy.site( 'PUT', '/v1/site/documents', {
		documents: [ ARTICLE ],
	} );
};
const listen = ( body: unknown = { documentId: 'post-21' } ) =>
	stage.proxy.visitor( 'POST', '/v1/listen', {
		body,
		headers: { 'Content-Type': 'application/json' },
	} );
const segment = (
	index: number | string,
	{ token, body = {} }: { token?: string; body?: unknown } = {}
) =>
	stage.proxy.visitor( 'POST', `/v1/listen/post-21/segments/${ index }`, {
		body,
		headers: { 'Content-Type': 'application/json' },
		...( token === undefined ? {} : { token } ),
	} );

describe( 'an article', () => {
	it( 'is told in its segments and sentences, without a call', async () => {
		await start();
		const response = await listen();
		expect( response.status ).toBe( 200 );
		expect( await response.json() ).toEqual( {
			title: 'Looking after a tent',
			language: 'en',
			isAllowed: true,
			segments: [
				{
					index: 0,
					heading: 'Looking after a tent',
					sentences: [
						'Looking after a tent.',
						'A tent lasts for many years.',
					],
				},
				{
					index: 1,
					heading: 'Drying',
					sentences: [
						'Drying.',
						'Always dry it before you pack it away.',
					],
				},
				{
					index: 2,
					heading: 'Storing',
					sentences: [
						'Storing.',
						'Keep it in a cool place.',
						'Do not fold it the same way every time.',
					],
				},
			],
		} );
		expect( stage.spokenCalls() ).toBe( 0 );
	} );

	it( 'has each segment spoken at its first demand, once, within the ledger', async () => {
		await start();
		const [ one, two ] = await Promise.all( [
			segment( 1 ),
			segment( 1 ),
		] );
		expect( one.status ).toBe( 200 );
		const event = await one.json();
		expect( event ).toMatchObject( {
			mimeType: 'audio/wav',
			sentences: [
				{ text: 'Drying.', startMs: 0 },
				{ text: 'Always dry it before you pack it away.' },
			],
		} );
		expect( await two.json() ).toEqual( event );
		expect( stage.spokenCalls() ).toBe( 2 );
		expect( await ( await segment( 1 ) ).json() ).toEqual( event );
		const { segments } = await ( await listen() ).json();
		expect(
			segments.map( ( { speech }: { speech: unknown } ) => speech )
		).toEqual( [ undefined, event, undefined ] );
		expect( stage.spokenCalls() ).toBe( 2 );
		const { spent, billed, held } = await stage.money();
		expect( { spent, held } ).toEqual( { spent: billed, held: 0 } );
		const sound = await fetch( stage.proxy.url + event.url );
		expect( sound.status ).toBe( 200 );
		expect( ( await sound.arrayBuffer() ).byteLength / 48 ).toBeCloseTo(
			event.durationMs,
			-1
		);
	} );

	it( 'speaks in the voice of a role', async () => {
		await start( {
			settings: {
				voice: {
					roles: [
						{
							id: 'guide',
							name: 'Guide',
							voice: 'marin',
							instructions: 'Calmly.',
						},
					],
				},
			},
		} );
		const own = await ( await segment( 1 ) ).json();
		const role = await (
			await segment( 1, { body: { voiceRole: 'guide' } } )
		).json();
		expect( role.url ).not.toBe( own.url );
	} );

	it( 'that changed is spoken anew where it changed', async () => {
		await start();
		const before = [
			await ( await segment( 1 ) ).json(),
			await ( await segment( 2 ) ).json(),
		];
		await stage.proxy.site( 'PUT', '/v1/site/documents', {
			documents: [
				page(
					21,
					ARTICLE.title,
					ARTICLE.text.replace( 'Always', 'Please' )
				),
			],
		} );
		const after = [
			await ( await segment( 1 ) ).json(),
			await ( await segment( 2 ) ).json(),
		];
		expect( after[ 0 ].url ).not.toBe( before[ 0 ].url );
		expect( after[ 1 ] ).toEqual( before[ 1 ] );
	} );

	it.each( [
		[ 'an article', () => listen( { documentId: 'post-99' } ) ],
		[ 'a segment', () => segment( 3 ) ],
		[ 'a segment by name', () => segment( 'first' ) ],
	] )( 'is not found when there is no such thing as %s', async ( _, ask ) => {
		await start();
		const response = await ask();
		expect( response.status ).toBe( 404 );
	} );

	it.each( [
		[ {} ],
		[ { documentId: '' } ],
		[ { documentId: 'post-21', voiceRole: '../x' } ],
		[ { documentId: 'post-21', siteId: 'other' } ],
	] )( 'is not looked up for %j', async ( body ) => {
		await start();
		expect( ( await listen( body ) ).status ).toBe( 400 );
	} );

	it( 'is for visitors of the site, whatever they agreed to, and for nobody else', async () => {
		await start();
		expect(
			( await segment( 0, { token: mintToken( { consent: [] } ) } ) )
				.status
		).toBe( 200 );
		expect( ( await segment( 0, { token: 'x' } ) ).status ).toBe( 401 );
	} );
} );

describe( 'at the limits, an article', () => {
	it( 'is refused with 429 when the money is spent, and what is stored goes on', async () => {
		await start();
		const stored = await ( await segment( 1 ) ).json();
		await stage.settings( { limits: { siteDayNanoUsd: 1, softShare: 1 } } );
		await stage.settings( { limits: { siteDayNanoUsd: 100_000 } } );
		const response = await segment( 2 );
		expect( [ 429, 503 ] ).toContain( response.status );
		expect( await ( await segment( 1 ) ).json() ).toEqual( stored );
	} );

	it( 'is refused with 429 when the seconds of the day are used up', async () => {
		await start( { settings: { limits: { voiceSecondsDay: 0 } } } );
		const response = await segment( 1 );
		expect( response.status ).toBe( 429 );
		expect(
			Number( response.headers.get( 'retry-after' ) )
		).toBeGreaterThan( 0 );
	} );

	it.each( [
		[ 'read aloud is off', { voice: { readAloud: false } } ],
		[ 'the browser speaks', { voice: { speech: 'browser' as const } } ],
		[ 'voice is off', { modalities: { voice: false } } ],
	] )( 'is left to the browser when %s', async ( _, settings ) => {
		await start( { settings } );
		expect( ( await ( await listen() ).json() ).isAllowed ).toBe( false );
		const response = await segment( 1 );
		expect( response.status ).toBe( 503 );
		expect( ( await response.json() ).error.code ).toBe(
			'voice_unavailable'
		);
		expect( stage.spokenCalls() ).toBe( 0 );
	} );
} );

describe( 'the site', () => {
	const order = () =>
		stage.proxy.site( 'POST', '/v1/site/speech', {
			documentId: 'post-21',
		} );
	/** Resolves when as many segments are stored. */
	const stored = ( count: number ) =>
		untilItWorks( async () => {
			const { listen: articles, sites } = stage.proxy.services;
			const settings = await sites.settings( SITE_ID );
			const article = await articles.article(
				{
					siteId: SITE_ID,
					settings,
					voice: voiceOf( settings, undefined ),
				},
				'post-21'
			);
			expect(
				article?.speech.filter( ( one ) => one ).length
			).toBeGreaterThanOrEqual( count );
		} );

	it( 'has an article spoken in the background, once', async () => {
		await start();
		const response = await order();
		expect( response.status ).toBe( 202 );
		expect( await response.json() ).toEqual( { waiting: 1 } );
		expect( await ( await order() ).json() ).toEqual( { waiting: 1 } );
		await stored( 3 );
		const calls = stage.spokenCalls();
		expect( calls ).toBe( 7 );
		await order();
		await segment( 0 );
		expect( stage.spokenCalls() ).toBe( calls );
		const { spent, billed } = await stage.money();
		expect( spent ).toBe( billed );
		expect( ( await stage.calls() )[ 0 ] ).toMatchObject( {
			kind: 'speech',
		} );
	} );

	it( 'has an article that was cut short by a limit spoken on, from where it was', async () => {
		await start( {
			settings: { limits: { voiceSecondsDay: 12 } },
		} );
		await order();
		await stored( 1 );
		const calls = stage.spokenCalls();
		expect( calls ).toBeLessThan( 7 );
		expect( ( await stage.money() ).voiceSeconds ).toBeLessThanOrEqual(
			12
		);
		await stage.settings( { limits: { voiceSecondsDay: 1_000 } } );
		await untilItWorks( async () => {
			await order();
			expect( stage.spokenCalls() ).toBeGreaterThanOrEqual( 7 );
		} );
		await stored( 3 );
		// A sentence that was spoken is not paid again, stored or not.
		expect( stage.spokenCalls() ).toBe( 7 );
	} );

	it( 'may close while an article is being spoken: nothing stays held', async () => {
		await start();
		stage.provider.setDefault( { for: 'answer', chunkDelayMs: 30 } );
		await order();
		await stage.proxy.services.listenQueue.close();
		const { spent, billed, held } = await stage.money();
		expect( held ).toBe( 0 );
		expect( spent ).toBeGreaterThanOrEqual( billed );
	} );

	it( 'must sign', async () => {
		await start();
		const response = await fetch( `${ stage.proxy.url }/v1/site/speech`, {
			method: 'POST',
			body: '{"documentId":"post-21"}',
		} );
		expect( response.status ).toBe( 401 );
	} );
} );
