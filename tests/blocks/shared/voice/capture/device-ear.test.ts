/**
 * The browser writes speech down only where it does so on the device. No browser of a test can: a stand-in is spoken to instead.
 */
import { describe, expect, it } from 'vitest';
import { openDeviceEar } from '../../../../../blocks/shared/voice/capture/device-ear.ts';
import type { RecognitionClass } from '../../../../../blocks/shared/voice/capture/device-ear.ts';

/** A browser whose recognition is `availability` on the device and hears `heard`. */
function browserWith( availability: string, heard: string[] = [] ) {
	const asked: unknown[] = [];
	const done: string[] = [];
	class Recognition extends EventTarget {
		lang = '';
		continuous = false;
		processLocally = false;
		static async available( options: unknown ) {
			asked.push( options );
			return availability;
		}
		start() {
			done.push( `start ${ this.lang } ${ this.processLocally }` );
		}
		stop() {
			done.push( 'stop' );
			this.dispatchEvent(
				Object.assign( new Event( 'result' ), {
					results: heard.map( ( transcript ) => [ { transcript } ] ),
				} )
			);
			this.dispatchEvent( new Event( 'end' ) );
		}
		abort() {
			done.push( 'abort' );
		}
	}
	return {
		Recognition: Recognition as unknown as RecognitionClass,
		asked,
		done,
	};
}

describe( 'speech recognition of the browser', () => {
	it( 'on the device gives the words', async () => {
		const browser = browserWith( 'available', [
			'may I return',
			' boots ',
		] );
		const ear = await openDeviceEar(
			'en-GB',
			undefined,
			browser.Recognition
		);
		expect( await ear?.finish() ).toBe( 'may I return boots' );
		expect( browser.asked ).toEqual( [
			{ langs: [ 'en-GB' ], processLocally: true },
		] );
		expect( browser.done ).toEqual( [
			'start en-GB true',
			'stop',
			'abort',
		] );
	} );

	it.each( [ 'downloadable', 'downloading', 'unavailable' ] )(
		'that is %s on the device is left alone: nothing is fetched, and nothing sent elsewhere',
		async ( availability ) => {
			const browser = browserWith( availability );
			expect(
				await openDeviceEar( 'en', undefined, browser.Recognition )
			).toBeUndefined();
			expect( browser.done ).toEqual( [] );
		}
	);

	it( 'that is not there, or knows no device, is left alone', async () => {
		expect( await openDeviceEar( 'en', undefined ) ).toBeUndefined();
		const { Recognition } = browserWith( 'available' );
		Object.assign( Recognition, { available: undefined } );
		expect(
			await openDeviceEar( 'en', undefined, Recognition )
		).toBeUndefined();
	} );

	it( 'that heard nothing gives no words', async () => {
		const { Recognition } = browserWith( 'available' );
		const ear = await openDeviceEar( 'en', undefined, Recognition );
		expect( await ear?.finish() ).toBe( '' );
	} );
} );
