/**
 * Abuses live conversations: holds them open for nothing, asks without end, and has them forgotten at another proxy.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SITE_ORIGIN } from '../../../support/proxy/credentials.ts';
import {
	startProxy,
	type TestProxy,
} from '../../../support/proxy/start-proxy.ts';
import { startRedis } from '../../../support/redis/index.ts';
import { openLive, voiceToken } from './live-client.ts';
import { sentUpstream, startStage, type Stage } from './live-stage.ts';

let stage: Stage;
let offsetMs: number;
const ending: Array< () => Promise< unknown > > = [];

beforeEach( () => {
	offsetMs = 0;
} );
afterEach( async () => {
	await stage.close();
	for ( const end of ending.splice( 0 ) ) {
		await end();
	}
} );

const start = async ( env: Record< string, string > = {} ) => {
	stage = await startStage(
		{ clock: () => Date.now() + offsetMs, env },
		{ hasRealSpeech: false }
	);
};

describe( 'a visitor who types into a live conversation', () => {
	it( 'asks no faster than in writing, over connections and in writing together', async () => {
		await start();
		await stage.set( { rateLimits: { visitorPerMinute: 6 } } );
		const token = voiceToken();
		const browsers = [
			await openLive( stage.proxy, { token } ),
			await openLive( stage.proxy, { token } ),
		];
		for ( const browser of browsers ) {
			await browser.wait( 'ready' );
			for ( let count = 0; count < 10; count++ ) {
				browser.send( {
					type: 'text',
					text: `How long can I return unused gear? ${ count }`,
				} );
			}
		}
		const refusals = () =>
			browsers
				.flatMap( ( { frames } ) => frames )
				.filter( ( { code } ) => code === 'rate_limited' ).length;
		await expect.poll( refusals ).toBe( 14 );
		const reply = await stage.proxy.ask( 'How much is shipping?', {
			token,
		} );
		expect( reply.status ).toBe( 429 );
		expect( browsers.map( ( { closeCode } ) => closeCode ) ).toEqual( [
			undefined,
			undefined,
		] );
	} );

	it( 'asks nothing longer than in writing, in however many parts', async () => {
		await start();
		await stage.set( { rateLimits: { visitorPerMinute: 1_000 } } );
		const browser = await openLive( stage.proxy );
		await browser.wait( 'ready' );
		for ( let count = 0; count < 20; count++ ) {
			browser.send( {
				type: 'text',
				text: `How long can I return unused gear? ${ 'gear '.repeat( 380 ) }`,
			} );
		}
		await browser.wait( 'speech_end' );
		for ( const event of sentUpstream( stage, 'response.create' ) ) {
			expect( JSON.stringify( event ).length ).toBeLessThan( 12_000 );
		}
		browser.send( { type: 'end' } );
		await browser.isClosed;
		const { spentNanoUsd, billNanoUsd } = await stage.settle();
		expect( spentNanoUsd ).toBe( billNanoUsd );
	} );
} );

describe( 'a live conversation that is held open for nothing', () => {
	it( 'by a finger without a voice ends like any other in which nobody speaks', async () => {
		await start();
		const browser = await openLive( stage.proxy, {
			start: { turnDetection: 'push' },
		} );
		await browser.wait( 'ready' );
		browser.send( { type: 'talk', isTalking: true } );
		await browser.wait( 'state', ( { state } ) => state === 'hearing' );
		offsetMs += 130_000;
		expect( await browser.wait( 'ended' ) ).toMatchObject( {
			reason: 'idle',
		} );
		const { billNanoUsd } = await stage.settle();
		expect( billNanoUsd ).toBe( 0 );
	} );
} );

describe( 'a live conversation', () => {
	it( 'of a person whose data is erased ends, and nothing of it is kept', async () => {
		await start();
		const browser = await openLive( stage.proxy, {
			token: voiceToken( { user: 'anna' } ),
		} );
		await browser.wait( 'ready' );
		browser.send( {
			type: 'text',
			text: 'How long can I return unused gear?',
		} );
		await browser.wait( 'speech_end' );
		await stage.proxy.site( 'DELETE', '/v1/site/people/anna' );
		expect( await browser.wait( 'ended' ) ).toMatchObject( {
			reason: 'forgotten',
		} );
		await stage.proxy.services.live.drain( 0 );
		const kept = await stage.proxy.site( 'GET', '/v1/site/people/anna' );
		expect( await kept.json() ).toEqual( { turns: [] } );
	} );

	it( 'at a site whose owner switches them off spends nothing from then on', async () => {
		await start();
		const browser = await openLive( stage.proxy );
		await browser.wait( 'ready' );
		await stage.set( { modalities: { realtime: false } } );
		browser.send( {
			type: 'text',
			text: 'How long can I return unused gear?',
		} );
		expect( ( await browser.wait( 'ended' ) ).fallBack ).toBe( 'text' );
		expect( browser.said() ).not.toContain( '60 days' );
		const { spentNanoUsd, billNanoUsd } = await stage.settle();
		expect( spentNanoUsd ).toBe( billNanoUsd );
	} );
} );

describe( 'a browser that goes away while it is let in', () => {
	it( 'leaves its place free, however often', async () => {
		await start();
		await stage.set( { rateLimits: { visitorPerMinute: 1_000 } } );
		const token = voiceToken();
		const { port } = new URL( stage.proxy.url );
		for ( let count = 0; count < 12; count++ ) {
			const socket = connect( Number( port ), '127.0.0.1' );
			await once( socket, 'connect' );
			socket.write(
				[
					'GET /v1/realtime HTTP/1.1',
					'Host: 127.0.0.1',
					`Origin: ${ SITE_ORIGIN }`,
					'Connection: Upgrade',
					'Upgrade: websocket',
					'Sec-WebSocket-Version: 13',
					'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
					`Sec-WebSocket-Protocol: docent.v1, docent.token.${ token }`,
					'',
					'',
				].join( '\r\n' ),
				() => socket.resetAndDestroy()
			);
			await once( socket, 'close' );
		}
		const browser = await openLive( stage.proxy, { token } );
		await browser.wait( 'ready' );
	} );
} );

describe( 'a live conversation of somebody else', () => {
	it( 'cannot be taken over, gone on with or ended by whoever knows its ids', async () => {
		await start();
		const browser = await openLive( stage.proxy );
		const { sessionId, conversationId } = await browser.wait( 'ready' );
		browser.send( {
			type: 'text',
			text: 'How long can I return unused gear?',
		} );
		await browser.wait( 'speech_end' );
		for ( const how of [
			{ resume: sessionId },
			{ resume: sessionId, received: 0 },
			{ conversationId },
		] ) {
			const stranger = await openLive( stage.proxy, {
				start: how,
			} );
			expect( ( await stranger.wait( 'error' ) ).code ).toBe(
				'not_found'
			);
			await stranger.isClosed;
			expect( stranger.sound.size ).toBe( 0 );
		}
		const reply = await stage.proxy.visitor(
			'DELETE',
			`/v1/conversations/${ conversationId }`,
			{ token: voiceToken() }
		);
		expect( reply.status ).toBe( 404 );
		expect( browser.closeCode ).toBe( undefined );
	} );
} );

describe( 'a live conversation that is forgotten at another proxy', () => {
	it( 'ends, and nothing of it is kept', async () => {
		const redis = await startRedis( { isDurable: false } );
		ending.push( () => redis.stop() );
		await start( { REDIS_URL: redis.url } );
		const other: TestProxy = await startProxy( {
			providerUrl: stage.provider.baseUrl,
			env: { REDIS_URL: redis.url },
		} );
		ending.unshift( () => other.close() );
		const token = voiceToken();
		const browser = await openLive( stage.proxy, { token } );
		const { conversationId } = await browser.wait( 'ready' );
		browser.send( {
			type: 'text',
			text: 'How long can I return unused gear?',
		} );
		await browser.wait( 'speech_end' );
		browser.send( { type: 'text', text: 'How much is shipping?' } );
		const forget = ( proxy: TestProxy ) =>
			proxy.visitor( 'DELETE', `/v1/conversations/${ conversationId }`, {
				token,
			} );
		await expect
			.poll( async () => ( await forget( other ) ).status )
			.toBe( 204 );
		expect( await browser.wait( 'ended' ) ).toMatchObject( {
			reason: 'forgotten',
		} );
		await stage.proxy.services.live.drain( 0 );
		expect( ( await forget( other ) ).status ).toBe( 404 );
	} );
} );
