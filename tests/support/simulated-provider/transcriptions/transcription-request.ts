/**
 * Reads a request for a transcription and turns away what the real API turns away.
 */
import type { Refusal } from '../behaviour.ts';
import type { FormFile } from '../form.ts';
import type { TranscriptionRequest } from '../voice-behaviour.ts';
import { VOICE_PRICES } from '../voice-prices.ts';
import {
	type AudioKind,
	kindOf,
	readAudio,
	type ReadAudio,
} from './audio-bytes.ts';

const FORMATS =
	"['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']";
const MAX_BYTES = 26_214_400;
const MIN_SECONDS = 0.1;

/** What a file may be called, and which type its part of the form may name, by what it really is. */
const NAMES: Record< AudioKind, { endings: string[]; types: string[] } > = {
	wav: {
		endings: [ 'wav' ],
		types: [ 'audio/wav', 'audio/x-wav', 'audio/wave' ],
	},
	ogg: { endings: [ 'ogg', 'oga' ], types: [ 'audio/ogg' ] },
	webm: { endings: [ 'webm' ], types: [ 'audio/webm', 'video/webm' ] },
	mp3: {
		endings: [ 'mp3', 'mpga', 'mpeg' ],
		types: [ 'audio/mpeg', 'audio/mp3' ],
	},
	mp4: { endings: [ 'mp4', 'm4a' ], types: [ 'audio/mp4', 'audio/x-m4a' ] },
	flac: { endings: [ 'flac' ], types: [ 'audio/flac' ] },
};

const FIELDS = [
	...[ 'file', 'model', 'language', 'languages', 'keywords', 'prompt' ],
	...[ 'response_format', 'temperature', 'include', 'stream' ],
	...[ 'timestamp_granularities', 'chunking_strategy' ],
];

/** Refuses as the API does. */
export function invalid(
	message: string,
	param: string | null = null,
	code: string | null = null,
	status = 400
): Refusal {
	return {
		kind: 'refusal',
		status,
		error: { message, type: 'invalid_request_error', code, param },
	};
}

/** Checks a form and its file. */
export async function readTranscriptionRequest(
	body: unknown,
	files: ReadonlyMap< string, Uint8Array >
): Promise<
	{ request: TranscriptionRequest; audio: ReadAudio } | { refusal: Refusal }
> {
	const bytes = files.get( 'file' );
	if ( typeof body !== 'object' || body === null || ! bytes ) {
		return {
			refusal: invalid(
				"Missing required parameter: 'file'.",
				'file',
				'missing_required_parameter'
			),
		};
	}
	const fields = body as Record< string, unknown >;
	const file = fields.file as FormFile;
	const refusal = fieldRefusal( fields ) ?? fileRefusal( file, bytes );
	if ( refusal ) {
		return { refusal };
	}
	const audio = await readAudio( bytes );
	if ( ! audio ) {
		return {
			refusal: invalid(
				'Audio file might be corrupted or unsupported',
				'file',
				'invalid_value'
			),
		};
	}
	if ( audio.seconds < MIN_SECONDS ) {
		return {
			refusal: invalid(
				'Audio file is too short. Minimum audio length is 0.1 seconds.',
				'file',
				'audio_too_short'
			),
		};
	}
	return {
		audio,
		request: {
			model: String( fields.model ),
			...( typeof fields.language === 'string'
				? { language: fields.language }
				: {} ),
			keywords: ( fields.keywords as string[] | undefined ) ?? [],
			isStream: fields.stream === 'true',
			fileName: file.name,
			seconds: audio.seconds,
		},
	};
}

function fieldRefusal(
	fields: Record< string, unknown >
): Refusal | undefined {
	const unknown = Object.keys( fields ).find(
		( name ) => ! FIELDS.includes( name )
	);
	if ( unknown !== undefined ) {
		return invalid(
			`Unknown parameter: '${ unknown }'.`,
			unknown,
			'unknown_parameter'
		);
	}
	const model = String( fields.model ?? '' );
	if ( model === '' ) {
		return invalid( 'you must provide a model parameter' );
	}
	if ( VOICE_PRICES[ model ]?.api !== 'transcription' ) {
		return invalid(
			`The model \`${ model }\` does not exist or you do not have access to it.`,
			null,
			'model_not_found',
			404
		);
	}
	const format = fields.response_format ?? 'json';
	if (
		format !== 'json' &&
		! ( model === 'whisper-1' && format === 'text' )
	) {
		return invalid(
			`response_format '${ String( format ) }' is not compatible with model '${ model }'. Use 'json' instead.`,
			'response_format',
			'unsupported_value'
		);
	}
	const language = fields.language;
	return typeof language === 'string' && ! /^[a-z]{2,3}$/.test( language )
		? invalid(
				`Invalid language '${ language }'. Language parameter must be specified in ISO-639-1 format.`,
				'language',
				'invalid_language_format'
			)
		: undefined;
}

/** The API goes by the name of a file and by its first bytes; a name that says something else is refused. */
function fileRefusal( file: FormFile, bytes: Uint8Array ): Refusal | undefined {
	if ( bytes.length > MAX_BYTES ) {
		return invalid(
			`413: Maximum content size limit (${ MAX_BYTES }) exceeded (${ bytes.length } bytes read)`,
			null,
			null,
			413
		);
	}
	const kind = kindOf( bytes );
	const names = kind && NAMES[ kind ];
	const ending = /\.([a-z0-9]+)$/i.exec( file.name )?.[ 1 ]?.toLowerCase();
	const type = file.type.split( ';' )[ 0 ]?.trim() ?? '';
	if (
		! names ||
		! names.endings.includes( ending ?? '' ) ||
		! [ ...names.types, '', 'application/octet-stream' ].includes( type )
	) {
		return invalid(
			`Invalid file format. Supported formats: ${ FORMATS }`,
			'file'
		);
	}
	return undefined;
}
