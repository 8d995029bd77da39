/**
 * Checks that the panel has words for every state of a live conversation, and for all that the proxy says of one.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = ( path: string ) =>
	readFileSync( new URL( `../../../${ path }`, import.meta.url ), 'utf8' );
const words = read( 'blocks/assistant/render.php' );
const frames = read( 'proxy/src/voice/live/frames.ts' );

/** The names in a union of the source. */
const namesIn = ( source: string, pattern: RegExp ) =>
	[ ...( pattern.exec( source )?.[ 1 ] ?? '' ).matchAll( /'(\w+)'/g ) ].map(
		( [ , name ] ) => name as string
	);
const states = namesIn(
	read( 'blocks/shared/voice/live/live-parts.ts' ),
	/type LiveState =(.*?);/s
);
const reasons = namesIn( frames, /type EndReason =(.*?);/s );
const notices = namesIn( frames, /type: 'notice';\s*code:(.*?);/s );

/** Said with the words of any conversation that cannot be had, or by what ended it. */
const WITHOUT_WORDS = new Set( [ 'economy', 'shutdown', 'forgotten' ] );

describe( 'the words of live conversations', () => {
	it( 'are read from where states, ends and notices are named', () => {
		expect( states ).toContain( 'restoring' );
		expect( reasons ).toContain( 'idle' );
		expect( notices ).toContain( 'time_nearly_over' );
	} );

	it.each( states.filter( ( state ) => state !== 'ended' ) )(
		'name the state %s',
		( state ) => {
			expect( words ).toContain( `'live_${ state }'` );
		}
	);

	it.each( [
		...reasons.filter( ( reason ) => ! WITHOUT_WORDS.has( reason ) ),
		'lost',
		'elsewhere',
		'unplugged',
	] )( 'say why it ended: %s', ( reason ) => {
		expect( words ).toContain( `'live_end_${ reason }'` );
	} );

	it.each( notices )( 'have a sentence for the notice %s', ( code ) => {
		expect( words ).toContain( `'notice_live_${ code }'` );
	} );
} );
