/**
 * Shapes a planned completion as OpenAI's JSON body, and as the chunks of its event stream.
 */
import type { CompletionPlan } from './completion.ts';

/** Headers of an event stream. */
export const EVENT_STREAM = {
	'content-type': 'text/event-stream; charset=utf-8',
	'cache-control': 'no-cache',
};

/** Returns the body of a completion that is not streamed. */
export function completionBody( plan: CompletionPlan ): object {
	return {
		id: plan.id,
		object: 'chat.completion',
		created: plan.created,
		model: plan.model,
		choices: [
			{
				index: 0,
				message: {
					role: 'assistant',
					content:
						plan.refusal === null ? plan.deltas.join( '' ) : null,
					refusal: plan.refusal,
					annotations: [],
				},
				logprobs: null,
				finish_reason: plan.finishReason,
			},
		],
		...( plan.usage ? { usage: plan.usage } : {} ),
		service_tier: 'default',
	};
}

/** Makes the chunks of one stream; with usage asked for, every chunk carries the field and only the last one a value. */
export function chunkMaker(
	plan: Pick< CompletionPlan, 'id' | 'created' | 'model' >,
	includeUsage: boolean
): {
	role(): object;
	thought( text: string ): object;
	content( text: string ): object;
	refusal( text: string ): object;
	finish( reason: string ): object;
	usage( usage: CompletionPlan[ 'usage' ] ): object;
	delta( delta: object ): object;
	/** A delta without any word about how the answer ends. */
	bareDelta( delta: object ): object;
} {
	const chunk = ( choices: object[], usage: object | null = null ) => ( {
		id: plan.id,
		object: 'chat.completion.chunk',
		created: plan.created,
		model: plan.model,
		service_tier: 'default',
		choices,
		...( includeUsage ? { usage } : {} ),
	} );
	const choice = ( delta: object, reason: string | null = null ) => ( {
		index: 0,
		delta,
		logprobs: null,
		finish_reason: reason,
	} );
	return {
		role: () =>
			chunk( [
				choice( { role: 'assistant', content: '', refusal: null } ),
			] ),
		thought: ( text ) => chunk( [ choice( { thought: text } ) ] ),
		content: ( text ) => chunk( [ choice( { content: text } ) ] ),
		refusal: ( text ) => chunk( [ choice( { refusal: text } ) ] ),
		finish: ( reason ) => chunk( [ choice( {}, reason ) ] ),
		usage: ( usage ) => chunk( [], usage ),
		delta: ( delta ) => chunk( [ choice( delta ) ] ),
		bareDelta: ( delta ) => chunk( [ { index: 0, delta } ] ),
	};
}

/** Frames one value as a server-sent event. */
export function frame( value: object | '[DONE]' ): string {
	return `data: ${
		typeof value === 'string' ? value : JSON.stringify( value )
	}\n\n`;
}
