/**
 * Reads a request for speech and turns away what the real API turns away.
 */
import type { Refusal } from '../behaviour.ts';
import { invalid } from '../transcriptions/transcription-request.ts';
import type { SpeechRequest } from '../voice-behaviour.ts';
import { VOICE_PRICES } from '../voice-prices.ts';

/** Voices of the provider. */
export const VOICES: readonly string[] = [
	...[ 'alloy', 'ash', 'ballad', 'coral', 'echo', 'fable', 'onyx', 'nova' ],
	...[ 'sage', 'shimmer', 'verse', 'marin', 'cedar' ],
];

const MAX_CHARACTERS = 4_096;
/** Compressed formats are not simulated; they are refused as a value that is not supported. */
const FORMATS = [ 'pcm', 'wav' ];

/** Says whether a value names a voice. */
export function isVoice( value: unknown ): boolean {
	return typeof value === 'string'
		? VOICES.includes( value )
		: typeof ( value as { id?: unknown } | null )?.id === 'string';
}

/** Checks a body. */
export function readSpeechRequest(
	body: unknown,
	nowMs: number
): { request: SpeechRequest } | { refusal: Refusal } {
	const fields = ( body ?? {} ) as Record< string, unknown >;
	const refusal = speechRefusal( fields, nowMs );
	return refusal
		? { refusal }
		: {
				request: {
					model: String( fields.model ),
					input: String( fields.input ),
					voice: String( fields.voice ),
					...( typeof fields.instructions === 'string'
						? { instructions: fields.instructions }
						: {} ),
					responseFormat: String( fields.response_format ?? 'mp3' ),
					isStream: fields.stream_format === 'sse',
				},
			};
}

function speechRefusal(
	fields: Record< string, unknown >,
	nowMs: number
): Refusal | undefined {
	const model = String( fields.model ?? '' );
	const terms = VOICE_PRICES[ model ];
	if (
		terms?.api !== 'speech' ||
		( terms.shutdownDate !== null &&
			nowMs >= Date.parse( terms.shutdownDate ) )
	) {
		return invalid(
			`The model \`${ model }\` does not exist or you do not have access to it.`,
			null,
			'model_not_found',
			404
		);
	}
	if ( typeof fields.input !== 'string' || fields.input === '' ) {
		return invalid(
			"Missing required parameter: 'input'.",
			'input',
			'missing_required_parameter'
		);
	}
	if ( fields.input.length > MAX_CHARACTERS ) {
		return invalid(
			`Invalid 'input': string too long. Expected a string with maximum length ${ MAX_CHARACTERS }, but got a string with length ${ fields.input.length } instead.`,
			'input',
			'string_above_max_length'
		);
	}
	if ( ! isVoice( fields.voice ) ) {
		return invalid(
			`Invalid value: '${ String( fields.voice ) }'. Supported values are: ${ VOICES.map( ( name ) => `'${ name }'` ).join( ', ' ) }.`,
			'voice',
			'invalid_value'
		);
	}
	const format = String( fields.response_format ?? 'mp3' );
	if ( ! FORMATS.includes( format ) ) {
		return invalid(
			`Invalid value: '${ format }'. The simulated provider gives 'pcm' and 'wav' only.`,
			'response_format',
			'unsupported_value'
		);
	}
	if ( fields.stream_format === 'sse' && terms.perMillionCharacters > 0 ) {
		return invalid(
			`stream_format 'sse' is not supported with model '${ model }'.`,
			'stream_format',
			'unsupported_value'
		);
	}
	return undefined;
}
