/**
 * Opens the microphone and hands over what it hears, in frames of 20 ms at the rate that is wanted; closes it so that its light goes out.
 */
import type { CaptureFrame } from './frame.ts';

/** An open microphone. */
export interface Microphone {
	readonly track: MediaStreamTrack | undefined;
	/** Lets go of the device at once. Resolves when the last frame was handed over. */
	close(): Promise< void >;
}

export interface MicrophoneHooks {
	onFrame( frame: CaptureFrame ): void;
	/** The device was unplugged, or taken away. */
	onGone(): void;
	/** The device, its switch or the system keeps it silent (`true`), or no longer does. */
	onMute( isMuted: boolean ): void;
}

/** How long the audio thread may take for its last frame; a context that was interrupted never hands one over. */
const LAST_FRAME_MS = 200;

const CONSTRAINTS = {
	channelCount: 1,
	// `all` takes out what the page and a screen reader say as well, where the browser knows it.
	echoCancellation: { ideal: 'all' },
	noiseSuppression: true,
	autoGainControl: true,
};

/**
 * Opens it. `context` is resumed already or will be; `workletUrl` is the folder of the worklets; `sampleRate` is in samples a second.
 * Rejects with what `getUserMedia` throws, or with a {@link WorkletMissing}.
 */
export async function openMicrophone( {
	context,
	workletUrl,
	sampleRate,
	onFrame,
	onGone,
	onMute,
}: MicrophoneHooks & {
	context: AudioContext;
	workletUrl: string;
	sampleRate: number;
} ): Promise< Microphone > {
	const loading = loadWorklet( context, workletUrl );
	// Told below, where it is awaited; until then it is nobody's.
	loading.catch( () => {} );
	const stream = await getStream();
	const [ track ] = stream.getAudioTracks();
	const release = () => stream.getTracks().forEach( ( each ) => each.stop() );
	try {
		await loading;
	} catch ( error ) {
		release();
		throw error;
	}
	const source = context.createMediaStreamSource( stream );
	const node = new AudioWorkletNode( context, 'docent-capture', {
		channelCount: 1,
		channelCountMode: 'explicit',
		processorOptions: { sampleRate },
	} );
	let finished = () => {};
	const isFinished = new Promise< void >( ( resolve ) => {
		finished = resolve;
	} );
	node.port.onmessage = ( { data }: MessageEvent< CaptureFrame > ) => {
		if ( data.samples.length > 0 ) {
			onFrame( data );
		} else {
			finished();
		}
	};
	track?.addEventListener( 'ended', onGone );
	track?.addEventListener( 'mute', () => onMute( true ) );
	track?.addEventListener( 'unmute', () => onMute( false ) );
	if ( track?.muted ) {
		onMute( true );
	}
	// What it puts out is silence; some browsers run only what leads to the loudspeaker.
	source.connect( node ).connect( context.destination );

	return {
		track,
		async close() {
			track?.removeEventListener( 'ended', onGone );
			node.port.postMessage( 'over' );
			release();
			source.disconnect();
			await Promise.race( [
				isFinished,
				new Promise( ( resolve ) =>
					setTimeout( resolve, LAST_FRAME_MS )
				),
			] );
			node.port.onmessage = null;
			node.disconnect();
		},
	};
}

async function getStream(): Promise< MediaStream > {
	const { mediaDevices } = navigator;
	try {
		return await mediaDevices.getUserMedia( {
			audio: CONSTRAINTS as unknown as MediaTrackConstraints,
		} );
	} catch ( error ) {
		// A browser that knows no other echo cancellation than yes and no.
		if ( ! ( error instanceof TypeError ) ) {
			throw error;
		}
		return mediaDevices.getUserMedia( {
			audio: { ...CONSTRAINTS, echoCancellation: true },
		} );
	}
}

/** Says that a file did not arrive. */
export class WorkletMissing extends Error {}

const loaded = new WeakMap< AudioContext, Promise< void > >();

function loadWorklet(
	context: AudioContext,
	workletUrl: string
): Promise< void > {
	let loading = loaded.get( context );
	if ( ! loading ) {
		loading = context.audioWorklet
			.addModule( workletUrl.replace( /\?|$/, 'capture.js$&' ) )
			.catch( ( cause ) => {
				loaded.delete( context );
				throw new WorkletMissing( '', { cause } );
			} );
		loaded.set( context, loading );
	}
	return loading;
}
