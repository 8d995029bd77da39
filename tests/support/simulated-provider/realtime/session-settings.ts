/**
 * Holds the settings of a call and turns away changes that the real API turns away.
 */
import { VOICE_PRICES } from '../voice-prices.ts';
import { CallError } from './call-error.ts';
import type { TurnDetection } from './turn-detector.ts';

/** Settings of a call, in the words of the wire. */
export interface SessionSettings {
	model: string;
	instructions: string;
	output_modalities: string[];
	max_output_tokens: number | 'inf';
	tools: Array< { type: string; name: string; parameters?: object } >;
	tool_choice: unknown;
	truncation: unknown;
	audio: {
		input: {
			format: { type: string; rate?: number };
			turn_detection: TurnDetection | null;
			transcription?: { model: string; language?: string };
			noise_reduction?: object;
		};
		output: {
			format: { type: string; rate?: number };
			voice: string;
			speed: number;
		};
	};
}

type Fields = Record< string, unknown >;

const VOICES = [
	...[ 'alloy', 'ash', 'ballad', 'coral', 'echo', 'sage', 'shimmer' ],
	...[ 'verse', 'marin', 'cedar' ],
];
const PCM = { type: 'audio/pcm', rate: 24_000 };
const MAX_OUTPUT_TOKENS = 4_096;

const KNOWN = {
	session: [
		...[ 'type', 'model', 'instructions', 'output_modalities', 'audio' ],
		...[ 'tools', 'tool_choice', 'parallel_tool_calls', 'reasoning' ],
		...[
			'max_output_tokens',
			'truncation',
			'tracing',
			'include',
			'prompt',
		],
	],
	input: [ 'format', 'transcription', 'noise_reduction', 'turn_detection' ],
	output: [ 'format', 'voice', 'speed' ],
	server_vad: [
		...[ 'type', 'threshold', 'prefix_padding_ms', 'silence_duration_ms' ],
		...[ 'idle_timeout_ms', 'create_response', 'interrupt_response' ],
	],
	semantic_vad: [
		...[ 'type', 'eagerness', 'create_response', 'interrupt_response' ],
	],
};

/** What a session is set to when it begins. */
export function defaultSettings( model: string ): SessionSettings {
	return {
		model,
		instructions:
			'Your knowledge cutoff is 2024-06. You are a helpful, witty, and friendly AI.',
		output_modalities: [ 'audio' ],
		max_output_tokens: 'inf',
		tools: [],
		tool_choice: 'auto',
		truncation: 'auto',
		audio: {
			input: {
				format: PCM,
				turn_detection: withDefaults( { type: 'server_vad' } ),
			},
			output: { format: PCM, voice: 'alloy', speed: 1 },
		},
	};
}

/** Returns the settings after a change; throws {@link CallError} for what is refused. `hasSpoken`: the voice is fixed. */
export function changedSettings(
	settings: SessionSettings,
	change: unknown,
	hasSpoken: boolean
): SessionSettings {
	const fields = fieldsOf( change, 'session' );
	refuseUnknown( fields, KNOWN.session, 'session' );
	if ( fields.type !== 'realtime' ) {
		throw new CallError(
			"Missing required parameter: 'session.type'.",
			'missing_required_parameter',
			'session.type'
		);
	}
	if ( fields.model !== undefined && fields.model !== settings.model ) {
		throw new CallError(
			"Cannot update a conversation's model after it was created.",
			'invalid_value',
			'session.model'
		);
	}
	checkAnswerFields( fields, 'session' );
	const audio = fieldsOf( fields.audio, 'session.audio' );
	refuseUnknown( audio, [ 'input', 'output' ], 'session.audio' );
	const { tools, tool_choice: toolChoice, truncation } = fields;
	return {
		...settings,
		...given( {
			instructions: fields.instructions,
			output_modalities: fields.output_modalities,
			max_output_tokens: fields.max_output_tokens,
			tools,
			tool_choice: toolChoice,
			truncation,
		} ),
		audio: {
			input: changedInput( settings, audio.input ),
			output: changedOutput( settings, audio.output, hasSpoken ),
		},
	};
}

/** Checks the fields that a session and a single answer have in common. */
export function checkAnswerFields( fields: Fields, where: string ): void {
	const { output_modalities: modalities, max_output_tokens: cap } = fields;
	if (
		modalities !== undefined &&
		! [ '["audio"]', '["text"]' ].includes( JSON.stringify( modalities ) )
	) {
		throw new CallError(
			`Invalid modalities: ${ JSON.stringify( modalities ) }. Supported combinations are: ['text'] and ['audio'].`,
			'invalid_value',
			`${ where }.output_modalities`
		);
	}
	if (
		cap !== undefined &&
		cap !== 'inf' &&
		! (
			Number.isInteger( cap ) &&
			Number( cap ) >= 1 &&
			Number( cap ) <= MAX_OUTPUT_TOKENS
		)
	) {
		throw new CallError(
			`Invalid value: '${ String( cap ) }'. Expected a number from 1 to ${ MAX_OUTPUT_TOKENS }, or 'inf'.`,
			'invalid_value',
			`${ where }.max_output_tokens`
		);
	}
	if (
		fields.instructions !== undefined &&
		typeof fields.instructions !== 'string'
	) {
		throw new CallError(
			`Invalid type for '${ where }.instructions': expected a string.`,
			'invalid_type',
			`${ where }.instructions`
		);
	}
}

