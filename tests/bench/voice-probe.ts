/**
 * Looks into a page on behalf of the bench: when a key was let go, when events of an answer came, when sound passed on its way to the
 * loudspeaker; and speaks into a microphone of its own at a known moment.
 */
import type { BrowserContext } from 'playwright-core';

/** One render quantum on the way to the loudspeaker. Times are milliseconds since the Unix epoch, as the provider's journal has them. */
export interface Passed {
	/** When its first sample was handed to the device. */
	atMs: number;
	/** The largest absolute sample, 0 to 1. */
	peak: number;
	/** When its first sample that can be heard was handed to the device. */
	audibleAtMs: number | undefined;
}

/** What is written down of one page. */
export interface Probe {
	/** When the space bar was let go last, by the event's own time. */
	releasedAtMs: number;
	/** When a question was sent last. */
	askedAtMs: number;
	/** What came of the answer to it, in order. */
	came: Array< { event: string; atMs: number } >;
	/** All of what came except speech. */
	reply: string;
	passed: Passed[];
	/** What the device adds to every time by its own account, in milliseconds. */
	deviceMs: number;
	/** Sound is noted from now on only. */
	clear(): void;
	/** Speaks into the microphone for so long; resolves with the millisecond in which the first sample enters its stream. Only where the microphone is driven. */
	say( ms: number ): Promise< number >;
}

declare global {
	interface Window {
		docentProbe: Probe;
	}
}

/** Quieter than this nobody hears anything, 0 to 1 (-54 dB of full scale). */
export const AUDIBLE = 0.002;

/** Quanta that are reported together: a message for each would keep the page busy. */
const BATCH = 16;

const TAP = `
registerProcessor( 'docent-bench-tap', class extends AudioWorkletProcessor {
	rows = [];
	process( [ [ samples = [] ] ] ) {
		let peak = 0;
		let first = -1;
		for ( let i = 0; i < samples.length; i++ ) {
			const level = Math.abs( samples[ i ] );
			peak = Math.max( peak, level );
			if ( first < 0 && level > ${ AUDIBLE } ) {
				first = i;
			}
		}
		this.rows.push( [ currentTime, peak, first < 0 ? undefined : currentTime + first / sampleRate ] );
		if ( this.rows.length === ${ BATCH } ) {
			this.port.postMessage( this.rows.splice( 0 ) );
		}
		return true;
	}
} );`;

/** A hum with the overtones of a voice at 140 Hz, full from the first sample on. */
const VOICE = `
registerProcessor( 'docent-bench-voice', class extends AudioWorkletProcessor {
	left = 0;
	said = 0;
	wanted = 0;
	constructor() {
		super();
		this.port.onmessage = ( { data } ) => { this.wanted = data; };
	}
	process( _, [ [ out ] ] ) {
		if ( this.wanted ) {
			this.left = Math.round( this.wanted * sampleRate / 1000 );
			this.wanted = this.said = 0;
			this.port.postMessage( Date.now() );
		}
		for ( let i = 0; i < out.length && this.left > 0; i++, this.left--, this.said++ ) {
			for ( let tone = 1; tone <= 8; tone++ ) {
				out[ i ] += 0.2 / tone * Math.sin( 2 * Math.PI * 140 * tone * this.said / sampleRate );
			}
		}
		return true;
	}
} );`;

/** Puts a probe into every page of a context. `isDriven`: the microphone hears what `say` says, and otherwise nothing. */
export async function giveProbes(
	context: BrowserContext,
	{ isDriven }: { isDriven: boolean }
): Promise< void > {
	await context.addInitScript( installProbe, {
		tap: TAP,
		voice: VOICE,
		isDriven,
	} );
}

