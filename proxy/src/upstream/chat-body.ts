/**
 * Writes a chat request the way a provider takes it.
 */
import type OpenAI from 'openai';
import type { ChatRequest } from './chat.ts';
import type { Quirks } from './quirks.ts';

/** The body as OpenAI takes it; other providers take parts of it, and fields of their own instead of others. */
type OpenAiBody = OpenAI.ChatCompletionCreateParamsStreaming;

/** A message as it is sent. */
export type WireMessage = OpenAiBody[ 'messages' ][ number ];

/** Makes the body of a streamed chat completion. */
export function toBody(
	{
		model,
		messages,
		maxOutputTokens,
		promptCacheKey,
	}: Pick< ChatRequest, 'model' | 'maxOutputTokens' | 'promptCacheKey' > & {
		messages: WireMessage[];
	},
	quirks: Quirks
): Record< string, unknown > {
	const body: Partial< OpenAiBody > = {
		model: model.upstreamId,
		messages: withRole( messages, quirks.systemRole ),
		stream: true,
	};
	if ( quirks.streamOptions ) {
		body.stream_options = { include_usage: true };
	}
	body[ capField( model, quirks ) ] = maxOutputTokens;
	if ( quirks.promptCacheKey ) {
		body.prompt_cache_key = promptCacheKey;
	}
	if ( quirks.store ) {
		body.store = false;
	}
	if ( quirks.serviceTier ) {
		body.service_tier = 'default';
	}
	const effort = model.reasoningEffort;
	return effort === undefined
		? body
		: { ...body, ...reasoningField( effort, quirks.reasoning ) };
}

/** The field that caps the answer: the model's own where it has one, else that of its provider. */
function capField(
	{ capabilities: { outputCap } }: ChatRequest[ 'model' ],
	quirks: Quirks
): Quirks[ 'outputCap' ] {
	return outputCap === 'max_tokens' || outputCap === 'max_completion_tokens'
		? outputCap
		: quirks.outputCap;
}

/** Says how much to reason, in the provider's field. Where there is only a switch, any effort but none is on. */
function reasoningField(
	effort: NonNullable< ChatRequest[ 'model' ][ 'reasoningEffort' ] >,
	field: Quirks[ 'reasoning' ]
): Record< string, unknown > {
	const isOn = effort !== 'none';
	switch ( field ) {
		case 'reasoning_effort':
			return { reasoning_effort: effort };
		case 'enable_thinking':
			return { enable_thinking: isOn };
		case 'thinking':
			return { thinking: { type: isOn ? 'enabled' : 'disabled' } };
		case 'reasoning':
			return { reasoning: isOn ? { effort } : { enabled: false } };
		case 'none':
			return {};
	}
}

function withRole(
	messages: WireMessage[],
	role: Quirks[ 'systemRole' ]
): WireMessage[] {
	if ( role === 'system' ) {
		return messages;
	}
	return messages.map( ( message ) =>
		message.role === 'system' ? { role, content: message.content } : message
	);
}
