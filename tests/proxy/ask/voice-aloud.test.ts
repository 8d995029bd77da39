import { afterEach, describe, expect, it } from 'vitest';
import { faults } from '../../support/simulated-provider/index.ts';
import type { WireEvent } from '../../support/proxy/sse.ts';
import {
	eventsOf,
	speechBytes,
	startVoiceStage,
	textOf,
	type VoiceStage,
} from './voice-stage.ts';

let stage: VoiceStage;
afterEach( () => stage.close() );

const COSTS = 'How much is shipping?';
const EXPRESSIVE = { voice: { expressive: true } };

interface AudioChatBody {
	model: string;
	modalities?: string[];
	audio?: { voice: string };
	messages: Array< {
		role: string;
		content?: string | Array< { type: string; text?: string } >;
		audio?: { id: string };
	} >;
}

const audioChats = (): AudioChatBody[] =>
	stage.provider.journal.entries
		.map( ( { body } ) => body as AudioChatBody )
		.filter( ( { modalities } ) => modalities?.includes( 'audio' ) );

async function expectExactMoney() {
	const { spent, held, billed } = await stage.money();
	expect( held ).toBe( 0 );
	expect( spent ).toBe( billed );
}

describe( 'where an audio chat model answers', () => {
	it( 'it hears the visitor, speaks from the passages, and what it says can be read', async () => {
		stage = await startVoiceStage( { settings: EXPRESSIVE } );
		const events = await stage.say( COSTS );
		expect( textOf( events ) ).toContain( '4.90' );
		expect( speechBytes( events ) ).toBeGreaterThan( 24_000 );
		expect( eventsOf( events, 'sources' ) ).toMatchObject( [
			[ { title: 'Shipping' } ],
		] );
		expect( events.at( -1 )?.data ).toMatchObject( {
			finishReason: 'stop',
			tier: 'expressive',
		} );
		const [ asked ] = audioChats();
		expect( asked ).toMatchObject( {
			model: 'gpt-audio-1.5',
			audio: { voice: 'alloy' },
		} );
		const last = asked?.messages.at( -1 )?.content;
		expect(
			Array.isArray( last ) && last.map( ( { type } ) => type )
		).toEqual( expect.arrayContaining( [ 'text', 'input_audio' ] ) );
		expect( JSON.stringify( asked ) ).not.toContain( '[[docent]]' );
		expect(
			( await stage.calls() ).map( ( { kind, tier } ) => [ kind, tier ] )
		).toEqual( [
			[ 'transcription', 'none' ],
			[ 'answer', 'expressive' ],
		] );
		await expectExactMoney();
	} );

	it( 'the next question goes with the sound of the answer before, and with its words once that is gone', async () => {
		let now = Date.now();
		stage = await startVoiceStage( {
			settings: EXPRESSIVE,
			clock: () => now,
		} );
		const [ turn ] = await stage.say( COSTS );
		const { conversationId } = ( turn as WireEvent ).data;
		await stage.say( 'And when is it free of charge?', { conversationId } );
		expect( audioChats()[ 1 ]?.messages[ 2 ]?.audio?.id ).toMatch(
			/^audio_/
		);
		now += 3 * 3_600_000;
		await stage.say( 'And when is it free then?', { conversationId } );
		const later = audioChats()[ 2 ]?.messages.filter(
			( { role } ) => role === 'assistant'
		);
		expect( later?.some( ( { audio } ) => audio ) ).toBe( false );
		expect( later?.[ 0 ]?.content ).toContain( '4.90' );
	} );

	it( 'and it fails, the question is answered and spoken in the usual way', async () => {
		stage = await startVoiceStage( { settings: EXPRESSIVE } );
		stage.provider.script( {
			...faults.serverError(),
			when: ( { model } ) => model === 'gpt-audio-1.5',
		} );
		const events = await stage.say( COSTS );
		expect( textOf( events ) ).toBe( 'Shipping costs 4.90 euros.' );
		expect( speechBytes( events ) ).toBeGreaterThan( 24_000 );
		expect( events.at( -1 )?.data.tier ).toBe( 'economy' );
		await expectExactMoney();
	} );

	it( 'and there is too little money for it, the question is answered in the usual way', async () => {
		stage = await startVoiceStage( {
			settings: {
				...EXPRESSIVE,
				limits: { visitorDayNanoUsd: 30_000_000 },
			},
		} );
		const events = await stage.say( COSTS );
		expect( events.at( -1 )?.data.tier ).toBe( 'economy' );
		expect( audioChats() ).toEqual( [] );
		await expectExactMoney();
	} );

	it( 'a typed question is not its business', async () => {
		stage = await startVoiceStage( { settings: EXPRESSIVE } );
		await stage.proxy.events( COSTS, { body: { speech: true } } );
		expect( audioChats() ).toEqual( [] );
	} );

	it( 'a question that was asked before is served from the cache', async () => {
		stage = await startVoiceStage( { settings: EXPRESSIVE } );
		await stage.proxy.events( COSTS );
		const events = await stage.say( COSTS );
		expect( events.at( -1 )?.data.cache ).toBe( 'exact' );
		expect( audioChats() ).toEqual( [] );
	} );
} );
