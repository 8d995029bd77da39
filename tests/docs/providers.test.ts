/**
 * The page about providers names everything that the code knows, and its example starts a proxy.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../proxy/src/config.ts';
import { FAILURE_CODES } from '../../proxy/src/upstream/diagnosis.ts';
import { PRESETS, PROVIDER_KINDS } from '../../proxy/src/upstream/quirks.ts';

const page = readFileSync(
	new URL( '../../docs/providers.md', import.meta.url ),
	'utf8'
);

describe( 'docs/providers.md', () => {
	it( 'names every kind, every quirk and every code', () => {
		const missing = [
			...PROVIDER_KINDS,
			...Object.keys( PRESETS.compatible ),
			...FAILURE_CODES,
		].filter( ( name ) => ! page.includes( `\`${ name }\`` ) );
		expect( missing ).toEqual( [] );
	} );

	it( 'has an example that is taken as it stands', () => {
		const [ , example = '' ] = /```json\n([^]*?)```/.exec( page ) ?? [];
		const folder = mkdtempSync( join( tmpdir(), 'docent-docs-' ) );
		const path = join( folder, 'providers.json' );
		writeFileSync( path, example );
		const { providers } = readConfig( {
			DOCENT_SITE_ID: 'shop',
			DOCENT_SITE_SECRET: 'a'.repeat( 40 ),
			DOCENT_SITE_ORIGINS: 'https://shop.example',
			DOCENT_PROVIDERS_FILE: path,
			GROQ_API_KEY: 'a',
			AZURE_OPENAI_KEY: 'b',
			DASHSCOPE_API_KEY: 'c',
		} );
		rmSync( folder, { recursive: true } );
		expect( providers ).toHaveLength( 4 );
	} );
} );
