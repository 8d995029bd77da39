/**
 * Answers `POST /v1/decisions`: chooses the option that is scripted as text, or the first one, and bills what it read.
 */
import type { ChatBehaviour } from './behaviour.ts';
import type { WritableBill } from './bill.ts';
import type { ChatRequest } from './chat-request.ts';
import type { Exchange } from './exchange.ts';
import { ClientGone, pacedClient } from './pace.ts';
import { countPromptTokens } from './tokens.ts';

/** The only model that the route takes. */
const MODEL = 'gpt-6-luna';

interface Question {
	type: string;
	name?: string;
	instructions: string;
	choices?: Array< { value: string; description?: string } >;
}

/** Handles one request to the end. A scripted text is the choice; `decline` declines; `confidence=0.3` after it sets the confidence. */
export async function answerDecision(
	exchange: Exchange,
	{
		bill,
		nextBehaviour,
	}: {
		bill: WritableBill;
		nextBehaviour( request: ChatRequest ): ChatBehaviour;
	}
): Promise< void > {
	const body = exchange.entry.body as {
		model?: string;
		input?: string;
		questions?: Question[];
	};
	const [ question ] = body.questions ?? [];
	const choices = question?.choices ?? [];
	if (
		body.model !== MODEL ||
		typeof body.input !== 'string' ||
		question?.type !== 'choice' ||
		choices.length < 2 ||
		Object.keys( body ).some(
			( name ) => ! [ 'model', 'input', 'questions' ].includes( name )
		)
	) {
		exchange.refuse( {
			kind: 'refusal',
			status: 400,
			error: {
				message: 'Invalid decision.',
				type: 'invalid_request_error',
				code: 'unsupported_value',
			},
		} );
		return;
	}
	const behaviour = nextBehaviour( body as unknown as ChatRequest );
	if ( behaviour.kind === 'refusal' ) {
		exchange.refuse( behaviour );
		return;
	}
	const input = countPromptTokens( [
		body.input,
		JSON.stringify( body.questions ),
	] );
	bill.open( exchange.entry.requestId, MODEL, {
		input,
		cachedInput: 0,
		cacheWrite: 0,
		output: 0,
	} );
	const client = pacedClient( exchange.response, {
		bytesPerSecond: undefined,
		onBytes: () => undefined,
	} );
	try {
		if ( behaviour.kind !== undefined && behaviour.kind !== 'reply' ) {
			if ( behaviour.kind === 'garbage-body' ) {
				exchange.head( 200, { 'content-type': 'application/json' } );
				exchange.response.end( behaviour.body ?? '' );
				return;
			}
			await client.waitForever();
			return;
		}
		await client.wait( behaviour.firstChunkDelayMs ?? 0 );
		const said =
			typeof behaviour.text === 'string'
				? behaviour.text
				: ( choices[ 0 ]?.value ?? '' );
		const name = question.name ?? null;
		const [ choice = '', confidence = '0.9' ] =
			said.split( ' confidence=' );
		exchange.json( 200, {
			model: MODEL,
			answers: [
				choice === 'decline'
					? { type: 'refusal', name }
					: {
							type: 'choice',
							name,
							choice,
							confidence: Number( confidence ),
							probabilities: choices.map( ( { value } ) => ( {
								value,
								probability: value === choice ? 1 : 0,
							} ) ),
						},
			],
			usage:
				behaviour.reportedUsage === null
					? undefined
					: {
							input_tokens: input,
							input_tokens_details: {
								cached_tokens: 0,
								cache_write_tokens: 0,
							},
							output_tokens: 0,
							output_tokens_details: { reasoning_tokens: 0 },
							total_tokens: input,
						},
		} );
	} catch ( error ) {
		if ( ! ( error instanceof ClientGone ) ) {
			throw error;
		}
	}
}
