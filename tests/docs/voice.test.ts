/**
 * The page about voice says what the shipped catalog and the settings say: prices, sums, defaults, names.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../proxy/src/models/catalog.ts';
import { priceUsage } from '../../proxy/src/ledger/pricing.ts';
import type { Usage } from '../../proxy/src/ledger/usage.ts';
import { voiceAbilities } from '../../proxy/src/routes/voice-abilities.ts';
import { DEFAULT_SETTINGS } from '../../proxy/src/settings.ts';

const page = readFileSync(
	new URL( '../../docs/voice.md', import.meta.url ),
	'utf8'
);
const catalog = loadCatalog( undefined, { providers: [] } );
const { transcription, speech, audioChat, realtime } = voiceAbilities( {
	catalog,
	providers: { names: [ 'openai' ] },
} );

const usd = ( nanoUsd: number | null | undefined, digits = 4 ) =>
	`$${ ( ( nanoUsd ?? NaN ) / 1e9 ).toFixed( digits ) }`;
const cost = ( id: string, usage: Usage ): number => {
	const model = catalog.model( id );
	if ( ! model ) {
		throw new Error( `no model ${ id }` );
	}
	return priceUsage( model, usage );
};
const row = ( start: string ) =>
	page.split( '\n' ).find( ( line ) => line.startsWith( start ) ) ?? '';

describe( 'docs/voice.md', () => {
	it( 'names the models that come with the proxy', () => {
		for ( const ability of [
			transcription,
			speech,
			audioChat,
			realtime,
		] ) {
			expect( page ).toContain( `\`${ ability?.model }\`` );
		}
	} );

	it( 'says what a minute of each kind costs', () => {
		const written = transcription?.heardMinuteNanoUsd ?? NaN;
		expect( row( '| cascade | `' ) ).toContain( usd( written ) );
		expect( row( '| cascade | `' ) ).toContain(
			usd( speech?.spokenMinuteNanoUsd )
		);
		for ( const [ start, ability ] of [
			[ '| expressive | $', audioChat ],
			[ '| live | $', realtime ],
		] as const ) {
			const heard = ability?.heardMinuteNanoUsd ?? NaN;
			expect( row( start ) ).toContain( usd( heard ) );
			expect( row( start ) ).toContain(
				`together ${ usd( heard + written ) }`
			);
			expect( row( start ) ).toContain(
				usd( ability?.spokenMinuteNanoUsd )
			);
		}
	} );

	it( 'adds up what a question costs', () => {
		const heard = cost( 'gpt-transcribe', { seconds: 6 } );
		const spoken = cost( speech?.model ?? '', { audioOut: 400 } );
		const answered = cost( 'gpt-6-luna', { textIn: 3_000, textOut: 100 } );
		expect( row( '| cascade, first time' ) ).toContain(
			`**${ usd( heard + answered + spoken ) }**`
		);
		expect( row( '| cascade, asked again' ) ).toContain(
			`**${ usd( Math.ceil( heard / 1e5 ) * 1e5 ) }**`
		);
		const expressive = cost( audioChat?.model ?? '', {
			audioIn: 60,
			audioOut: 400,
			textIn: 3_000,
			textOut: 100,
		} );
		expect( row( '| expressive | $0.00237' ) ).toContain(
			`**${ usd( heard + expressive ) }**`
		);
	} );

	it( 'adds up what ten minutes of live conversation cost', () => {
		const again = 450 * ( ( 19 * 20 ) / 2 );
		const sum =
			cost( 'gpt-transcribe', { seconds: 300 } ) +
			cost( realtime?.model ?? '', {
				audioIn: 3_000,
				audioOut: 6_000,
				audioCachedIn: again,
				textIn: 40_000,
			} );
		expect( page ).toContain( `${ again.toLocaleString( 'en' ) } at` );
		expect( row( '| **together**' ) ).toContain(
			`**${ usd( sum, 3 ) }, or ${ usd( sum / 10, 3 ) } a minute**`
		);
	} );

	it( 'has the defaults of the settings', () => {
		const { limits, voice } = DEFAULT_SETTINGS;
		expect( row( '| `limits.voiceSecondsDay`' ) ).toContain(
			`| ${ limits.voiceSecondsDay / 60 } minutes |`
		);
		expect( row( '| `voice.maxQuestionSeconds`' ) ).toContain(
			`| ${ voice.maxQuestionSeconds } s |`
		);
		expect( row( '| `voice.liveMaxSeconds`' ) ).toContain(
			`| ${ voice.liveMaxSeconds / 60 } minutes |`
		);
		for ( const name of Object.keys( voice ) ) {
			expect( page ).toMatch(
				name === 'roles' || name === 'download'
					? /Voice roles|download/
					: new RegExp( `voice\\.${ name }` )
			);
		}
	} );
} );