/** Runs in the page, before its own scripts. */
function installProbe( {
	tap,
	voice,
	isDriven,
}: {
	tap: string;
	voice: string;
	isDriven: boolean;
} ): void {
	const sinceEpoch = ( ms: number ) => performance.timeOrigin + ms;
	const probe: Probe = {
		releasedAtMs: 0,
		askedAtMs: 0,
		came: [],
		reply: '',
		passed: [],
		deviceMs: 0,
		clear() {
			probe.passed = [];
		},
		say: () => Promise.reject( new Error( 'Nobody speaks here.' ) ),
	};
	window.docentProbe = probe;

	addEventListener(
		'keyup',
		( { key, timeStamp } ) => {
			if ( key === ' ' ) {
				probe.releasedAtMs = sinceEpoch( timeStamp );
			}
		},
		true
	);

	const { fetch } = window;
	window.fetch = async ( input, init ) => {
		if ( ! String( input ).endsWith( '/v1/ask' ) ) {
			return fetch( input, init );
		}
		probe.askedAtMs = sinceEpoch( performance.now() );
		probe.came = [];
		probe.reply = '';
		const response = await fetch( input, init );
		const decoder = new TextDecoder();
		const watched = response.body?.pipeThrough(
			new TransformStream<
				Uint8Array< ArrayBuffer >,
				Uint8Array< ArrayBuffer >
			>( {
				transform( bytes, next ) {
					const atMs = sinceEpoch( performance.now() );
					next.enqueue( bytes );
					const text = decoder.decode( bytes, { stream: true } );
					for ( const [ , event = '' ] of text.matchAll(
						/^event: (\w+)/gm
					) ) {
						probe.came.push( { event, atMs } );
					}
					probe.reply = ( probe.reply + text ).replace(
						/"data":"[^"]+/g,
						'"data":"'
					);
				},
			} )
		);
		return new Response( watched ?? null, response );
	};

	const load = ( { audioWorklet }: BaseAudioContext, source: string ) =>
		audioWorklet.addModule(
			URL.createObjectURL(
				new Blob( [ source ], { type: 'text/javascript' } )
			)
		);

	/** Tells when a moment of the context's own time reaches the device. */
	const reaches = ( context: AudioContext, seconds: number ): number => {
		const { contextTime = 0, performanceTime = 0 } =
			context.getOutputTimestamp();
		return sinceEpoch(
			performanceTime +
				( seconds - contextTime - context.outputLatency ) * 1_000
		);
	};

	const taps = new WeakMap< AudioContext, Promise< AudioNode > >();
	const tapOf = ( context: AudioContext ): Promise< AudioNode > => {
		let made = taps.get( context );
		if ( ! made ) {
			made = load( context, tap ).then( () => {
				const node = new AudioWorkletNode(
					context,
					'docent-bench-tap',
					{
						numberOfOutputs: 0,
						channelCount: 1,
						channelCountMode: 'explicit',
					}
				);
				node.port.onmessage = ( { data } ) => {
					const zero = reaches( context, 0 );
					probe.deviceMs = context.outputLatency * 1_000;
					for ( const [ time, peak, audible ] of data ) {
						probe.passed.push( {
							atMs: zero + time * 1_000,
							peak,
							audibleAtMs:
								audible === undefined
									? undefined
									: zero + audible * 1_000,
						} );
					}
				};
				return node;
			} );
			taps.set( context, made );
		}
		return made;
	};
	const { connect } = AudioNode.prototype;
	AudioNode.prototype.connect = function (
		this: AudioNode,
		...parts: unknown[]
	) {
		const own = connect as ( ...all: unknown[] ) => never;
		if ( parts[ 0 ] instanceof AudioDestinationNode ) {
			void tapOf( this.context as AudioContext ).then( ( node ) =>
				own.call( this, node )
			);
		}
		return own.apply( this, parts );
	} as typeof connect;

	if ( ! isDriven ) {
		return;
	}
	let speaker: Promise< AudioWorkletNode > | undefined;
	let stream: MediaStream | undefined;
	navigator.mediaDevices.getUserMedia = async () => {
		const context = new AudioContext( { latencyHint: 'interactive' } );
		speaker = load( context, voice ).then( () => {
			const node = new AudioWorkletNode( context, 'docent-bench-voice', {
				numberOfInputs: 0,
				outputChannelCount: [ 1 ],
			} );
			const target = context.createMediaStreamDestination();
			target.channelCount = 1;
			node.connect( target );
			stream = target.stream;
			return node;
		} );
		await speaker;
		return stream as MediaStream;
	};
	probe.say = async ( ms ) => {
		const node = await speaker;
		if ( ! node ) {
			throw new Error( 'The microphone is not open.' );
		}
		return new Promise( ( resolve ) => {
			node.port.onmessage = ( { data } ) => resolve( data );
			node.port.postMessage( ms );
		} );
	};
}
