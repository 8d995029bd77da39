/**
 * Checks what a block offers before anybody changes it, and that switching voice leaves the rest alone.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
	USUAL_MODALITIES,
	withVoice,
} from '../../../../blocks/assistant/edit/attributes.ts';

const { attributes } = JSON.parse(
	readFileSync(
		new URL( '../../../../blocks/assistant/block.json', import.meta.url ),
		'utf8'
	)
) as { attributes: Record< string, { default: unknown } > };

describe( 'a new block', () => {
	it( 'can be asked in writing and by voice, in the assistant’s own voice', () => {
		expect( attributes.modalities?.default ).toEqual( USUAL_MODALITIES );
		expect( attributes.voiceRole?.default ).toBe( '' );
	} );
} );

describe( 'withVoice', () => {
	it( 'switches voice and keeps the order that blocks are saved in', () => {
		expect( withVoice( [ 'text' ], true ) ).toEqual( USUAL_MODALITIES );
		expect( withVoice( USUAL_MODALITIES, true ) ).toEqual(
			USUAL_MODALITIES
		);
		expect( withVoice( [ 'text', 'voice', 'image' ], false ) ).toEqual( [
			'text',
			'image',
		] );
	} );
} );
