import { afterEach, describe, expect, it } from 'vitest';
import { mintToken, SITE_ID } from '../../support/proxy/credentials.ts';
import { readEvents, type WireEvent } from '../../support/proxy/sse.ts';
import {
	canHear,
	canSpeak,
	shareHeard,
	speak,
	SPEECH_LEFT_OUT,
	transcribe,
	tone,
	wav,
} from '../../support/speech/index.ts';
import {
	allEvents,
	eventsOf,
	speechBytes,
	startVoiceStage,
	textOf,
	type VoiceStage,
} from './voice-stage.ts';

let stage: VoiceStage;
afterEach( () => stage.close() );

const COSTS = 'How much is shipping?';
const names = ( events: WireEvent[] ) => [
	...new Set( events.map( ( { event } ) => event ) ),
];

async function expectExactMoney() {
	const { spent, held, billed } = await stage.money();
	expect( held ).toBe( 0 );
	expect( spent ).toBe( billed );
}

describe( 'a spoken question', () => {
	it( 'is heard, answered from the site and spoken, with its source', async () => {
		stage = await startVoiceStage();
		const events = await stage.say( COSTS );
		expect( names( events ) ).toEqual( [
			'turn',
			'transcript',
			'text',
			'sources',
			'audio',
			'done',
		] );
		expect( eventsOf( events, 'transcript' ) ).toEqual( [
			{ text: COSTS, language: 'en' },
		] );
		expect( textOf( events ) ).toBe( 'Shipping costs 4.90 euros.' );
		expect( eventsOf( events, 'sources' ) ).toMatchObject( [
			[ { title: 'Shipping' } ],
		] );
		expect( speechBytes( events ) ).toBeGreaterThan( 24_000 );
		expect( events.at( -1 )?.data.finishReason ).toBe( 'stop' );
		expect( stage.paths() ).toEqual( [
			'/v1/audio/transcriptions',
			'/v1/chat/completions',
			'/v1/audio/speech',
		] );
		expect(
			( await stage.calls() ).map( ( { kind, outcome } ) => [
				kind,
				outcome,
			] )
		).toEqual( [
			[ 'transcription', 'answered' ],
			[ 'answer', 'answered' ],
			[ 'speech', 'answered' ],
		] );
		await expectExactMoney();
	} );

	it( 'that was asked before is spoken from the store, and costs its transcription alone', async () => {
		stage = await startVoiceStage();
		await stage.say( COSTS );
		const { billed: before } = await stage.money();
		const events = await stage.say( COSTS );
		expect( events.at( -1 )?.data.cache ).toBe( 'exact' );
		expect( speechBytes( events ) ).toBe( 0 );
		const [ stored ] = eventsOf( events, 'audio' ) as Array< {
			url: string;
			durationMs: number;
		} >;
		const speech = await fetch( stage.proxy.url + stored?.url );
		expect( speech.status ).toBe( 200 );
		expect( speech.headers.get( 'cache-control' ) ).toContain(
			'immutable'
		);
		expect( ( await speech.arrayBuffer() ).byteLength ).toBe(
			44 + ( ( stored?.durationMs ?? 0 ) * 48_000 ) / 1_000
		);
		expect( stage.paths().slice( 3 ) ).toEqual( [
			'/v1/audio/transcriptions',
		] );
		const heard = ( await stage.calls() ).at( -2 );
		expect( heard ).toMatchObject( { kind: 'transcription' } );
		expect( ( await stage.money() ).billed - before ).toBe(
			heard?.costNanoUsd
		);
		await expectExactMoney();
	} );

	it( 'of somebody else is spoken from the store as well', async () => {
		stage = await startVoiceStage();
		await stage.say( COSTS );
		stage.provider.script( { for: 'transcription', text: COSTS } );
		const other = mintToken( { consent: [ 'text', 'voice' ] } );
		const events = await allEvents(
			await stage.send( {}, { token: other } )
		);
		expect( speechBytes( events ) ).toBe( 0 );
		expect( eventsOf( events, 'audio' ) ).toHaveLength( 1 );
	} );

	it( 'about the visitor is spoken and kept by nobody', async () => {
		stage = await startVoiceStage();
		const events = await stage.say(
			'How much is shipping for order 4711 0815 99?'
		);
		expect( speechBytes( events ) ).toBeGreaterThan( 0 );
		expect(
			eventsOf( events, 'audio' ).filter(
				( data ) => 'url' in ( data as object )
			)
		).toEqual( [] );
	} );

	it( 'is followed by one that leans on it', async () => {
		stage = await startVoiceStage();
		const [ first ] = await stage.say( COSTS );
		const events = await stage.say( 'And when is it free?', {
			conversationId: first?.data.conversationId,
		} );
		expect( events.at( -1 )?.event ).toBe( 'done' );
		const history = await stage.proxy.services.conversations.history(
			SITE_ID,
			JSON.parse(
				Buffer.from(
					stage.token.split( '.' )[ 1 ] ?? '',
					'base64url'
				).toString()
			).sub,
			first?.data.conversationId,
			4
		);
		expect( history?.map( ( { question } ) => question ) ).toEqual( [
			COSTS,
			'And when is it free?',
		] );
	} );

	it( 'with typed words is both', async () => {
		stage = await startVoiceStage();
		const events = await stage.say( 'how much is it', {
			question: 'About shipping:',
		} );
		expect( textOf( events ) ).toContain( '4.90' );
	} );

	it( 'that nobody wants spoken is answered in words', async () => {
		stage = await startVoiceStage();
		const events = await stage.say( COSTS, { speech: 'false' } );
		expect( names( events ) ).toEqual( [
			'turn',
			'transcript',
			'text',
			'sources',
			'done',
		] );
		expect( stage.paths() ).not.toContain( '/v1/audio/speech' );
	} );

	it( 'asked whole tells what was heard and where the speech is', async () => {
		stage = await startVoiceStage();
		stage.provider.script( { for: 'transcription', text: COSTS } );
		const whole = await (
			await stage.send( {}, { headers: { Accept: 'application/json' } } )
		).json();
		expect( whole ).toMatchObject( {
			answer: 'Shipping costs 4.90 euros.',
			transcript: { text: COSTS },
			speech: { mimeType: 'audio/wav' },
			finishReason: 'stop',
		} );
	} );

	it( 'is read again without its sound, and with the place where it is stored', async () => {
		stage = await startVoiceStage();
		const events = await stage.say( COSTS );
		const { conversationId, turnId } = events[ 0 ]?.data;
		expect( conversationId ).toBeDefined();
		// Beyond what this process remembers: what the database has.
		const saved = await stage.proxy.services.conversations.findTurn(
			SITE_ID,
			JSON.parse(
				Buffer.from(
					stage.token.split( '.' )[ 1 ] ?? '',
					'base64url'
				).toString()
			).sub,
			turnId
		);
		expect( saved?.events.join( '' ) ).not.toContain( 'pcm16' );
		expect( saved?.events.join( '' ) ).toContain( '/v1/speech/' );
		expect( saved?.events ).toHaveLength( events.at( -1 )?.id ?? 0 );
		expect( saved?.question ).toBe( COSTS );
	} );

	it( 'repeated with its key is answered once, and another recording with the same key is refused', async () => {
		stage = await startVoiceStage();
		stage.provider.script( { for: 'transcription', text: COSTS } );
		const headers = { 'Idempotency-Key': 'spoken-question-1' };
		const [ first, again ] = await Promise.all( [
			stage.send( {}, { headers } ),
			stage.send( {}, { headers } ),
		] );
		const turns = await Promise.all(
			[ first, again ].map( async ( response ) => allEvents( response ) )
		);
		expect( turns[ 0 ]?.[ 0 ]?.data ).toEqual( turns[ 1 ]?.[ 0 ]?.data );
		expect(
			stage
				.paths()
				.filter( ( path ) => path.endsWith( 'transcriptions' ) )
		).toHaveLength( 1 );
		const other = await stage.send(
			{ audio: wav( tone( 900, { hertz: 600 } ), 16_000 ) },
			{ headers }
		);
		expect( other.status ).toBe( 409 );
		await expectExactMoney();
	} );

	it( 'stopped while it is spoken keeps its text, and nothing stays held', async () => {
		stage = await startVoiceStage();
		stage.provider.script(
			{ for: 'transcription', text: COSTS },
			{ for: 'speech', stall: { afterChunks: 2 } }
		);
		const events: WireEvent[] = [];
		const response = await stage.send();
		for await ( const event of readEvents( response ) ) {
			events.push( event );
			if ( event.event === 'sources' ) {
				await stage.proxy.visitor(
					'DELETE',
					`/v1/turns/${ events[ 0 ]?.data.turnId }`,
					{ token: stage.token }
				);
			}
		}
		expect( textOf( events ) ).toBe( 'Shipping costs 4.90 euros.' );
		expect( events.at( -1 )?.data.finishReason ).toBe( 'stop' );
		const { held, spent, billed } = await stage.money();
		expect( held ).toBe( 0 );
		expect( spent ).toBeGreaterThanOrEqual( billed );
	} );
} );

