/**
 * Holds how a call hears and speaks, and turns away changes that the real API turns away.
 */
import { VOICE_PRICES } from '../voice-prices.ts';
import { CallError } from './call-error.ts';
import { type Fields, fieldsOf, given, refuseUnknown } from './fields.ts';
import type { SessionSettings } from './session-settings.ts';
import type { TurnDetection } from './turn-detector.ts';

/** The only format that is simulated. */
export const PCM = { type: 'audio/pcm', rate: 24_000 };

const VOICES = [
	...[ 'alloy', 'ash', 'ballad', 'coral', 'echo', 'sage', 'shimmer' ],
	...[ 'verse', 'marin', 'cedar' ],
];

const KNOWN = {
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

/** Returns how a call hears after a change. */
export function changedInput(
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

/** Returns how a call speaks after a change. `hasSpoken`: the voice is fixed. */
export function changedOutput(
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

/** Fills in what turn detection leaves out. */
export function withDefaults( turns: TurnDetection ): TurnDetection {
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
