import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	createPassUpFilter,
	PASS_UP_WORD,
} from '../../../proxy/src/ask/pass-up.ts';

/** Sends a text through a filter in pieces, and returns what would be shown. */
function filtered( pieces: string[], isOffered = true ) {
	const filter = createPassUpFilter( isOffered );
	let shown = '';
	for ( const piece of pieces ) {
		shown += filter.push( piece );
	}
	shown += filter.finish();
	return { shown, isPassedUp: filter.isPassedUp };
}

/** Cuts a text at the given places. */
function cut( text: string, places: number[] ): string[] {
	const at = [
		...new Set( places.map( ( place ) => place % ( text.length + 1 ) ) ),
	].sort( ( a, b ) => a - b );
	return [ 0, ...at ].map( ( from, index ) =>
		text.slice( from, at[ index ] ?? text.length )
	);
}

const cuts = fc.array( fc.nat( 200 ), { maxLength: 12 } );

describe( 'a reply that passes the question up', () => {
	it.each( [
		PASS_UP_WORD,
		`  ${ PASS_UP_WORD }\n`,
		`**${ PASS_UP_WORD }**`,
		'"[[PASS-UP]]"',
		'[[pass_up]]',
		'[[pass up]]',
		'pass-up',
		'PASS-UP.',
		`${ PASS_UP_WORD }\n[[docent]] mood=neutral confident=no handoff=no used=1`,
	] )( 'is recognised and never shown, however it is cut: %j', ( reply ) => {
		fc.assert(
			fc.property( cuts, ( places ) => {
				expect( filtered( cut( reply, places ) ) ).toEqual( {
					shown: '',
					isPassedUp: true,
				} );
			} )
		);
	} );
} );

describe( 'any other reply', () => {
	it.each( [
		'Pass up the trail on the left and turn right.',
		'pass-up valves cost 4.90 euros.',
		'Passports are checked at the door.',
		'[[passage]] 4 says so.',
		'P',
		'',
		'**Yes.** It costs 4.90 euros.',
		'„Ja“, sagt die Seite.',
		'是的，五到七天。',
	] )( 'is shown whole, however it is cut: %j', ( reply ) => {
		fc.assert(
			fc.property( cuts, ( places ) => {
				expect( filtered( cut( reply, places ) ) ).toEqual( {
					shown: reply,
					isPassedUp: false,
				} );
			} )
		);
	} );

	it( 'is shown whole whatever it says, with the word or without it offered', () => {
		fc.assert(
			fc.property(
				fc.string( { unit: 'binary', maxLength: 120 } ),
				cuts,
				fc.boolean(),
				( text, places, isOffered ) => {
					fc.pre( ! /pass|\[/i.test( text ) );
					expect(
						filtered( cut( text, places ), isOffered ).shown
					).toBe( text );
				}
			)
		);
	} );

	it( 'loses the word where a visitor talked the model into writing it, and keeps the rest', () => {
		fc.assert(
			fc.property( cuts, fc.boolean(), ( places, isOffered ) => {
				const reply = `It costs ${ PASS_UP_WORD }4.90 euros [1].`;
				expect( filtered( cut( reply, places ), isOffered ) ).toEqual( {
					shown: 'It costs 4.90 euros [1].',
					isPassedUp: false,
				} );
			} )
		);
	} );

	it( 'is empty when it is only the word and the word was not offered', () => {
		expect( filtered( [ '[[pass', '-up]]' ], false ) ).toEqual( {
			shown: '',
			isPassedUp: false,
		} );
	} );

	it( 'that was cut inside the word shows no piece of it', () => {
		expect( filtered( [ 'It costs ', '[[pas' ] ).shown ).toBe(
			'It costs '
		);
		expect( filtered( [ '[[pas' ] ) ).toEqual( {
			shown: '',
			isPassedUp: false,
		} );
	} );
} );
