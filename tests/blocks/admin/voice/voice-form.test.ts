/**
 * Checks that saving voice sends what was changed, valid for the proxy, and nothing else.
 */
import { describe, expect, it } from 'vitest';
import {
	DAY_MINUTES,
	LIVE_MINUTES,
	QUESTION_SECONDS,
	reversedVoice,
	voiceForm,
	voicePatch,
} from '../../../../blocks/admin/voice/voice-form.ts';
import {
	isNameRepeated,
	KNOWN_VOICES,
	MAX_ROLES,
	MAX_VOICE_INSTRUCTIONS,
	NEW_ROLE,
	readRoles,
} from '../../../../blocks/admin/voice/roles.ts';
import type { VoiceSettings } from '../../../../blocks/admin/types.ts';
import {
	DEFAULT_SETTINGS,
	settingsPatchSchema,
} from '../../../../proxy/src/settings.ts';

const kept: VoiceSettings = {
	...DEFAULT_SETTINGS.voice,
	enabled: true,
	realtime: false,
	voice: 'alloy',
	voiceSecondsDay: 1_800,
	abilities: null,
};
const asked = { isMadeAhead: false };
const saved = voiceForm( kept, asked );

/** Says whether the proxy takes a part of its section `voice`. */
const isTaken = ( voice: object ) =>
	settingsPatchSchema.safeParse( { voice } ).success;

describe( 'voicePatch', () => {
	it( 'is empty when nothing was changed', () => {
		expect( voicePatch( saved, saved ) ).toEqual( {} );
	} );

	it( 'holds what was changed, in the units of the proxy', () => {
		const patch = voicePatch(
			{
				...saved,
				realtime: true,
				speech: 'browser',
				voice: ' nova ',
				questionSeconds: '30',
				liveMinutes: '5',
				dayMinutes: '90',
				isMadeAhead: true,
			},
			saved
		);
		expect( patch ).toEqual( {
			voice: {
				realtime: true,
				speech: 'browser',
				voice: 'nova',
				maxQuestionSeconds: 30,
				liveMaxSeconds: 300,
				voiceSecondsDay: 5_400,
			},
			readAloud: { isMadeAhead: true },
		} );
		expect( reversedVoice( patch ?? {}, kept, asked ) ).toEqual( {
			voice: {
				realtime: false,
				speech: 'provider',
				voice: 'alloy',
				maxQuestionSeconds: 60,
				liveMaxSeconds: 600,
				voiceSecondsDay: 1_800,
			},
			readAloud: { isMadeAhead: false },
		} );
	} );

	it( 'leaves alone what was set to a part of a minute, until it is changed', () => {
		const odd = voiceForm( { ...kept, liveMaxSeconds: 90 }, asked );
		expect( odd.liveMinutes ).toBe( '2' );
		expect( voicePatch( { ...odd, download: true }, odd ) ).toEqual( {
			voice: { download: true },
		} );
	} );

	it.each( [
		[ 'questionSeconds', '4' ],
		[ 'questionSeconds', '121' ],
		[ 'dayMinutes', 'much' ],
		[ 'voice', ' ' ],
	] as const )( 'refuses %s of %j', ( name, typed ) => {
		expect(
			voicePatch( { ...saved, [ name ]: typed }, saved )
		).toBeUndefined();
	} );

	it( 'minds no mistake that is not on the screen', () => {
		const wrong = { ...saved, questionSeconds: '1', liveMinutes: '0' };
		expect( voicePatch( { ...wrong, enabled: false }, saved ) ).toEqual( {
			voice: { enabled: false },
		} );
		expect(
			voicePatch( { ...wrong, questionSeconds: '60' }, saved )
		).toEqual( {} );
		expect(
			voicePatch(
				{ ...wrong, questionSeconds: '60', realtime: true },
				saved
			)
		).toBeUndefined();
	} );

	it( 'takes what the proxy takes, and no more', () => {
		for ( const [ range, name, unit ] of [
			[ QUESTION_SECONDS, 'maxQuestionSeconds', 1 ],
			[ LIVE_MINUTES, 'liveMaxSeconds', 60 ],
		] as const ) {
			expect( isTaken( { [ name ]: range.min * unit } ) ).toBe( true );
			expect( isTaken( { [ name ]: range.max * unit } ) ).toBe( true );
			expect( isTaken( { [ name ]: ( range.min - 1 ) * unit } ) ).toBe(
				false
			);
			expect( isTaken( { [ name ]: ( range.max + 1 ) * unit } ) ).toBe(
				false
			);
		}
		expect(
			settingsPatchSchema.safeParse( {
				limits: { voiceSecondsDay: DAY_MINUTES.max * 60 },
			} ).success
		).toBe( true );
		const instructions = 'x'.repeat( MAX_VOICE_INSTRUCTIONS );
		expect( isTaken( { instructions } ) ).toBe( true );
		expect( isTaken( { instructions: instructions + 'x' } ) ).toBe( false );
	} );
} );

describe( 'voice roles', () => {
	const role = ( name: string, id = '' ) => ( { ...NEW_ROLE, id, name } );
	const ids = ( ...rows: ReturnType< typeof role >[] ) =>
		readRoles( rows )?.map( ( { id } ) => id );

	it( 'get an id of their name, which stays when the name changes', () => {
		expect( ids( role( ' Émile, the storyteller! ' ) ) ).toEqual( [
			'emile-the-storyteller',
		] );
		expect( ids( role( 'Emma', 'emile-the-storyteller' ) ) ).toEqual( [
			'emile-the-storyteller',
		] );
	} );

	it( 'in other scripts get ids too, and no two the same', () => {
		expect(
			ids(
				role( '讲故事的人' ),
				role( 'المرشد' ),
				role( 'Guide' ),
				role( 'Guide', 'voice' ),
				role( 'guide!' )
			)
		).toBeUndefined();
		expect(
			ids(
				role( '讲故事的人' ),
				role( 'المرشد' ),
				role( 'Guide' ),
				role( 'guide!' ),
				role( 'Old one', 'voice' )
			)
		).toEqual( [ 'voice-2', 'voice-3', 'guide', 'guide-2', 'voice' ] );
	} );

	it( 'are taken by the proxy, however long their names', () => {
		const rows = Array.from( { length: MAX_ROLES }, ( _, index ) =>
			role( 'a'.repeat( 70 ) + ` ${ index }` )
		);
		const roles = readRoles( rows );
		expect( new Set( roles?.map( ( { id } ) => id ) ).size ).toBe(
			MAX_ROLES
		);
		expect( isTaken( { roles } ) ).toBe( true );
		expect(
			isTaken( { roles: [ ...( roles ?? [] ), role( 'b', 'b' ) ] } )
		).toBe( false );
	} );

	it( 'need a name of their own and a voice', () => {
		expect( ids( role( ' ' ) ) ).toBeUndefined();
		expect( ids( { ...role( 'A' ), voice: '' } ) ).toBeUndefined();
		expect( isNameRepeated( [ role( 'A' ), role( 'a ' ) ], 1 ) ).toBe(
			true
		);
		expect( isNameRepeated( [ role( 'A' ), role( 'a ' ) ], 0 ) ).toBe(
			false
		);
	} );

	it( 'offer no voice that the proxy would refuse', () => {
		for ( const voice of KNOWN_VOICES ) {
			expect(
				isTaken( { roles: [ { ...role( 'A', 'a' ), voice } ] } )
			).toBe( true );
		}
	} );
} );
