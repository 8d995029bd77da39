/**
 * What is said in a live conversation, as turns of the log.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import {
	EMPTY_CONVERSATION,
	reduceConversation,
} from '../../../blocks/shared/conversation.ts';
import type { Conversation } from '../../../blocks/shared/conversation.ts';
import type { LiveEvent } from '../../../blocks/shared/voice/live/live-parts.ts';
import { createLiveTurns } from '../../../blocks/shared/voice/live/live-turns.ts';
import type { LiveTurns } from '../../../blocks/shared/voice/live/live-turns.ts';

let conversation: Conversation;
let isSpeaking: boolean;
let turns: LiveTurns;
beforeEach( () => {
	let count = 0;
	conversation = EMPTY_CONVERSATION;
	isSpeaking = false;
	turns = createLiveTurns( {
		dispatch( action ) {
			conversation = reduceConversation( conversation, action );
		},
		isSpeaking: () => isSpeaking,
		makeKey: () => `key-${ ++count }`,
	} );
} );

const heard = ( itemId: string, text: string, isFinal = true ) =>
	turns.follow( { type: 'heard', itemId, text, isFinal } );
const said = ( itemId: string, ...words: string[] ) =>
	words.forEach( ( delta ) =>
		turns.follow( { type: 'said', itemId, delta } )
	);
const follow = ( event: LiveEvent ) => turns.follow( event );
const shown = () =>
	conversation.turns.map( ( { question, text, status } ) => ( {
		question,
		text,
		status,
	} ) );

describe( 'a question', () => {
	it( 'grows as it is heard, and its answer as it is said, with sources', () => {
		follow( {
			type: 'ready',
			sessionId: 's',
			conversationId: 'c',
			remainingMs: 1,
		} );
		heard( 'q', 'How long', false );
		expect( shown() ).toEqual( [
			{ question: 'How long', text: '', status: 'waiting' },
		] );
		heard( 'q', 'How long is delivery?' );
		follow( { type: 'speech', itemId: 'a' } );
		follow( {
			type: 'sources',
			itemId: 'a',
			sources: [ { id: 1, title: 'Shipping', url: '/shipping/' } ],
		} );
		said( 'a', 'Three', ' days.' );
		expect( shown() ).toEqual( [
			{
				question: 'How long is delivery?',
				text: 'Three days.',
				status: 'answering',
			},
		] );
		follow( { type: 'speech_end', itemId: 'a', durationMs: 900 } );
		expect( shown()[ 0 ]?.status ).toBe( 'done' );
		expect( conversation.turns[ 0 ]?.sources[ 0 ]?.title ).toBe(
			'Shipping'
		);
		expect( conversation.turns[ 0 ]?.isSpoken ).toBe( true );
		expect( conversation.id ).toBe( 'c' );
	} );

	it( 'that goes on after a pause, or in writing, is one', () => {
		heard( 'q1', 'How long can I' );
		heard( 'q2', 'return', false );
		heard( 'q2', 'return gear' );
		turns.wrote( 'that is unused?' );
		expect( shown() ).toEqual( [
			{
				question: 'How long can I return gear that is unused?',
				text: '',
				status: 'waiting',
			},
		] );
	} );

	it( 'that turns out to be none is taken away again', () => {
		heard( 'q', 'uh', false );
		heard( 'q', '' );
		expect( shown() ).toEqual( [] );
	} );

	it( 'heard while the assistant speaks is shown once it is sure', () => {
		isSpeaking = true;
		heard( 'q', 'uh', false );
		expect( shown() ).toEqual( [] );
		heard( 'q', 'And boots?' );
		expect( shown() ).toHaveLength( 1 );
	} );
} );

describe( 'an answer that is broken off', () => {
	beforeEach( () => {
		heard( 'q', 'How long?' );
		follow( { type: 'speech', itemId: 'a' } );
		said( 'a', 'You can return', ' it within', ' sixty days.' );
	} );

	it( 'keeps the whole words that were heard, and what still comes of it is left out', () => {
		follow( { type: 'broken', itemId: 'a', heardMs: 500, share: 0.5 } );
		said( 'a', ' Or not.' );
		follow( { type: 'speech_end', itemId: 'a', durationMs: 500 } );
		expect( shown() ).toEqual( [
			{
				question: 'How long?',
				text: 'You can return it',
				status: 'stopped',
			},
		] );
	} );

	it( 'after its last word is whole', () => {
		follow( { type: 'speech_end', itemId: 'a', durationMs: 1_000 } );
		follow( { type: 'broken', itemId: 'a', heardMs: 1_000, share: 1 } );
		expect( shown()[ 0 ] ).toMatchObject( {
			text: 'You can return it within sixty days.',
			status: 'done',
		} );
	} );

	it( 'by the end of the conversation is stopped, and so is a question without an answer', () => {
		heard( 'q2', 'And boots?' );
		turns.close();
		expect( shown().map( ( { status } ) => status ) ).toEqual( [
			'stopped',
			'stopped',
		] );
	} );
} );

it( 'what the proxy says of its own is no turn', () => {
	follow( { type: 'speech', itemId: 'w' } );
	said( 'w', 'We have about half a minute left.' );
	follow( { type: 'speech_end', itemId: 'w', durationMs: 900 } );
	expect( shown() ).toEqual( [] );
} );
