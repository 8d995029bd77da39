/**
 * Gets an answer from a model: reserves the worst case, streams, settles. Tries the next target only while nothing was shown.
 */
import type { Logger } from 'pino';
import { boundInputTokens, priceWorstCase } from '../ledger/pricing.ts';
import type { Usage } from '../ledger/usage.ts';
import type {
	Ledger,
	Reservation,
	Reserved,
	Settlement,
} from '../ledger/ledger.ts';
import type { Catalog, Model, Tier } from '../models/catalog.ts';
import type { Settings } from '../settings.ts';
import type { ChatMessage, ChatProvider } from '../upstream/chat.ts';
import type { Providers } from '../upstream/providers.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import { createTrailerFilter, type Trailer } from './trailer.ts';
import type { Turn } from './turn.ts';

/** The longest answer a model may give, in tokens. */
export const MAX_ANSWER_TOKENS = 700;

/** No tokenizer makes longer tokens on the average; a stream beyond this many characters a token ignores its cap. */
const MAX_CHARACTERS_PER_TOKEN = 16;

/** Output that may have been produced and billed although it never arrived, in tokens. */
const IN_FLIGHT_TOKENS = 64;

/** Failures after which another model of the same provider may still answer. */
const ANOTHER_TARGET_MAY_ANSWER = new Set( [
	'rate',
	'model_gone',
	'refused',
	'unavailable',
	'garbage',
	'cut',
] );

export type ModelAnswer =
	| {
			kind: 'answered';
			text: string;
			trailer: Trailer | undefined;
			finishReason: 'stop' | 'length' | 'stopped';
			tier: Tier;
			costNanoUsd: number;
	  }
	/** Nothing was shown: the site's own words must do. */
	| { kind: 'limit_reached' }
	| { kind: 'unavailable'; costNanoUsd: number }
	/** A part was shown and the rest will not come. */
	| { kind: 'cut'; text: string; costNanoUsd: number };

export interface ModelServices {
	providers: Providers;
	catalog: Catalog;
	ledger: Ledger;
	log: Logger;
}

/** Streams the answer of the first target that gives one into the turn. Never throws for what a provider or a limit does. */
export async function answerWithModel(
	{ providers, catalog, ledger, log }: ModelServices,
	{
		turn,
		limits,
		messages,
		promptCacheKey,
		tier,
	}: {
		turn: Turn;
		limits: Settings[ 'limits' ];
		messages: ChatMessage[];
		promptCacheKey: string;
		tier: Tier;
	}
): Promise< ModelAnswer > {
	let costNanoUsd = 0;
	const inputBound = boundInputTokens( messages );

	for ( const model of catalog.targets( tier ) ) {
		const provider = providers.chat( model.provider );
		if ( ! provider ) {
			continue;
		}
		const reserved = await reserve( { ledger, log }, turn, {
			siteId: turn.siteId,
			limits,
			model,
			amountNanoUsd: priceWorstCase(
				model,
				inputBound,
				MAX_ANSWER_TOKENS
			),
			details: {
				model: model.id,
				tier,
				visitorId: turn.visitorId,
				turnId: turn.id,
			},
		} );
		if ( ! reserved ) {
			return { kind: 'unavailable', costNanoUsd };
		}
		if ( reserved.kind === 'refused' ) {
			log.info(
				{ turnId: turn.id, model: model.id, ...reserved },
				'no money for an answer'
			);
			// A dearer second choice cannot fit either, and after a failed attempt the failure is what the visitor meets.
			return costNanoUsd > 0
				? { kind: 'unavailable', costNanoUsd }
				: { kind: 'limit_reached' };
		}
		const attempt = await streamOnce( {
			provider,
			model,
			messages,
			promptCacheKey,
			turn,
			reservation: reserved.reservation,
			inputBound,
			log,
		} );
		costNanoUsd += attempt.costNanoUsd;
		if ( attempt.kind === 'answered' ) {
			return { ...attempt, tier, costNanoUsd };
		}
		log.warn(
			{
				turnId: turn.id,
				model: model.id,
				kind: attempt.error.kind,
				status: attempt.error.status,
				detail: attempt.error.message,
			},
			'a model did not answer'
		);
		if ( attempt.text !== '' ) {
			return { kind: 'cut', text: attempt.text, costNanoUsd };
		}
		if ( ! ANOTHER_TARGET_MAY_ANSWER.has( attempt.error.kind ) ) {
			break;
		}
		// What the failed call held must be free before the next one reserves.
		await turn.saved();
	}
	return { kind: 'unavailable', costNanoUsd };
}

