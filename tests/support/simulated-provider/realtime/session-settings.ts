/**
 * Holds the settings of a call and turns away changes that the real API turns away.
 */
import {
	changedInput,
	changedOutput,
	PCM,
	withDefaults,
} from './audio-settings.ts';
import { CallError } from './call-error.ts';
import { type Fields, fieldsOf, given, refuseUnknown } from './fields.ts';
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

const MAX_OUTPUT_TOKENS = 4_096;

const KNOWN = [
	...[ 'type', 'model', 'instructions', 'output_modalities', 'audio' ],
	...[ 'tools', 'tool_choice', 'parallel_tool_calls', 'reasoning' ],
	...[ 'max_output_tokens', 'truncation', 'tracing', 'include', 'prompt' ],
];

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
	refuseUnknown( fields, KNOWN, 'session' );
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
