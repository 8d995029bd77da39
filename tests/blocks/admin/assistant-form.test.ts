/**
 * Checks that saving the assistant sends what was changed and nothing else.
 */
import { describe, expect, it } from 'vitest';
import {
	assistantForm,
	assistantPatch,
	type AssistantForm,
} from '../../../blocks/admin/assistant-form.ts';

const saved: AssistantForm = assistantForm( {
	assistant: { name: 'Guide', instructions: 'Be brief.' },
	launcher: { isEnabled: false, position: 'end' },
	retention: { conversationHours: 24, callDays: 90 },
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

describe( 'the hours', () => {
	it.each( [
		[ '1', 1 ],
		[ ' 25 ', 25 ],
		[ '8760', 8_760 ],
	] )( 'are read from %j', ( hours, conversationHours ) => {
		expect( assistantPatch( { ...saved, hours }, saved ) ).toEqual( {
			retention: { conversationHours },
		} );
	} );

	it.each( [ '0', '8761', '1.5', '-1', '', '999999999999' ] )(
		'are refused as %j',
		( hours ) => {
			expect(
				assistantPatch( { ...saved, hours }, saved )
			).toBeUndefined();
		}
	);
} );

describe( 'the days of the call log', () => {
	it( 'are saved alone, and with the hours', () => {
		expect( assistantPatch( { ...saved, callDays: '30' }, saved ) ).toEqual(
			{ retention: { callDays: 30 } }
		);
		expect(
			assistantPatch( { ...saved, hours: '2', callDays: '30' }, saved )
		).toEqual( { retention: { conversationHours: 2, callDays: 30 } } );
	} );

	it.each( [ '0', '3651', 'for ever' ] )(
		'are refused as %j',
		( callDays ) => {
			expect(
				assistantPatch( { ...saved, callDays }, saved )
			).toBeUndefined();
		}
	);
} );