/** Reserves, or returns undefined when the book cannot be written: without it nothing is spent. */
async function reserve(
	{ ledger, log }: Pick< ModelServices, 'ledger' | 'log' >,
	turn: Turn,
	request: Parameters< Ledger[ 'reserve' ] >[ 0 ]
): Promise< Reserved | undefined > {
	try {
		return await ledger.reserve( request );
	} catch ( error ) {
		log.error(
			{ turnId: turn.id, err: error },
			'the ledger cannot be written'
		);
		return undefined;
	}
}

type Attempt =
	| {
			kind: 'answered';
			text: string;
			trailer: Trailer | undefined;
			finishReason: 'stop' | 'length' | 'stopped';
			costNanoUsd: number;
	  }
	| {
			kind: 'failed';
			error: UpstreamError;
			text: string;
			costNanoUsd: number;
	  };

async function streamOnce( {
	provider,
	model,
	messages,
	promptCacheKey,
	turn,
	reservation,
	inputBound,
	log,
}: {
	provider: ChatProvider;
	model: Model;
	messages: ChatMessage[];
	promptCacheKey: string;
	turn: Turn;
	reservation: Reservation;
	inputBound: number;
	log: Logger;
} ): Promise< Attempt > {
	const filter = createTrailerFilter();
	let shown = '';
	let producedBytes = 0;
	let producedCharacters = 0;
	let usage: Usage | undefined;
	let finishReason: 'stop' | 'length' | 'refused' = 'stop';
	let error: UpstreamError | undefined;

	const show = ( text: string ) => {
		// An answer never begins with white space, whatever the model does.
		const delta = shown === '' ? text.trimStart() : text;
		if ( delta !== '' ) {
			shown += delta;
			turn.emit( 'text', { delta } );
		}
	};

	try {
		const stream = provider.stream( {
			model,
			messages,
			maxOutputTokens: MAX_ANSWER_TOKENS,
			promptCacheKey,
			priority: 'visitor',
			signal: turn.signal,
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
				}
			}
			producedBytes += Buffer.byteLength( arrived );
			producedCharacters += arrived.length;
			if (
				producedCharacters >
				MAX_ANSWER_TOKENS * MAX_CHARACTERS_PER_TOKEN
			) {
				throw new UpstreamError(
					'garbage',
					'the answer ignores its cap'
				);
			}
			show( filter.push( arrived ) );
		}
	} catch ( caught ) {
		error =
			caught instanceof UpstreamError
				? caught
				: new UpstreamError( 'garbage', String( caught ), {
						cause: caught,
					} );
	}

	const { costNanoUsd, saved } = resolveReservation( {
		reservation,
		model,
		usage,
		error,
		inputBound,
		producedBytes,
	} );
	turn.save(
		// A reservation that is not settled stays held and then counts in full: too much, never too little.
		saved.catch( ( cause: unknown ) => {
			log.error(
				{ turnId: turn.id, err: cause },
				'a call was not settled'
			);
		} )
	);
	const { text, trailer } = filter.finish();
	show( text );

	if ( error && error.kind !== 'aborted' ) {
		return { kind: 'failed', error, text: shown, costNanoUsd };
	}
	if ( ! error && ( finishReason === 'refused' || shown === '' ) ) {
		return {
			kind: 'failed',
			error: new UpstreamError( 'refused', 'the model gave no answer' ),
			text: shown,
			costNanoUsd,
		};
	}
	const wasWhole = finishReason === 'length' ? 'length' : 'stop';
	return {
		kind: 'answered',
		text: shown,
		trailer,
		finishReason: error ? 'stopped' : wasWhole,
		costNanoUsd,
	};
}

/**
 * Resolves a reservation by what is known about the call: reported usage wins; a call that surely was not billed is released; a call
 * that stopped in the middle costs its input and what was produced, with a margin; what cannot be known costs the whole reserve.
 */
function resolveReservation( {
	reservation,
	model,
	usage,
	error,
	inputBound,
	producedBytes,
}: {
	reservation: Reservation;
	model: Model;
	usage: Usage | undefined;
	error: UpstreamError | undefined;
	inputBound: number;
	producedBytes: number;
} ): Settlement {
	if ( usage ) {
		return reservation.settle( usage );
	}
	if ( error?.isUnbilled ) {
		return reservation.release();
	}
	const mayHideWork =
		model.reasoningEffort !== undefined && model.reasoningEffort !== 'none';
	const isUnseen = producedBytes === 0 && error?.kind !== 'aborted';
	// A provider that was silent for long, or that ignores its cap, may have billed anything up to the reserve.
	const isUnbounded = error?.kind === 'timeout' || error?.kind === 'garbage';
	if ( mayHideWork || isUnseen || isUnbounded ) {
		return reservation.settleInFull();
	}
	return reservation.settleEstimated( {
		textCacheWrite: inputBound,
		// A token has at least one byte, so the bytes bound the tokens from above.
		textOut: producedBytes + IN_FLIGHT_TOKENS,
	} );
}
