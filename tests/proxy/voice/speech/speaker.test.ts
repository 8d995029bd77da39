/**
 * Has answers spoken over the wire and looks at what is heard, in which order, what it cost, and what is kept.
 */
import { afterEach, describe, expect, it } from 'vitest';
import {
	hasSpeech,
	readWav,
	shareHeard,
	transcribe,
} from '../../../support/speech/index.ts';
import { newVisitorId, SITE_ID } from '../../../support/proxy/credentials.ts';
import {
	largestJump,
	soundOf,
	startSpeechStage,
	VOICE,
	type SpeechStage,
} from './speech-stage.ts';

const ANSWER =
	'You can return it within sixty days. The refund takes five days. Thank you very much for asking.';
const SENTENCES = [
	'You can return it within sixty days.',
	'The refund takes five days.',
	'Thank you very much for asking.',
];

let stage: SpeechStage;

afterEach( () => stage.close() );

/** Speaks a text whole and returns what came of it. */
const say = async ( text = ANSWER, visitorId = newVisitorId() ) => {
	const heard = await stage.begin( { visitorId } );
	heard.speaking.push( text );
	const spoken = await heard.speaking.finish();
	return { ...heard, spoken };
};

const textsOf = ( pieces: ReadonlyArray< { text?: string } > ) =>
	pieces.flatMap( ( { text } ) => text ?? [] );

describe( 'an answer', () => {
	it.each( [
		'gpt-realtime-2.1-mini',
		'gpt-4o-mini-tts',
		'tts-1',
		'gpt-audio-mini',
	] )(
		'is spoken by %s, and the ledger holds what the provider bills',
		async ( model ) => {
			stage = await startSpeechStage( { speech: [ model ] } );
			const { pieces, spoken } = await say();
			expect( spoken.kind ).toBe( 'spoken' );
			expect( textsOf( pieces ) ).toEqual( SENTENCES );
			const { spent, held, billed } = await stage.money();
			expect( billed ).toBeGreaterThan( 0 );
			expect( { spent, held } ).toEqual( { spent: billed, held: 0 } );
			expect( spoken.costNanoUsd ).toBe( billed );
			const calls = await stage.calls();
			expect( calls ).toHaveLength( 3 );
			for ( const call of calls ) {
				expect( call ).toMatchObject( {
					kind: 'speech',
					model,
					outcome: 'answered',
					isEstimated: false,
				} );
				expect( call.costNanoUsd ).toBeLessThanOrEqual(
					call.reservedNanoUsd
				);
			}
		}
	);

	it( 'is heard from its first sentence on while the rest is still written', async () => {
		stage = await startSpeechStage();
		const { speaking, pieces, firstPiece } = await stage.begin();
		speaking.push( 'You can return it within sixty days. The' );
		await firstPiece;
		expect( pieces[ 0 ] ).toMatchObject( {
			sentence: 0,
			text: SENTENCES[ 0 ],
		} );
		speaking.push( ' refund takes five days.' );
		expect( ( await speaking.finish() ).kind ).toBe( 'spoken' );
		expect( textsOf( pieces ) ).toEqual( SENTENCES.slice( 0, 2 ) );
	} );

	it( 'is heard in order when a later sentence is made first, two at a time', async () => {
		stage = await startSpeechStage();
		stage.provider.script( {
			for: 'answer',
			firstChunkDelayMs: 250,
		} );
		const { speaking, pieces, firstPiece } = await stage.begin();
		speaking.push(
			`${ ANSWER } One more thing to say here. Goodbye then, my friend.`
		);
		await firstPiece;
		expect( stage.spokenCalls() ).toBeLessThanOrEqual( 3 );
		await speaking.finish();
		const order = pieces.map( ( { sentence } ) => sentence );
		expect( order ).toEqual( [ ...order ].sort( ( a, b ) => a - b ) );
		expect( textsOf( pieces ) ).toHaveLength( 5 );
	} );

	it( 'has no click anywhere, and a pause between its sentences', async () => {
		stage = await startSpeechStage( { hasRealSpeech: true } );
		const { pieces } = await say();
		const samples = soundOf( pieces );
		const perSentence = SENTENCES.map( ( _, number ) =>
			largestJump(
				soundOf(
					pieces.filter( ( { sentence } ) => sentence === number )
				)
			)
		);
		// Joined it jumps no farther than inside of a sentence, and each ends and begins at nothing.
		expect( largestJump( samples ) ).toBe( Math.max( ...perSentence ) );
		for ( const number of [ 1, 2 ] ) {
			const before = soundOf(
				pieces.filter( ( { sentence } ) => sentence < number )
			);
			const after = soundOf(
				pieces.filter( ( { sentence } ) => sentence === number )
			);
			expect( Math.abs( before.at( -1 ) ?? NaN ) ).toBeLessThanOrEqual(
				1
			);
			expect( Math.abs( after[ 0 ] ?? NaN ) ).toBeLessThanOrEqual( 1 );
			// 200 ms before the join are silent.
			expect(
				Math.max( ...before.slice( -0.2 * 24_000 ).map( Math.abs ) )
			).toBeLessThanOrEqual( 1 );
		}
	} );

	it( 'of nothing that can be said is spoken without a call', async () => {
		stage = await startSpeechStage();
		const { spoken, pieces } = await say( '😀 — [1] ...' );
		expect( spoken ).toMatchObject( { kind: 'spoken', costNanoUsd: 0 } );
		expect( pieces ).toEqual( [] );
		expect( await spoken.keep() ).toBe( undefined );
		expect( stage.spokenCalls() ).toBe( 0 );
	} );
} );