describe( 'a recording that is refused', () => {
	it.each( [
		[ 'without consent', 403, 'consent_required', {}, [ 'text' ] ],
		[
			'where the owner has switched voice off',
			403,
			'voice_off',
			{ modalities: { voice: false } },
			[ 'text', 'voice' ],
		],
	] )(
		'%s reaches no provider',
		async ( _, status, code, settings, consent ) => {
			stage = await startVoiceStage( { settings } );
			const response = await stage.send(
				{},
				{ token: mintToken( { consent } ) }
			);
			expect( response.status ).toBe( status );
			expect( ( await response.json() ).error.code ).toBe( code );
			expect( stage.paths() ).toEqual( [] );
		}
	);

	it.each( [
		[ 'is empty', new Uint8Array(), 'audio_empty' ],
		[
			'is silent',
			wav( new Int16Array( 16_000 ), 16_000 ),
			'audio_silent',
		],
		[
			'lasts a tenth of a second',
			wav( tone( 100 ), 16_000 ),
			'audio_too_short',
		],
		[
			'lasts longer than the owner allows',
			wav( tone( 8_000 ), 16_000 ),
			'audio_too_long',
		],
		[
			'is text',
			new TextEncoder().encode( 'what is your return policy' ),
			'unsupported_media_type',
		],
	] )( 'because it %s costs nothing', async ( _, audio, code ) => {
		stage = await startVoiceStage( {
			settings: { voice: { maxQuestionSeconds: 5 } },
		} );
		const response = await stage.send( { audio } );
		expect( response.status ).toBeGreaterThanOrEqual( 400 );
		expect( response.status ).toBeLessThan( 500 );
		expect( ( await response.json() ).error.code ).toBe( code );
		expect( stage.paths() ).toEqual( [] );
	} );

	it( 'has nothing but unknown fields says so', async () => {
		stage = await startVoiceStage();
		const response = await stage.send( { role: 'system' } );
		expect( response.status ).toBe( 400 );
	} );
} );

