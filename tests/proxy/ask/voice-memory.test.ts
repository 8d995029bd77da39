/**
 * Looks at what spoken questions and answers hold of the memory, and what is not spoken because nobody would hear it.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { createSpeechMemory } from '../../../proxy/src/ask/speech-memory.ts';
import {
	eventsOf,
	RECORDING,
	speechBytes,
	startVoiceStage,
	textOf,
	type VoiceStage,
} from './voice-stage.ts';

let stage: VoiceStage | undefined;

afterEach( async () => {
	await stage?.close();
	stage = undefined;
} );

describe( 'the memory for sound', () => {
	it( 'takes no more than it has, and all of it again after it was let go of', () => {
		const memory = createSpeechMemory( 100 );
		const [ one, other ] = [ memory.open(), memory.open() ];
		expect( one.take( 60 ) ).toBe( true );
		expect( other.take( 60 ) ).toBe( false );
		expect( other.take( 40 ) ).toBe( true );
		one.free();
		one.free();
		expect( other.take( 60 ) ).toBe( true );
		other.free();
		expect( memory.open().take( 100 ) ).toBe( true );
	} );

	it( 'that is full has a spoken question come again, before anybody is paid', async () => {
		stage = await startVoiceStage( {
			maxSoundBytes: RECORDING.length - 1,
		} );
		const events = await stage.say( 'How much is shipping?' );
		expect( events.at( -1 ) ).toMatchObject( {
			event: 'error',
			data: { code: 'busy', retryAfterMs: 5_000 },
		} );
		expect( await stage.money() ).toEqual( {
			spent: 0,
			held: 0,
			billed: 0,
		} );
	} );

	it( 'that fills up while an answer is spoken leaves the rest to be read, and is free for the next', async () => {
		stage = await startVoiceStage( {
			maxSoundBytes: RECORDING.length + 200_000,
		} );
		stage.provider.setDefault( {
			text: 'Shipping costs 4.90 euros. That is so for every parcel, however large it may be. Above 80 euros it is free.',
		} );
		for ( let round = 0; round < 2; round++ ) {
			const events = await stage.say( 'How much is shipping?' );
			expect( textOf( events ) ).toContain( 'Above 80 euros' );
			expect( eventsOf( events, 'notice' ) ).toEqual( [
				{ code: 'no_speech', message: '' },
			] );
			expect( speechBytes( events ) ).toBeGreaterThan( 0 );
			expect( speechBytes( events ) ).toBeLessThan( 100_000 );
		}
		expect( ( await stage.money() ).held ).toBe( 0 );
	} );
} );

it( 'what of an answer comes after three minutes is not spoken, and not paid for', async () => {
	stage = await startVoiceStage( {
		settings: { limits: { softShare: 1, visitorDayNanoUsd: 1e12 } },
	} );
	// Each sentence is spoken for a minute.
	stage.provider.setDefault( {
		for: 'speech',
		text: 'Shipping costs 4.90 euros, as it always did. '.repeat( 20 ),
	} );
	const sentences = Array.from(
		{ length: 12 },
		( _, index ) => `Parcel ${ index } costs 4.90 euros to be shipped.`
	);
	stage.provider.setDefault( { text: sentences.join( ' ' ) } );
	const events = await stage.say( 'How much is shipping?' );
	expect( eventsOf( events, 'notice' ) ).toContainEqual( {
		code: 'no_speech',
		message: '',
	} );
	expect( speechBytes( events ) ).toBeLessThanOrEqual( 3 * 60 * 48_000 );
	const spoken = stage
		.paths()
		.filter( ( path ) => path.endsWith( '/audio/speech' ) );
	expect( spoken.length ).toBeLessThan( sentences.length );
} );