function changedInput(
	{ audio: { input } }: SessionSettings,
	change: unknown
): SessionSettings[ 'audio' ][ 'input' ] {
	const where = 'session.audio.input';
	const fields = fieldsOf( change, where );
	refuseUnknown( fields, KNOWN.input, where );
	checkFormat( fields.format, where );
	const { transcription, turn_detection: turns } = fields;
	if ( transcription !== undefined && transcription !== null ) {
		const model = String( ( transcription as Fields ).model );
		if ( VOICE_PRICES[ model ]?.api !== 'transcription' ) {
			throw new CallError(
				`Invalid value: '${ model }'.`,
				'invalid_value',
				`${ where }.transcription.model`
			);
		}
	}
	const next: Fields = { ...input, ...given( fields ) };
	if ( turns !== undefined && turns !== null ) {
		next.turn_detection = checkedTurns( turns );
	}
	for ( const name of [ 'transcription', 'noise_reduction' ] ) {
		if ( next[ name ] === null ) {
			delete next[ name ];
		}
	}
	return next as unknown as SessionSettings[ 'audio' ][ 'input' ];
}

function changedOutput(
	{ audio: { output } }: SessionSettings,
	change: unknown,
	hasSpoken: boolean
): SessionSettings[ 'audio' ][ 'output' ] {
	const where = 'session.audio.output';
	const fields = fieldsOf( change, where );
	refuseUnknown( fields, KNOWN.output, where );
	checkFormat( fields.format, where );
	const { voice, speed } = fields;
	if ( voice !== undefined && ! VOICES.includes( String( voice ) ) ) {
		throw new CallError(
			`Invalid value: '${ String( voice ) }'. Supported values are: ${ VOICES.map( ( name ) => `'${ name }'` ).join( ', ' ) }.`,
			'invalid_value',
			`${ where }.voice`
		);
	}
	if ( hasSpoken && voice !== undefined && voice !== output.voice ) {
		throw new CallError(
			"Cannot update a conversation's voice if assistant audio is present.",
			'cannot_update_voice',
			`${ where }.voice`
		);
	}
	if (
		speed !== undefined &&
		! ( Number( speed ) >= 0.25 && Number( speed ) <= 1.5 )
	) {
		throw new CallError(
			'Invalid speed. Expected a number from 0.25 to 1.5.',
			'invalid_value',
			`${ where }.speed`
		);
	}
	return { ...output, ...given( fields ) };
}

function checkedTurns( turns: unknown ): TurnDetection {
	const where = 'session.audio.input.turn_detection';
	const fields = fieldsOf( turns, where );
	const known = KNOWN[ fields.type as 'server_vad' | 'semantic_vad' ] as
		string[] | undefined;
	if ( ! known ) {
		throw new CallError(
			`Invalid value: '${ String( fields.type ) }'. Supported values are: 'server_vad' and 'semantic_vad'.`,
			'invalid_value',
			`${ where }.type`
		);
	}
	refuseUnknown( fields, known, where );
	const { threshold, silence_duration_ms: silence } = fields;
	if (
		( threshold !== undefined &&
			! ( Number( threshold ) >= 0 && Number( threshold ) <= 1 ) ) ||
		( silence !== undefined && ! ( Number( silence ) >= 0 ) )
	) {
		throw new CallError(
			'Invalid turn detection.',
			'invalid_value',
			where
		);
	}
	return withDefaults( fields as unknown as TurnDetection );
}

function withDefaults( turns: TurnDetection ): TurnDetection {
	const both = { create_response: true, interrupt_response: true };
	return turns.type === 'semantic_vad'
		? { eagerness: 'auto', ...both, ...turns }
		: {
				threshold: 0.5,
				prefix_padding_ms: 300,
				silence_duration_ms: 500,
				...both,
				...turns,
			};
}

/** Only one format is simulated. */
function checkFormat( format: unknown, where: string ): void {
	if (
		format !== undefined &&
		JSON.stringify( Object.entries( format as object ).sort() ) !==
			JSON.stringify( Object.entries( PCM ).sort() )
	) {
		throw new CallError(
			`Invalid value: '${ JSON.stringify( format ) }'. The simulated provider takes audio/pcm at a rate of 24000.`,
			'invalid_value',
			`${ where }.format`
		);
	}
}

function fieldsOf( value: unknown, where: string ): Fields {
	if ( value === undefined ) {
		return {};
	}
	if ( typeof value !== 'object' || value === null ) {
		throw new CallError(
			`Invalid type for '${ where }': expected an object.`,
			'invalid_type',
			where
		);
	}
	return value as Fields;
}

/** Refuses fields that are not known, as the API does. */
export function refuseUnknown(
	fields: Fields,
	known: readonly string[],
	where: string
): void {
	const unknown = Object.keys( fields ).find(
		( name ) => ! known.includes( name )
	);
	if ( unknown !== undefined ) {
		throw new CallError(
			`Unknown parameter: '${ where }.${ unknown }'.`,
			'unknown_parameter',
			`${ where }.${ unknown }`
		);
	}
}

function given( fields: Fields ): Fields {
	return Object.fromEntries(
		Object.entries( fields ).filter(
			( [ , value ] ) => value !== undefined
		)
	);
}
