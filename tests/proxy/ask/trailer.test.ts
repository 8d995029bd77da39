import { describe, expect, it } from 'vitest';
import { createTrailerFilter } from '../../../proxy/src/ask/trailer.ts';

const ANSWER = 'Returns take 60 days [sic].\n\nWrite to us.';
const LINE = '\n[[docent]] mood=upset confident=no handoff=yes used=2,1';

function run( pieces: string[] ) {
	const filter = createTrailerFilter();
	const shown = pieces.map( ( piece ) => filter.push( piece ) );
	const { text, trailer } = filter.finish();
	return { text: shown.join( '' ) + text, trailer };
}

describe( 'the trailer of an answer', () => {
	it( 'is read and never shown, wherever the stream is cut into pieces', () => {
		const whole = ANSWER + LINE;
		for ( let size = 1; size <= whole.length; size++ ) {
			const pieces =
				whole.match( new RegExp( `[^]{1,${ size }}`, 'g' ) ) ?? [];
			expect( run( pieces ) ).toEqual( {
				text: ANSWER,
				trailer: {
					mood: 'upset',
					confident: false,
					handoff: true,
					used: [ 2, 1 ],
				},
			} );
		}
	} );

	it( 'shows no piece of the separator when the stream is cut inside it', () => {
		for ( let length = 0; length <= '\n[[docent]]'.length; length++ ) {
			const { text } = run( [
				ANSWER,
				'\n[[docent]]'.slice( 0, length ),
			] );
			expect( text ).toBe( ANSWER );
		}
	} );

	it( 'leaves brackets of the answer alone', () => {
		expect( run( [ 'See [', '1] and [[', 'x]].' ] ).text ).toBe(
			'See [1] and [[x]].'
		);
	} );

	it( 'is absent when the model wrote none, and never invents numbers', () => {
		expect( run( [ 'Yes.' ] ).trailer ).toBeUndefined();
		expect(
			run( [ 'Yes.\n[[docent]] mood=furious used=a,-1,0,3' ] ).trailer
		).toEqual( {
			mood: 'neutral',
			confident: true,
			handoff: false,
			used: [ 3 ],
		} );
	} );
} );
