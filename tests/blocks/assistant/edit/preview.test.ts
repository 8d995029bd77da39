/**
 * Checks that what the editor shows is what render.php prints for a visitor: same icons, same words, same class names.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ICON_PATHS } from '../../../../blocks/assistant/edit/icon-paths.ts';

const block = new URL( '../../../../blocks/assistant/', import.meta.url );
const read = ( name: string ) => readFileSync( new URL( name, block ), 'utf8' );
const rendered = read( 'render.php' );
const preview = [
	'edit.tsx',
	'edit/panel-preview.tsx',
	'edit/suggestion-chips.tsx',
]
	.map( read )
	.join( '\n' );

describe( 'the preview of the assistant', () => {
	it.each( Object.entries( ICON_PATHS ) )(
		'draws the icon %s as visitors see it',
		( _name, path ) => {
			expect( rendered ).toContain( `'${ path }'` );
		}
	);

	it.each( [
		'Hello. Ask anything about %s.',
		'Ask a question',
		'AI assistant, answers from this site',
		'this site',
		'Assistant',
	] )( 'uses the standard words “%s” of the page', ( words ) => {
		expect( rendered ).toContain( `'${ words }'` );
		expect( preview ).toContain( `'${ words }'` );
	} );

	it.each( [
		'docent-panel',
		'docent-header',
		'docent-title',
		'docent-name',
		'docent-about',
		'docent-tool',
		'docent-log',
		'docent-greeting',
		'docent-suggestions',
		'docent-chip',
		'docent-foot',
		'docent-composer',
		'docent-field',
		'docent-tool docent-microphone',
		'docent-send wp-element-button',
		'docent-launcher wp-element-button',
		'docent-launcher__label',
	] )( 'wears the class “%s” of the page', ( className ) => {
		expect( rendered ).toContain( `class="${ className }"` );
		expect( preview ).toContain( `"${ className }"` );
	} );
} );
