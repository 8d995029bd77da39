/**
 * Hears what a page plays: a second worklet on the same wire to the loudspeaker keeps every sample.
 */
import type { BrowserContext, Page } from 'playwright-core';

/** What came out of a page. */
export interface Heard {
	pcm: Int16Array;
	sampleRate: number;
}

/** Where a server of ours has {@link EAR_SOURCE}, for pages whose content policy allows files only. */
export const EAR_PATH = '/docent-test-ear.js';

/** The second worklet. */
export const EAR_SOURCE = `
registerProcessor( 'docent-test-ear', class extends AudioWorkletProcessor {
	process( [ input ] ) {
		this.port.postMessage( { time: currentTime, samples: input[ 0 ] ? input[ 0 ].slice() : new Float32Array( 128 ) } );
		return true;
	}
} );`;

/** Lets every page of a context be heard. Call it before the pages are opened. */
export async function giveEars( context: BrowserContext ): Promise< void > {
	await context.addInitScript(
		( [ path, source ] ) => {
			const ear = { samples: [] as Float32Array[], rate: 0 };
			Object.assign( window, { docentEar: ear } );
			const taps = new WeakMap<
				BaseAudioContext,
				Promise< AudioNode >
			>();
			const tapOf = ( sound: BaseAudioContext ): Promise< AudioNode > => {
				let node = taps.get( sound );
				if ( ! node ) {
					const { audioWorklet } = sound;
					node = audioWorklet
						.addModule( path )
						.catch( () =>
							audioWorklet.addModule(
								URL.createObjectURL(
									new Blob( [ source ], {
										type: 'text/javascript',
									} )
								)
							)
						)
						.then( () => {
							const made = new AudioWorkletNode(
								sound,
								'docent-test-ear',
								{
									numberOfOutputs: 0,
									channelCount: 1,
									channelCountMode: 'explicit',
								}
							);
							ear.rate = sound.sampleRate;
							made.port.onmessage = ( { data } ) =>
								ear.samples.push( data.samples );
							return made;
						} );
					taps.set( sound, node );
				}
				return node;
			};
			const Native = window.AudioContext;
			window.AudioContext = class extends Native {
				constructor( options?: AudioContextOptions ) {
					super( options );
					void tapOf( this );
				}
			};
			const { connect } = AudioNode.prototype;
			AudioNode.prototype.connect = function (
				this: AudioNode,
				...parts: unknown[]
			) {
				const [ target ] = parts;
				if ( target instanceof AudioDestinationNode ) {
					void tapOf( this.context ).then( ( node ) =>
						( connect as ( ...all: unknown[] ) => unknown ).call(
							this,
							node
						)
					);
				}
				return ( connect as ( ...all: unknown[] ) => never ).apply(
					this,
					parts
				);
			} as typeof connect;
		},
		[ EAR_PATH, EAR_SOURCE ] as const
	);
}

/** Returns what was heard of a page since the last call. */
export async function heardOf( page: Page ): Promise< Heard > {
	const { base64, rate } = await page.evaluate( () => {
		const { docentEar: ear } = window as unknown as {
			docentEar: { samples: Float32Array[]; rate: number };
		};
		const pieces = ear.samples.splice( 0 );
		const pcm = new Int16Array( pieces.length * 128 );
		pieces.forEach( ( piece, at ) =>
			piece.forEach( ( value, i ) => {
				pcm[ at * 128 + i ] =
					Math.max( -1, Math.min( 1, value ) ) * 32_767;
			} )
		);
		const bytes = new Uint8Array( pcm.buffer );
		let text = '';
		for ( let i = 0; i < bytes.length; i += 8_192 ) {
			text += String.fromCharCode( ...bytes.subarray( i, i + 8_192 ) );
		}
		return { base64: btoa( text ), rate: ear.rate };
	} );
	const bytes = Buffer.from( base64, 'base64' );
	const pcm = new Int16Array( bytes.length / 2 );
	new Uint8Array( pcm.buffer ).set( bytes );
	return { pcm, sampleRate: rate };
}

/** The largest step between neighbouring samples: a click is a step that speech does not make. */
export function largestStep( pcm: Int16Array ): number {
	let most = 0;
	for ( let i = 1; i < pcm.length; i++ ) {
		most = Math.max(
			most,
			Math.abs( ( pcm[ i ] ?? 0 ) - ( pcm[ i - 1 ] ?? 0 ) )
		);
	}
	return most;
}

/** Leaves out the silence before the first and after the last loud sample. */
export function trimmed( { pcm, sampleRate }: Heard ): Heard {
	const isLoud = ( sample: number ) => Math.abs( sample ) > 40;
	const first = pcm.findIndex( isLoud );
	const last = pcm.findLastIndex( isLoud );
	return {
		pcm: first < 0 ? new Int16Array( 0 ) : pcm.slice( first, last + 1 ),
		sampleRate,
	};
}
