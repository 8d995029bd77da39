/**
 * Puts the recordings of an article together into one file and hands it to the visitor.
 */
import { fetchSpeech } from '../../shared/voice/playback/stored-speech.ts';
import type { StoredSpeech } from '../../shared/voice/playback/playback.ts';
import type { Segment } from './sentences.ts';
import type { Strings } from './strings.ts';

const RATE = 24_000;

/** Fetches what is missing, joins everything and lets the browser save it. */
export async function downloadAll( {
	segments,
	speech,
	title,
	say,
	strings,
}: {
	segments: readonly Segment[];
	speech: ( segment: number ) => Promise< StoredSpeech >;
	title: string;
	say: ( sentence: string ) => void;
	strings: Strings;
} ): Promise< void > {
	say( strings.downloading );
	try {
		const pieces: Array< Int16Array< ArrayBuffer > > = [];
		for ( const [ at, segment ] of segments.entries() ) {
			if ( segment.sentences.length > 0 ) {
				const { url } = segment.speech ?? ( await speech( at ) );
				const samples = fetchSpeech( url, 0, {
					file: {},
					fetch: ( input, init ) => fetch( input, init ),
					signal: AbortSignal.timeout( 60_000 ),
				} );
				for await ( const piece of samples ) {
					pieces.push( piece );
				}
			}
		}
		const address = URL.createObjectURL(
			new Blob( [ header( pieces ), ...pieces ], { type: 'audio/wav' } )
		);
		const link = document.createElement( 'a' );
		link.href = address;
		link.download = `${ title.replace( /[\\/:*?"<>|]+/g, ' ' ).trim() || 'docent' }.wav`;
		link.click();
		// Not at once: the browser takes it only after this turn.
		setTimeout( () => URL.revokeObjectURL( address ), 60_000 );
		say( '' );
	} catch {
		say( strings.downloadFailed );
	}
}

/** Writes the head of a WAV file: PCM16, mono. */
function header( pieces: readonly Int16Array[] ): ArrayBuffer {
	const bytes = pieces.reduce(
		( sum, { byteLength } ) => sum + byteLength,
		0
	);
	const view = new DataView( new ArrayBuffer( 44 ) );
	const write = ( at: number, text: string ) =>
		[ ...text ].forEach( ( sign, i ) =>
			view.setUint8( at + i, sign.charCodeAt( 0 ) )
		);
	write( 0, 'RIFF' );
	view.setUint32( 4, 36 + bytes, true );
	write( 8, 'WAVEfmt ' );
	view.setUint32( 16, 16, true );
	view.setUint16( 20, 1, true );
	view.setUint16( 22, 1, true );
	view.setUint32( 24, RATE, true );
	view.setUint32( 28, RATE * 2, true );
	view.setUint16( 32, 2, true );
	view.setUint16( 34, 16, true );
	write( 36, 'data' );
	view.setUint32( 40, bytes, true );
	return view.buffer;
}