describe( 'speech that is kept', () => {
	it( 'is found, with the same text in whatever pieces, and served without a call', async () => {
		stage = await startSpeechStage();
		const { spoken, pieces } = await say();
		const kept = await spoken.keep();
		expect( kept?.id ).toMatch( /^[0-9a-f]{32}$/ );
		expect( kept?.sentences.map( ( { text } ) => text ) ).toEqual(
			SENTENCES
		);
		const calls = stage.spokenCalls();
		const found = await stage.proxy.services.speaker?.find(
			SITE_ID,
			ANSWER,
			{ voice: VOICE, language: 'en' }
		);
		expect( found ).toEqual( kept );
		const response = await fetch(
			`${ stage.proxy.url }/v1/speech/${ kept?.id }`
		);
		expect( response.status ).toBe( 200 );
		const wav = readWav( new Uint8Array( await response.arrayBuffer() ) );
		expect( wav?.sampleRate ).toBe( 24_000 );
		expect( stage.spokenCalls() ).toBe( calls );
		expect( soundOf( pieces ).length / 24 ).toBeCloseTo(
			kept?.durationMs ?? NaN,
			-1
		);
	} );

	it.each( [
		[ 'another voice', { name: 'marin', instructions: '' }, 'en' ],
		[ 'another manner', { name: 'alloy', instructions: 'Whisper.' }, 'en' ],
		[ 'another language', VOICE, 'de' ],
	] )( 'is not found for %s', async ( _, voice, language ) => {
		stage = await startSpeechStage();
		const { spoken } = await say();
		await spoken.keep();
		expect(
			await stage.proxy.services.speaker?.find( SITE_ID, ANSWER, {
				voice,
				language,
			} )
		).toBe( undefined );
	} );

	it.skipIf( ! hasSpeech() )(
		'plays back the words of the answer',
		async () => {
			stage = await startSpeechStage( { hasRealSpeech: true } );
			const { spoken } = await say();
			const kept = await spoken.keep();
			const response = await fetch(
				`${ stage.proxy.url }/v1/speech/${ kept?.id }`
			);
			const samples =
				readWav( new Uint8Array( await response.arrayBuffer() ) )
					?.pcm ?? new Int16Array( 0 );
			const words = await transcribe( samples, 24_000 );
			expect( shareHeard( ANSWER, words ) ).toBeGreaterThan( 0.75 );
			// A player that skips to the last sentence hears that one.
			const last = kept?.sentences.at( -1 );
			const from = samples.slice( ( last?.startMs ?? NaN ) * 24 );
			expect(
				shareHeard( last?.text ?? '', await transcribe( from, 24_000 ) )
			).toBeGreaterThan( 0.5 );
		},
		60_000
	);
} );

describe( 'who asks for the same', () => {
	it( 'at the same time pays once between them, and hears the same', async () => {
		stage = await startSpeechStage();
		const [ one, other ] = await Promise.all( [ say(), say() ] );
		expect( stage.spokenCalls() ).toBe( 3 );
		expect( soundOf( one.pieces ) ).toEqual( soundOf( other.pieces ) );
		const { spent, billed } = await stage.money();
		expect( spent ).toBe( billed );
		expect( one.spoken.costNanoUsd + other.spoken.costNanoUsd ).toBe(
			billed
		);
	} );

	it( 'soon after pays nothing', async () => {
		stage = await startSpeechStage();
		const first = await say();
		const second = await say();
		expect( stage.spokenCalls() ).toBe( 3 );
		expect( second.spoken ).toMatchObject( {
			kind: 'spoken',
			costNanoUsd: 0,
		} );
		expect( soundOf( second.pieces ) ).toEqual( soundOf( first.pieces ) );
		// What it cost to make is what it cost the first time.
		expect( ( await second.spoken.keep() )?.costNanoUsd ).toBe(
			first.spoken.costNanoUsd
		);
	} );

	it( 'goes on hearing when the one who pays leaves', async () => {
		stage = await startSpeechStage();
		stage.provider.setDefault( { for: 'answer', chunkDelayMs: 20 } );
		const first = await stage.begin();
		first.speaking.push( ANSWER );
		await first.firstPiece;
		const second = await stage.begin();
		second.speaking.push( ANSWER );
		await second.firstPiece;
		first.stop();
		expect( ( await first.speaking.finish() ).kind ).toBe( 'stopped' );
		expect( ( await second.speaking.finish() ).kind ).toBe( 'spoken' );
		expect( textsOf( second.pieces ) ).toEqual( SENTENCES );
	} );
} );
