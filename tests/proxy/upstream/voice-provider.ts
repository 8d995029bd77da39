/**
 * Makes a provider that hears and speaks over a real socket, and collects what it gives.
 */
import { loadCatalog, type Model } from '../../../proxy/src/models/catalog.ts';
import type { Usage } from '../../../proxy/src/ledger/usage.ts';
import type { FinishReason } from '../../../proxy/src/upstream/chat.ts';
import type { Providers } from '../../../proxy/src/upstream/providers.ts';
import { UpstreamError } from '../../../proxy/src/upstream/upstream-error.ts';
import type {
	AudioChatPiece,
	AudioChatRequest,
	SpeechRequest,
	TranscriptionRequest,
	VoiceProvider,
} from '../../../proxy/src/upstream/voice.ts';
import { tone, wav } from '../../support/speech/index.ts';
import { providersOf } from './configured-providers.ts';

/** Finds a model of the shipped catalog. */
export function shippedModel( id: string, more: Partial< Model > = {} ): Model {
	const model = loadCatalog( undefined ).model( id );
	if ( ! model ) {
		throw new Error( `The shipped catalog has no ${ id }.` );
	}
	return { ...model, ...more };
}

/** Configures one provider at an address. */
export function voiceAt(
	baseUrl: string,
	entry: object = {},
	options: Parameters< typeof providersOf >[ 1 ] = {}
): { providers: Providers; voice: VoiceProvider } {
	const providers = providersOf(
		{ house: { kind: 'openai', baseUrl, ...entry } },
		options
	);
	const voice = providers.voice( 'house' );
	if ( ! voice ) {
		throw new Error( 'There is no such provider.' );
	}
	return { providers, voice };
}

/** A recording: so many seconds of a tone, as WAV. */
export function recording( seconds = 2 ): TranscriptionRequest[ 'audio' ] {
	return {
		bytes: wav( tone( seconds * 1_000 ), 16_000 ),
		mimeType: 'audio/wav',
		seconds,
	};
}

const CALL = {
	priority: 'visitor',
	get signal() {
		return new AbortController().signal;
	},
} as const;

/** Asks for a transcription; the answer or what went wrong. */
export async function hear(
	voice: VoiceProvider,
	more: Partial< TranscriptionRequest > = {}
) {
	try {
		const heard = await voice.transcribe( {
			...CALL,
			model: shippedModel( 'gpt-transcribe' ),
			audio: recording(),
			language: undefined,
			keywords: [],
			...more,
		} );
		return { ...heard, error: undefined };
	} catch ( error ) {
		return { text: undefined, usage: undefined, error: upstream( error ) };
	}
}

/** What came of speech, or of a spoken answer. */
export interface Spoken {
	pcm: Buffer;
	transcript: string;
	usage: Usage | undefined;
	finishReason: FinishReason | undefined;
	audioId: { id: string; expiresAtMs: number | undefined } | undefined;
	/** The kinds of the pieces in their order, repetitions left out. */
	order: string[];
	error: UpstreamError | undefined;
}

/** Asks for speech and reads all of it; `onPiece` looks at each piece. */
export function say(
	voice: VoiceProvider,
	more: Partial< SpeechRequest > = {},
	onPiece: ( piece: AudioChatPiece ) => unknown = () => undefined
): Promise< Spoken > {
	return collect(
		voice.speak( {
			...CALL,
			model: shippedModel( 'gpt-4o-mini-tts' ),
			text: 'You may return a tent within sixty days.',
			voice: { name: 'marin', instructions: '' },
			language: 'en',
			maxOutputTokens: 1_000,
			...more,
		} ),
		onPiece
	);
}

/** Asks an audio chat model and reads the whole answer. */
export function talk(
	voice: VoiceProvider,
	more: Partial< AudioChatRequest > = {},
	onPiece: ( piece: AudioChatPiece ) => unknown = () => undefined
): Promise< Spoken > {
	return collect(
		voice.converse( {
			...CALL,
			model: shippedModel( 'gpt-audio-1.5' ),
			messages: [
				{ role: 'system', content: 'Answer in one sentence.' },
				{ role: 'user', audio: recording() },
			],
			voice: { name: 'cedar', instructions: '' },
			maxOutputTokens: 1_000,
			promptCacheKey: 'shop',
			...more,
		} ),
		onPiece
	);
}

async function collect(
	groups: AsyncIterable< AudioChatPiece[] >,
	onPiece: ( piece: AudioChatPiece ) => unknown
): Promise< Spoken > {
	const spoken: Spoken = {
		pcm: Buffer.alloc( 0 ),
		transcript: '',
		usage: undefined,
		finishReason: undefined,
		audioId: undefined,
		order: [],
		error: undefined,
	};
	try {
		for await ( const pieces of groups ) {
			for ( const piece of pieces ) {
				if ( spoken.order.at( -1 ) !== piece.kind ) {
					spoken.order.push( piece.kind );
				}
				add( spoken, piece );
				await onPiece( piece );
			}
		}
	} catch ( error ) {
		spoken.error = upstream( error );
	}
	return spoken;
}

function add( spoken: Spoken, piece: AudioChatPiece ): void {
	switch ( piece.kind ) {
		case 'audio':
			if ( piece.pcm.length % 2 || piece.pcm.byteOffset % 2 ) {
				throw new Error( 'A piece is not made of whole samples.' );
			}
			spoken.pcm = Buffer.concat( [ spoken.pcm, piece.pcm ] );
			break;
		case 'transcript':
			spoken.transcript += piece.delta;
			break;
		case 'usage':
			spoken.usage = piece.usage;
			break;
		case 'audio_id':
			spoken.audioId = { id: piece.id, expiresAtMs: piece.expiresAtMs };
			break;
		case 'end':
			spoken.finishReason = piece.finishReason;
	}
}

function upstream( error: unknown ): UpstreamError {
	if ( error instanceof UpstreamError ) {
		return error;
	}
	throw error;
}
