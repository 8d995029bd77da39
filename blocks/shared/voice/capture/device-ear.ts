/**
 * Lets the browser write down what is said, if it does so on the device itself and the owner wants that: then no recording is sent.
 */

/** What is used of the browser's speech recognition; not in TypeScript's libraries yet. */
interface Recognition extends EventTarget {
	lang: string;
	continuous: boolean;
	processLocally: boolean;
	start( track?: MediaStreamTrack ): void;
	stop(): void;
	abort(): void;
}

interface RecognitionEvent extends Event {
	results: Iterable< { 0: { transcript: string } | undefined } >;
}

/** The browser's constructor of recognitions, as far as it is used. */
export interface RecognitionClass {
	new (): Recognition;
	available?( options: {
		langs: string[];
		processLocally: boolean;
	} ): Promise< string >;
}

export interface DeviceEar {
	/** Resolves with what was heard; empty when that is nothing, or takes too long. */
	finish(): Promise< string >;
	cancel(): void;
}

/** The last words are waited for so long; the recording is there as well. */
const LAST_WORDS_MS = 1_500;

/** Opens it; undefined where the browser cannot, or would send the sound elsewhere. Never rejects. */
export async function openDeviceEar(
	language: string,
	track: MediaStreamTrack | undefined,
	Recognition = ( globalThis as { SpeechRecognition?: RecognitionClass } )
		.SpeechRecognition
): Promise< DeviceEar | undefined > {
	let words: string[] = [];
	try {
		const isHere = await Recognition?.available?.( {
			langs: [ language ],
			processLocally: true,
		} );
		if ( ! Recognition || isHere !== 'available' ) {
			return undefined;
		}
		const recognition = new Recognition();
		recognition.lang = language;
		recognition.continuous = true;
		recognition.processLocally = true;
		recognition.addEventListener( 'result', ( event ) => {
			words = Array.from(
				( event as RecognitionEvent ).results,
				( result ) => result[ 0 ]?.transcript.trim() ?? ''
			);
		} );
		const ended = new Promise( ( resolve ) =>
			recognition.addEventListener( 'end', resolve )
		);
		recognition.start( track );
		return {
			async finish() {
				recognition.stop();
				let isWhole = false;
				await Promise.race( [
					ended.then( () => ( isWhole = true ) ),
					new Promise( ( resolve ) =>
						setTimeout( resolve, LAST_WORDS_MS )
					),
				] );
				recognition.abort();
				return isWhole ? words.join( ' ' ).trim() : '';
			},
			cancel: () => recognition.abort(),
		};
	} catch {
		// What it cannot do is done by the proxy.
		return undefined;
	}
}
