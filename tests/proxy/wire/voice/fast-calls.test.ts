/**
 * Prebuilt calls look like calls, so that a load run measures the proxy and not their strangeness.
 */
import { afterEach, describe, expect, it } from 'vitest';
import {
	loadOracle,
	ORACLE_LEFT_OUT,
} from '../../../support/openapi/oracle.ts';
import {
	type SimulatedProvider,
	startSimulatedProvider,
} from '../../../support/simulated-provider/index.ts';
import {
	asDescribed,
	eventSchema,
} from '../../../support/simulated-provider/realtime/wire.ts';
import { samplesOf, tone } from '../../../support/speech/index.ts';
import { openCall, setUpCall } from './call-client.ts';

const oracle = loadOracle();

describe( 'a prebuilt call', () => {
	let provider: SimulatedProvider;
	afterEach( () => provider.close() );

	it( `goes through a turn and an answer${ oracle ? '' : `, ${ ORACLE_LEFT_OUT }` }`, async () => {
		provider = await startSimulatedProvider( { fast: { chunks: 1 } } );
		const call = await openCall( provider.baseUrl );
		await setUpCall( call );
		call.say( tone( 200, { sampleRate: 24_000 } ) );
		call.send( { type: 'input_audio_buffer.commit' } );
		await call.next(
			'conversation.item.input_audio_transcription.completed'
		);
		call.send( { type: 'response.create' } );
		const begun = await call.next( 'response.output_audio.delta' );
		call.send( { type: 'response.cancel' } );
		const ended = await call.next( 'response.done' );
		call.send( { type: 'response.create' } );
		const next = await call.next( 'response.output_audio.delta' );
		expect( ended.response.id ).toBe( begun.response_id );
		expect( next.response_id ).not.toBe( begun.response_id );
		expect( provider.bill.totalNanoUsd ).toBeGreaterThan( 0 );
		expect(
			call.events.flatMap(
				( event ) =>
					oracle?.(
						eventSchema( 'Server', event.type ),
						asDescribed( event )
					) ?? []
			)
		).toEqual( [] );
		call.close();
	} );

	it( 'sends audio straight back when it is to be an echo', async () => {
		provider = await startSimulatedProvider( {
			fast: { chunks: 1, isEcho: true },
		} );
		const call = await openCall( provider.baseUrl );
		call.send( { type: 'response.create' } );
		const said = tone( 300, { sampleRate: 24_000 } );
		call.say( said );
		for ( let piece = 0; piece < 3; piece++ ) {
			await call.next( 'response.output_audio.delta' );
		}
		expect( call.spoken() ).toEqual(
			samplesOf( new Uint8Array( said.buffer ) )
		);
		call.close();
	} );
} );
