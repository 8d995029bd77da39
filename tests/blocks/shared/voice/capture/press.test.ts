/**
 * One button, two ways: a tap begins and another ends; held, it ends when it is let go.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { createPress } from '../../../../../blocks/shared/voice/capture/press.ts';

let time: number;
let isReady: boolean;
let isLive: boolean;
let begun: number;
let ended: number;
let press: ReturnType< typeof createPress >;

beforeEach( () => {
	time = 1_000;
	isReady = true;
	isLive = true;
	begun = 0;
	ended = 0;
	press = createPress( {
		isReady: () => isReady,
		isBegun: () => begun > ended,
		isLive: () => isLive,
		begin: () => void begun++,
		end: () => void ended++,
		now: () => time,
	} );
} );

/** Presses for so long; the browser's click follows. */
function hold( ms: number ): void {
	press.down();
	time += ms;
	press.up();
	press.click();
}

describe( 'a button', () => {
	it( 'that is tapped begins, and goes on until it is tapped again', () => {
		hold( 80 );
		expect( [ begun, ended ] ).toEqual( [ 1, 0 ] );
		time += 3_000;
		hold( 80 );
		expect( [ begun, ended ] ).toEqual( [ 1, 1 ] );
	} );

	it( 'that is held ends when it is let go', () => {
		hold( 2_000 );
		expect( [ begun, ended ] ).toEqual( [ 1, 1 ] );
	} );

	it( 'that is let go before the microphone is open goes on as after a tap', () => {
		isLive = false;
		hold( 2_000 );
		expect( [ begun, ended ] ).toEqual( [ 1, 0 ] );
	} );

	it( 'that is clicked twice in a row has begun once and goes on', () => {
		hold( 60 );
		time += 120;
		hold( 60 );
		expect( [ begun, ended ] ).toEqual( [ 1, 0 ] );
	} );

	it( 'that is clicked without a press, as a screen reader does, begins and ends', () => {
		press.click();
		time += 3_000;
		press.click();
		expect( [ begun, ended ] ).toEqual( [ 1, 1 ] );
	} );

	it( 'that was held with a key, which brings no click, hears the click of a screen reader later', () => {
		press.down();
		time += 2_000;
		press.up();
		time += 2_000;
		press.click();
		expect( [ begun, ended ] ).toEqual( [ 2, 1 ] );
	} );

	it( 'whose press the system takes away goes on as after a tap', () => {
		press.down();
		time += 900;
		press.lose();
		press.up();
		expect( [ begun, ended ] ).toEqual( [ 1, 0 ] );
	} );

	it( 'of somebody who has not agreed yet begins with the click and not with the press', () => {
		isReady = false;
		expect( press.down() ).toBe( false );
		expect( begun ).toBe( 0 );
		press.up();
		press.click();
		expect( begun ).toBe( 1 );
	} );
} );
