/**
 * Reads texts aloud in one realtime session, one after the other.
 */
import type {
	RealtimeClientEvent,
	RealtimeServerEvent,
	ResponseDoneEvent,
} from 'openai/resources/realtime/realtime';
import type { Model } from '../models/catalog.ts';
import type { FinishReason } from './chat.ts';
import { createPcmPieces } from './pcm-pieces.ts';
import { readingInstructions } from './reading-instructions.ts';
import type { PooledConnection } from './realtime-connection.ts';
import { errorOfEvent } from './realtime-errors.ts';
import { UpstreamError } from './upstream-error.ts';
import { readRealtimeUsage } from './usage.ts';
import type { SpeechPiece, SpeechRequest } from './voice.ts';
import { voiceFor } from './voice-name.ts';

/** No response may be allowed more, in tokens; the only higher word is "as many as there are". */
const MAX_OUTPUT_TOKENS = 4_096;

/** Sets a session up for reading. */
export function readingSession(
	model: Model,
	voice: SpeechRequest[ 'voice' ]
): RealtimeClientEvent {
	return {
		type: 'session.update',
		session: {
			type: 'realtime',
			output_modalities: [ 'audio' ],
			audio: {
				input: { turn_detection: null },
				output: {
					format: { type: 'audio/pcm', rate: 24_000 },
					voice: voiceFor( model, voice ),
				},
			},
			tools: [],
			tool_choice: 'none',
		},
	};
}

/** Asks for one text, beside the conversation, so that no text is paid for twice. */
export function readingRequest( {
	model,
	text,
	language,
	voice,
	maxOutputTokens,
}: SpeechRequest ): RealtimeClientEvent {
	const [ leastEffort ] = model.capabilities.reasoningEfforts;
	return {
		type: 'response.create',
		response: {
			conversation: 'none',
			output_modalities: [ 'audio' ],
			instructions: readingInstructions( language, voice ),
			input: [
				{
					type: 'message',
					role: 'user',
					content: [ { type: 'input_text', text } ],
				},
			],
			max_output_tokens: Math.max(
				1,
				Math.min( Math.floor( maxOutputTokens ), MAX_OUTPUT_TOKENS )
			),
			...( leastEffort === undefined
				? {}
				: { reasoning: { effort: leastEffort as 'minimal' } } ),
		},
	};
}

/** One reading: what arrives, for whoever takes it. */
export interface Reading {
	/** Takes an event of the session. */
	take( event: RealtimeServerEvent ): void;
	/** Ends it: the session is gone, or somebody stopped it. */
	fail( error: UpstreamError ): void;
	/** Whether the provider has begun. */
	readonly hasBegun: boolean;
	/** Yields what arrived until the response is complete, or until `endsAt` as `performance.now()` counts. Throws `UpstreamError`. */
	pieces( endsAt: number ): AsyncGenerator< SpeechPiece[], FinishReason >;
}

/** Makes a reading. `silenceMs` bounds how long nothing may arrive. */
export function createReading( {
	silenceMs,
	onDoubts,
}: {
	silenceMs: number;
	onDoubts( doubts: string[] ): void;
} ): Reading {
	const pcm = createPcmPieces();
	let arrived: SpeechPiece[] = [];
	let failure: UpstreamError | undefined;
	let finishReason: FinishReason | undefined;
	let hasBegun = false;
	let wake: ( () => void ) | undefined;

	const fail = ( error: UpstreamError ) => {
		failure ??= error;
		wake?.();
	};
	const end = ( { response }: ResponseDoneEvent ) => {
		const { usage, doubts } = readRealtimeUsage(
			{ response },
			{ audioIn: false, audioOut: pcm.length > 0 }
		);
		if ( usage ) {
			arrived.push( { kind: 'usage', usage } );
		}
		if ( doubts.length > 0 ) {
			onDoubts( doubts );
		}
		const outcome = outcomeOf( response );
		if ( outcome instanceof UpstreamError ) {
			failure ??= outcome;
		} else if ( outcome === 'stop' && pcm.length === 0 ) {
			failure ??= new UpstreamError(
				'garbage',
				'the provider spoke nothing at all'
			);
		} else {
			finishReason = outcome;
		}
	};

	return {
		fail,
		get hasBegun() {
			return hasBegun;
		},
		take( event ) {
			switch ( event.type ) {
				case 'response.created':
					hasBegun = true;
					break;
				case 'response.output_audio.delta': {
					hasBegun = true;
					const samples = pcm.push(
						Buffer.from( String( event.delta ), 'base64' )
					);
					if ( samples.length > 0 ) {
						arrived.push( { kind: 'audio', pcm: samples } );
					}
					break;
				}
				case 'response.output_audio_transcript.delta':
					arrived.push( {
						kind: 'transcript',
						delta: String( event.delta ),
					} );
					break;
				case 'response.done':
					hasBegun = true;
					end( event );
					break;
				case 'error':
					hasBegun = true;
					failure ??= errorOfEvent( event.error );
					break;
				default:
			}
			wake?.();
		},
		async *pieces( endsAt ) {
			// Whoever reads slowly is not the provider's silence.
			let isWaiting = false;
			const timer = setTimeout( () => {
				if ( isWaiting ) {
					fail(
						new UpstreamError(
							'timeout',
							'the provider stopped speaking'
						)
					);
				}
			}, silenceMs );
			try {
				while ( true ) {
					if ( arrived.length > 0 ) {
						const pieces = arrived;
						arrived = [];
						yield pieces;
						if ( performance.now() > endsAt ) {
							throw new UpstreamError(
								'timeout',
								'the speech took too long'
							);
						}
					} else if ( failure ) {
						throw failure;
					} else if ( finishReason ) {
						return finishReason;
					} else {
						isWaiting = true;
						timer.refresh();
						await new Promise< void >( ( resolve ) => {
							wake = resolve;
						} );
						isWaiting = false;
					}
				}
			} finally {
				clearTimeout( timer );
			}
		},
	};
}

/** Stops a response before its end, and the session with it. */
export function stopReading( connection: PooledConnection ): void {
	connection.send( { type: 'response.cancel' } );
	connection.close();
}

/** Says how a response ended. */
function outcomeOf(
	response: ResponseDoneEvent[ 'response' ]
): FinishReason | UpstreamError {
	const { status, status_details: details } = response ?? {};
	switch ( status ) {
		case 'incomplete':
			return details?.reason === 'content_filter' ? 'refused' : 'length';
		case 'failed':
			return errorOfEvent( details?.error );
		case 'cancelled':
			return new UpstreamError( 'cut', 'the provider stopped speaking' );
		default:
			return 'stop';
	}
}
