/**
 * Asks one model once: streams its reply into the turn, keeps back what is not for the visitor, and settles the call.
 */
import type { Reservation } from '../ledger/ledger.ts';
import type { Usage } from '../ledger/usage.ts';
import type { Model } from '../models/catalog.ts';
import type { ChatMessage, ChatProvider } from '../upstream/chat.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import { createPassUpFilter } from './pass-up.ts';
import { settleCall, type SettledCall } from './settle-call.ts';
import { createTrailerFilter, type Trailer } from './trailer.ts';

/** No tokenizer makes longer tokens on the average; a stream beyond this many characters a token ignores its cap. */
const MAX_CHARACTERS_PER_TOKEN = 16;

/** After the word that passes up, a reply may run on for so many characters; its end brings the usage. Then it is cut off. */
const MAX_AFTER_PASS_UP = 200;

/** How a call ended, before anything is decided about it. */
export type AttemptEnd =
	| {
			kind: 'answered';
			text: string;
			trailer: Trailer | undefined;
			finishReason: 'stop' | 'length' | 'stopped';
	  }
	| { kind: 'passed_up' }
	/** `text` is what the visitor has seen of it. */
	| { kind: 'failed'; error: UpstreamError; text: string };

/** A call that has ended, with what it took. Times in milliseconds. */
export interface Attempt {
	end: AttemptEnd;
	settled: SettledCall;
	usage: Usage | undefined;
	queueMs: number;
	/** Undefined when no word came. */
	firstTokenMs: number | undefined;
	totalMs: number;
}

/** What one call is made of. */
export interface AttemptRequest {
	/** Undefined fails as a provider that cannot be reached. */
	provider: ChatProvider | undefined;
	model: Model;
	messages: ChatMessage[];
	maxOutputTokens: number;
	promptCacheKey: string;
	requestId: string;
	signal: AbortSignal;
	reservation: Reservation;
	/** No fewer tokens than the messages have. */
	inputBound: number;
	/** Whether the messages teach the word that passes up. */
	mayPassUp: boolean;
	/** Shows a piece of the answer to the visitor. */
	show( delta: string ): void;
	/** Is told when the model begins to write, shown or not. */
	onFirstToken(): void;
}

/** Makes the call. Never throws for what a provider does. */
export async function attempt( request: AttemptRequest ): Promise< Attempt > {
	const { model, maxOutputTokens } = request;
	const startedAt = performance.now();
	const passUp = createPassUpFilter( request.mayPassUp );
	const trailer = createTrailerFilter();
	const maxCharacters = maxOutputTokens * MAX_CHARACTERS_PER_TOKEN;
	let shown = '';
	let producedBytes = 0;
	let producedCharacters = 0;
	let charactersAfterPassUp = 0;
	let usage: Usage | undefined;
	let hasEnded = false;
	let finishReason: 'stop' | 'length' | 'refused' = 'stop';
	let error: UpstreamError | undefined;
	let queueMs = 0;
	let firstTokenMs: number | undefined;

	const show = ( text: string ) => {
		// An answer never begins with white space, whatever the model does.
		const delta = shown === '' ? text.trimStart() : text;
		if ( delta !== '' ) {
			shown += delta;
			request.show( delta );
		}
	};

	try {
		if ( ! request.provider ) {
			throw new UpstreamError(
				'network',
				`the provider ${ model.provider } is not configured`
			);
		}
		const stream = request.provider.stream( {
			model,
			messages: request.messages,
			maxOutputTokens,
			promptCacheKey: request.promptCacheKey,
			requestId: request.requestId,
			priority: 'visitor',
			onStart: ( waitedMs ) => {
				queueMs = waitedMs;
			},
			signal: request.signal,
		} );
		for await ( const pieces of stream ) {
			let arrived = '';
			for ( const piece of pieces ) {
				if ( piece.kind === 'text' ) {
					arrived += piece.delta;
				} else if ( piece.kind === 'usage' ) {
					usage = piece.usage;
				} else if ( piece.kind === 'thought' ) {
					producedBytes += piece.bytes;
				} else {
					finishReason = piece.finishReason;
					hasEnded = true;
				}
			}
			if ( arrived === '' ) {
				continue;
			}
			if ( firstTokenMs === undefined ) {
				firstTokenMs = performance.now() - startedAt;
				request.onFirstToken();
			}
			producedBytes += Buffer.byteLength( arrived );
			producedCharacters += arrived.length;
			if ( producedCharacters > maxCharacters ) {
				throw new UpstreamError(
					'garbage',
					'the answer ignores its cap'
				);
			}
			show( trailer.push( passUp.push( arrived ) ) );
			if ( passUp.isPassedUp ) {
				charactersAfterPassUp += arrived.length;
				if ( charactersAfterPassUp > MAX_AFTER_PASS_UP ) {
					break;
				}
			}
		}
	} catch ( caught ) {
		error =
			caught instanceof UpstreamError
				? caught
				: new UpstreamError( 'garbage', String( caught ), {
						cause: caught,
					} );
	}
	show( trailer.push( passUp.finish() ) );
	const rest = trailer.finish();
	show( rest.text );

	return {
		end: endOf( {
			isPassedUp: passUp.isPassedUp,
			text: shown,
			trailer: rest.trailer,
			finishReason,
			error,
		} ),
		settled: settleCall( {
			reservation: request.reservation,
			model,
			usage,
			hasEnded,
			error:
				error ??
				( usage || ! passUp.isPassedUp
					? undefined
					: new UpstreamError(
							'aborted',
							'cut off after the word'
						) ),
			inputBound: request.inputBound,
			producedBytes,
		} ),
		usage,
		queueMs,
		firstTokenMs,
		totalMs: performance.now() - startedAt,
	};
}

function endOf( {
	isPassedUp,
	text,
	trailer,
	finishReason,
	error,
}: {
	isPassedUp: boolean;
	text: string;
	trailer: Trailer | undefined;
	finishReason: 'stop' | 'length' | 'refused';
	error: UpstreamError | undefined;
} ): AttemptEnd {
	if ( error?.kind === 'aborted' ) {
		return { kind: 'answered', text, trailer, finishReason: 'stopped' };
	}
	if ( isPassedUp ) {
		return { kind: 'passed_up' };
	}
	if ( error ) {
		return { kind: 'failed', error, text };
	}
	if ( finishReason === 'refused' || text === '' ) {
		return {
			kind: 'failed',
			error: new UpstreamError( 'refused', 'the model gave no answer', {
				code:
					finishReason === 'refused'
						? 'content_policy'
						: 'provider_garbage',
			} ),
			text,
		};
	}
	return {
		kind: 'answered',
		text,
		trailer,
		finishReason: finishReason === 'length' ? 'length' : 'stop',
	};
}
