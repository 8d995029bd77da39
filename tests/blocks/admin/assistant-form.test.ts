/**
 * Checks that saving the assistant sends what was changed and nothing else.
 */
import { describe, expect, it } from 'vitest';
import {
	assistantForm,
	assistantPatch,
	readHours,
	type AssistantForm,
} from '../../../blocks/admin/assistant-form.ts';

const saved: AssistantForm = assistantForm( {
	assistant: { name: 'Guide', instructions: 'Be brief.' },
	launcher: { isEnabled: false, position: 'end' },
	retention: { conversationHours: 24 },
} );

describe( 'assistantPatch', () => {
	it( 'is empty when nothing was changed', () => {
		expect( assistantPatch( saved, saved ) ).toEqual( {} );
	} );

	it( 'leaves the proxy alone when only the button was switched on', () => {
		expect(
			assistantPatch( { ...saved, isLauncherEnabled: true }, saved )
		).toEqual( { launcher: { isEnabled: true, position: 'end' } } );
	} );

	it( 'trims what was written', () => {
		expect(
			assistantPatch(
				{ ...saved, name: ' Ranger ', instructions: ' Be kind. \n' },
				saved
			)
		).toEqual( {
			assistant: { name: 'Ranger', instructions: 'Be kind.' },
		} );
	} );

	it( 'turns around into the change that takes it back', () => {
		const changed = { ...saved, hours: '48', name: 'Ranger' };
		expect( assistantPatch( saved, changed ) ).toEqual( {
			assistant: { name: 'Guide' },
			retention: { conversationHours: 24 },
		} );
	} );

	it( 'is refused with hours that are no number', () => {
		expect(
			assistantPatch( { ...saved, hours: 'a day' }, saved )
		).toBeUndefined();
	} );
} );

describe( 'readHours', () => {
	it.each( [
		[ '1', 1 ],
		[ ' 24 ', 24 ],
		[ '8760', 8_760 ],
		[ '0', undefined ],
		[ '8761', undefined ],
		[ '1.5', undefined ],
		[ '-1', undefined ],
		[ '', undefined ],
		[ '999999999999', undefined ],
	] )( 'reads %j as %j', ( typed, hours ) => {
		expect( readHours( typed ) ).toBe( hours );
	} );
} );
