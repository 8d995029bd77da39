import { describe, expect, it } from 'vitest';
import {
	readAudio,
	readAudioInTurns,
} from '../../../../proxy/src/voice/audio/read-audio.ts';
import { noise, wav } from '../../../support/speech/index.ts';

describe( 'a recording that takes long to read', () => {
	it( 'leaves everything else its turn, and comes to the same', async () => {
		// No small ratio leads from this rate to the one that is sent, and eight megabytes of it are as much as may come.
		const recording = wav(
			noise( 40_000, { sampleRate: 95_999 } ),
			95_999
		);
		let turns = 0;
		let isRead = false;
		const count = () => {
			turns++;
			if ( ! isRead ) {
				setImmediate( count );
			}
		};
		setImmediate( count );
		const audio = await readAudioInTurns( recording );
		isRead = true;
		expect( turns ).toBeGreaterThan( 10 );
		expect( audio ).toEqual( readAudio( recording ) );
	} );
} );
