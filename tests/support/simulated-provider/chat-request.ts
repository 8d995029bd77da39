/**
 * Reads a Chat Completions request and turns away what the real API turns away.
 */
import { audioRefusal, isAudioChatModel } from './audio-chat/audio-request.ts';
import { PRICES } from './prices.ts';
import type { Refusal } from './behaviour.ts';

/** A message of the request; content is a string or a list of typed parts. */
export interface ChatMessage {
	role: string;
	content?: string | null | Array< { type: string; text?: string } >;
	/** An earlier spoken answer, by its name. */
	audio?: { id: string } | null;
}

/** The parts of a Chat Completions request that change what the simulated provider does. */
export interface ChatRequest {
	model: string;
	messages: ChatMessage[];
	stream?: boolean | null;
	stream_options?: { include_usage?: boolean } | null;
	max_completion_tokens?: number | null;
	max_tokens?: number | null;
	reasoning_effort?: string | null;
	temperature?: number | null;
	[ name: string ]: unknown;
}

/** Returns the text of a message, whatever shape its content has. */
export function messageText( message: ChatMessage ): string {
	if ( typeof message.content === 'string' ) {
		return message.content;
	}
	return ( message.content ?? [] )
		.map( ( part ) => part.text ?? '' )
		.join( '' );
}

function invalid(
	message: string,
	param: string | null,
	code: string | null,
	status = 400
): Refusal {
	return {
		kind: 'refusal',
		status,
		error: { message, type: 'invalid_request_error', code, param },
	};
}

/** Checks a parsed body; the result is the request, or the refusal the real API gives. */
export function readChatRequest(
	body: unknown
): { request: ChatRequest } | { refusal: Refusal } {
	if ( typeof body !== 'object' || body === null ) {
		return {
			refusal: invalid(
				'We could not parse the JSON body of your request.',
				null,
				null
			),
		};
	}
	const request = body as ChatRequest;
	const refusal = shapeRefusal( request ) ?? modelRefusal( request );
	return refusal ? { refusal } : { request };
}

function shapeRefusal( request: ChatRequest ): Refusal | undefined {
	if ( typeof request.model !== 'string' || request.model === '' ) {
		return invalid( 'you must provide a model parameter', null, null );
	}
	if (
		! Array.isArray( request.messages ) ||
		request.messages.length === 0
	) {
		return invalid(
			"Missing required parameter: 'messages'.",
			'messages',
			'missing_required_parameter'
		);
	}
	if ( request.stream_options && ! request.stream ) {
		return invalid(
			"The 'stream_options' parameter is only allowed when 'stream' is enabled.",
			'stream_options',
			null
		);
	}
	return undefined;
}

function modelRefusal( request: ChatRequest ): Refusal | undefined {
	const terms = PRICES[ request.model ];
	if ( isAudioChatModel( request.model ) ) {
		return audioRefusal( request );
	}
	if ( ! terms ) {
		return invalid(
			`The model \`${ request.model }\` does not exist or you do not have access to it.`,
			null,
			'model_not_found',
			404
		);
	}
	const refusal = audioRefusal( request );
	if ( refusal ) {
		return refusal;
	}
	const effort = request.reasoning_effort ?? undefined;
	if ( effort !== undefined && ! terms.efforts.includes( effort ) ) {
		return invalid(
			terms.efforts.length === 0
				? 'Unrecognized request argument supplied: reasoning_effort'
				: `Unsupported value: 'reasoning_effort' does not support '${ effort }' with this model.`,
			'reasoning_effort',
			'unsupported_value'
		);
	}
	if ( terms.efforts.length === 0 || terms.soldBy !== undefined ) {
		return undefined;
	}
	if ( typeof request.max_tokens === 'number' ) {
		return invalid(
			"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
			'max_tokens',
			'unsupported_parameter'
		);
	}
	// Sampling is fixed while the model reasons, which it does unless told not to.
	if ( typeof request.temperature === 'number' && effort !== 'none' ) {
		return invalid(
			"Unsupported parameter: 'temperature' is not supported with this model.",
			'temperature',
			'unsupported_parameter'
		);
	}
	return undefined;
}
