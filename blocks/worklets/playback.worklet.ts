/**
 * Runs in the audio thread: gives the page's output what the playback engine plays.
 */
import { PlaybackEngine } from './playback-engine.ts';
import type { PlaybackCommand, PlaybackSetup } from './playback-messages.ts';

class PlaybackProcessor extends AudioWorkletProcessor {
	readonly #engine: PlaybackEngine;

	constructor( { processorOptions }: { processorOptions: PlaybackSetup } ) {
		super();
		this.#engine = new PlaybackEngine( {
			...processorOptions,
			rate: sampleRate,
			report: ( report ) => this.port.postMessage( report ),
		} );
		this.port.onmessage = ( { data } ) =>
			this.#engine.handle( data as PlaybackCommand );
	}

	override process(
		_: Float32Array[][],
		[ output ]: Float32Array[][]
	): boolean {
		const [ first, ...others ] = output ?? [];
		if ( ! first ) {
			return true;
		}
		const goesOn = this.#engine.render( first, currentTime );
		others.forEach( ( channel ) => channel.set( first ) );
		return goesOn;
	}
}

registerProcessor( 'docent-playback', PlaybackProcessor as never );
