/**
 * Looks at what spoken questions and answers hold of the memory.
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

	it( 'that fills up while an answer is spoken leaves the rest to be read and unpaid, and is free for the next', async () => {
		stage = await startVoiceStage( {
			maxSoundBytes: RECORDING.length + 200_000,
			settings: { cache: { enabled: false } },
		} );
		let round = 0;
		// Other sentences each time: none is remembered.
		stage.provider.setDefault( {
			text: () =>
				`${ Array.from( { length: 8 }, ( _, index ) => `Parcel ${ index } of round ${ round } costs 4.90 euros to be shipped.` ).join( ' ' ) } Above 80 euros it is free.`,
		} );
		const spoken = () =>
			stage
				?.paths()
				.filter( ( path ) => path.endsWith( '/audio/speech' ) ).length;
		for ( round = 1; round <= 2; round++ ) {
			const events = await stage.say( 'How much is shipping?' );
			expect( textOf( events ) ).toContain( 'Above 80 euros' );
			expect( eventsOf( events, 'notice' ) ).toEqual( [
				{ code: 'no_speech', message: '' },
			] );
			expect( speechBytes( events ) ).toBeGreaterThan( 0 );
			expect( speechBytes( events ) ).toBeLessThan( 100_000 );
			expect( spoken() ).toBeLessThanOrEqual( 3 * round );
		}
		expect( ( await stage.money() ).held ).toBe( 0 );
	} );
} );