describe( 'when nothing comes of a recording', () => {
	it( 'because there are no words in it, the visitor is asked to say it again', async () => {
		stage = await startVoiceStage();
		const events = await stage.say( '' );
		expect( events.at( -1 ) ).toMatchObject( {
			event: 'error',
			data: { code: 'nothing_heard' },
		} );
		await expectExactMoney();
	} );

	it( 'because the day’s voice is used up, the visitor is asked to type', async () => {
		stage = await startVoiceStage( {
			settings: { limits: { voiceSecondsDay: 1 } },
		} );
		const events = await stage.say( COSTS );
		expect( events.at( -1 ) ).toMatchObject( {
			event: 'error',
			data: { code: 'voice_unavailable' },
		} );
		expect( stage.paths() ).toEqual( [] );
		await expectExactMoney();
	} );
} );

describe( 'an answer that cannot be spoken', () => {
	it.each( [
		[
			'because the browser is to speak',
			{ voice: { speech: 'browser' as const } },
		],
		[
			'because the voice of the day is used up',
			{ limits: { voiceSecondsDay: 3 } },
		],
	] )( '%s is there to read, and says so', async ( _, settings ) => {
		stage = await startVoiceStage( { settings } );
		const events = await stage.say( COSTS );
		expect( textOf( events ) ).toBe( 'Shipping costs 4.90 euros.' );
		expect( eventsOf( events, 'notice' ) ).toEqual( [
			{ code: 'no_speech', message: '' },
		] );
		expect( events.at( -1 )?.event ).toBe( 'done' );
		await expectExactMoney();
	} );
} );

