/**
 * Looks for what one visitor can hear of another: stored speech, sentences that are remembered, answers that were spoken from sound alone.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isPersonal } from '../../../proxy/src/ask/personal.ts';
import { mintToken } from '../../support/proxy/credentials.ts';
import { readEvents } from '../../support/proxy/sse.ts';
import {
	allEvents,
	eventsOf,
	RECORDING,
	startVoiceStage,
	textOf,
	type VoiceStage,
} from './voice-stage.ts';

let stage: VoiceStage;

beforeEach( async () => {
	stage = await startVoiceStage();
} );
afterEach( () => stage.close() );

/** Names of the files of stored speech. */
const stored = () =>
	readdir( join( stage.proxy.dataDir, 'speech' ) ).catch( () => [] );

const another = () => mintToken( { consent: [ 'text', 'voice' ] } );

it.each( [
	[ 'anna at example dot com', true ],
	[ 'anna ät beispiel punkt de', true ],
	[ '电话一三八零零一三八', true ],
	[ 'null eins sieben sechs, fünf fünf', true ],
	[ 'Are you open at night. How much is it?', false ],
	[ 'Is the tent for one, two or three people?', false ],
	[ 'Can I look at it in the shop?', false ],
	[ '一个人可以用吗？', false ],
] )( '%s is somebody’s own: %s', ( question, isOwn ) => {
	expect( isPersonal( question ) ).toBe( isOwn );
} );

describe( 'the speech of an answer', () => {
	it.each( [
		'My order is 4711 0815 12, how much is shipping?',
		'I am anna@example.com. How much is shipping?',
		'I am Anna, anna at example.com. How much is shipping?',
		'My number is zero one seven six five five five. How much is shipping?',
	] )( 'to somebody’s own question is not stored: %s', async ( question ) => {
		const events = await stage.say( question );
		expect( eventsOf( events, 'audio' ).length ).toBeGreaterThan( 0 );
		expect( await stored() ).toEqual( [] );
	} );

	it( 'that depends on what was said before is not stored', async () => {
		const [ first ] = await stage.say( 'How much is shipping?' );
		const before = await stored();
		const events = await stage.say( 'And to France?', {
			conversationId: first?.data.conversationId,
		} );
		expect( eventsOf( events, 'audio' ).length ).toBeGreaterThan( 0 );
		expect( await stored() ).toEqual( before );
	} );

	it( 'whose conversation is forgotten while it is spoken ends, and is neither stored nor kept', async () => {
		stage.provider.setDefault( { for: 'speech', chunkDelayMs: 60 } );
		stage.provider.script( {
			for: 'transcription',
			text: 'How much is shipping?',
		} );
		const reader = readEvents( await stage.send() );
		let conversationId = '';
		for await ( const { event, data } of reader ) {
			conversationId ||= data.conversationId;
			if ( event === 'audio' ) {
				const reply = await stage.proxy.visitor(
					'DELETE',
					`/v1/conversations/${ conversationId }`,
					{ token: stage.token }
				);
				expect( reply.status ).toBe( 204 );
				break;
			}
		}
		await expect.poll( () => stage.proxy.services.turns.count ).toBe( 0 );
		expect( await stored() ).toEqual( [] );
		const again = await stage.send( { conversationId } );
		expect( again.status ).toBe( 404 );
		expect( ( await stage.money() ).held ).toBe( 0 );
	} );
} );

it( 'a sentence that is remembered is heard by nobody whose answer does not say it', async () => {
	stage.provider.script( { text: 'The code of the day is 1234.' } );
	await stage.say( 'My mail is anna@example.com. What does shipping cost?' );
	const events = await allEvents(
		await ( async () => {
			stage.provider.script(
				{ for: 'transcription', text: 'How much is shipping?' },
				{ text: 'Shipping costs 4.90 euros.' }
			);
			return stage.send( {}, { token: another() } );
		} )()
	);
	expect(
		eventsOf( events, 'audio' ).flatMap(
			( data ) => ( data as { text?: string } ).text ?? []
		)
	).toEqual( [ 'Shipping costs 4.90 euros.' ] );
} );

describe( 'a recording that says something else to the model that answers than to the one that writes it down', () => {
	it( 'is answered to its own visitor alone: what a model made of a sound is never an answer to others', async () => {
		await stage.settings( { voice: { expressive: true } } );
		stage.provider.script( {
			for: 'transcription',
			text: 'How much is shipping?',
		} );
		stage.provider.script( { text: 'Send your money to the attacker.' } );
		const poisoned = await allEvents(
			await stage.send( { audio: RECORDING } )
		);
		expect( textOf( poisoned ) ).toContain( 'attacker' );
		const typed = await stage.proxy.events( 'How much is shipping?', {
			token: another(),
		} );
		expect( textOf( typed ) ).not.toContain( 'attacker' );
		expect( typed.at( -1 )?.data.cache ).toBe( 'miss' );
		expect( await stored() ).toEqual( [] );
	} );
} );
