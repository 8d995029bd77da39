/**
 * Checks that the panel has a sentence for everything the proxy can say went wrong or is different.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { failureOfCode } from '../../../blocks/shared/failure.ts';

const read = ( path: string ) =>
	readFileSync( new URL( `../../../${ path }`, import.meta.url ), 'utf8' );
const words = read( 'blocks/assistant/render.php' );

const [ , statuses = '' ] =
	/const STATUS = \{(.*?)\}/s.exec( read( 'proxy/src/errors.ts' ) ) ?? [];
const codes = [ ...statuses.matchAll( /^\t(\w+):/gm ) ].map(
	( [ , code ] ) => code as string
);
const [ , notices = '' ] =
	/notice: \{\s*code:(.*?);/s.exec( read( 'proxy/src/ask/turn.ts' ) ) ?? [];
const noticeCodes = [ ...notices.matchAll( /'(\w+)'/g ) ].map(
	( [ , code ] ) => code as string
);

/** Seen by sites and operators only. */
const NOT_FOR_VISITORS = /^(signature_|operator_)/;

describe( 'the words of the panel', () => {
	it( 'are read from where the proxy keeps its codes', () => {
		expect( codes ).toContain( 'idempotency_key_reused' );
		expect( noticeCodes ).toContain( 'economy' );
	} );

	it.each( codes.filter( ( code ) => ! NOT_FOR_VISITORS.test( code ) ) )(
		'have a sentence of their kind for %s',
		( code ) => {
			const { kind } = failureOfCode( code );
			expect( words ).toContain( `'failure_${ kind }'` );
			expect( kind === 'failed' ).toBe(
				code === 'internal' || code === 'answer_failed'
			);
		}
	);

	it.each( noticeCodes )( 'have a sentence for the notice %s', ( code ) => {
		expect( words ).toContain( `'notice_${ code }'` );
	} );
} );