describe( 'a typed question', () => {
	it( 'may be answered aloud', async () => {
		stage = await startVoiceStage();
		const events = await stage.proxy.events( COSTS, {
			body: { speech: true },
		} );
		expect( speechBytes( events ) ).toBeGreaterThan( 24_000 );
		await expectExactMoney();
	} );

	it( 'is spoken in the voice of the role that was asked for, and in the assistant’s own for an unknown one', async () => {
		stage = await startVoiceStage( {
			settings: {
				voice: {
					instructions: 'Warmly.',
					roles: [
						{
							id: 'teacher',
							name: 'Teacher',
							voice: 'cedar',
							instructions: 'Slowly and clearly.',
						},
					],
				},
			},
		} );
		for ( const voiceRole of [ 'teacher', 'nobody' ] ) {
			await stage.proxy.events( COSTS, {
				body: { speech: true, voiceRole },
			} );
		}
		const spoken = stage.provider.journal.entries
			.filter( ( { path } ) => path.endsWith( '/speech' ) )
			.map(
				( { body } ) => body as { voice: string; instructions: string }
			);
		expect( spoken.map( ( { voice } ) => voice ) ).toEqual( [
			'cedar',
			'alloy',
		] );
		expect( spoken[ 0 ]?.instructions ).toContain( 'Slowly and clearly.' );
		expect( spoken[ 1 ]?.instructions ).toContain( 'Warmly.' );
	} );

	it( 'a greeting is spoken once for everybody', async () => {
		stage = await startVoiceStage();
		const first = await stage.proxy.events( 'Hello', {
			body: { speech: true },
		} );
		const again = await stage.proxy.events( 'Hello', {
			body: { speech: true },
		} );
		expect( speechBytes( first ) ).toBeGreaterThan( 0 );
		expect( speechBytes( again ) ).toBe( 0 );
		expect( eventsOf( again, 'audio' ) ).toHaveLength( 1 );
	} );
} );

describe.skipIf( ! canSpeak() || ! canHear() )(
	canSpeak() && canHear() ? 'with real voices' : SPEECH_LEFT_OUT,
	() => {
		it( 'what is asked aloud is understood, and what comes back can be written down again', async () => {
			stage = await startVoiceStage();
			const asked = await speak( 'what is your return policy' );
			const events = await allEvents(
				await stage.send( { audio: wav( asked, 16_000 ) } )
			);
			const [ { text: heard } ] = eventsOf( events, 'transcript' ) as [
				{ text: string },
			];
			expect( heard ).toContain( 'return policy' );
			expect( textOf( events ) ).toContain( '60 days' );
			const pcm = Buffer.concat(
				(
					eventsOf( events, 'audio' ) as Array< { data?: string } >
				 ).map( ( { data = '' } ) => Buffer.from( data, 'base64' ) )
			);
			const spoken = new Int16Array(
				pcm.buffer.slice( pcm.byteOffset, pcm.byteOffset + pcm.length )
			);
			expect(
				shareHeard(
					textOf( events ),
					await transcribe( spoken, 24_000 )
				)
			).toBeGreaterThan( 0.6 );
			await expectExactMoney();
		} );
	}
);

it( 'a recording is sent on as sixteen-kilohertz mono, whatever it was', async () => {
	stage = await startVoiceStage();
	await stage.say( COSTS, {
		audio: wav( tone( 1_000, { sampleRate: 48_000 } ), 48_000, {
			channels: 2,
			bits: 24,
		} ),
	} );
	const [ sent ] = stage.provider.journal.entries;
	const file = sent?.files.get( 'file' );
	const view = new DataView(
		( file as Uint8Array ).buffer,
		( file as Uint8Array ).byteOffset
	);
	expect( view.getUint32( 24, true ) ).toBe( 16_000 );
	expect( view.getUint16( 22, true ) ).toBe( 1 );
	expect( view.getUint16( 34, true ) ).toBe( 16 );
} );
