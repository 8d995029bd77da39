/**
 * Resolves the reservation of a call by what is known about how it ended.
 */
import type { Reservation, Settlement } from '../ledger/ledger.ts';
import type { Usage } from '../ledger/usage.ts';
import type { Model } from '../models/catalog.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';

/** Output that may have been produced and billed although it never arrived, in tokens. */
const IN_FLIGHT_TOKENS = 64;

/** What a call came to in the book. */
export interface SettledCall extends Settlement {
	/** True when the provider reported no usage although it may have billed. */
	isEstimated: boolean;
}

/**
 * Resolves a reservation: usage reported for the whole call wins; a call that surely was not billed is released; a call that stopped in the middle costs its
 * input and what was produced, with a margin; what cannot be known costs the whole reserve.
 */
export function settleCall( {
	reservation,
	model,
	usage,
	hasEnded,
	error,
	inputBound,
	producedBytes,
}: {
	reservation: Reservation;
	model: Model;
	usage: Usage | undefined;
	/** Whether the model came to its end. Some providers report usage along the way, which says too little of a call that was cut. */
	hasEnded: boolean;
	error: UpstreamError | undefined;
	/** No fewer tokens than the call's input has. */
	inputBound: number;
	/** Bytes of text and thought that arrived. */
	producedBytes: number;
} ): SettledCall {
	if ( usage && hasEnded ) {
		return { ...reservation.settle( usage ), isEstimated: false };
	}
	if ( error?.isUnbilled && ! usage ) {
		return { ...reservation.release(), isEstimated: false };
	}
	const mayHideWork =
		model.reasoningEffort !== undefined && model.reasoningEffort !== 'none';
	const isUnseen = producedBytes === 0 && error?.kind !== 'aborted';
	// A provider that was silent for long, or that ignores its cap, may have billed anything up to the reserve.
	const isUnbounded = error?.kind === 'timeout' || error?.kind === 'garbage';
	const settlement =
		mayHideWork || isUnseen || isUnbounded
			? reservation.settleInFull()
			: reservation.settleEstimated( {
					textCacheWrite: inputBound,
					// A token has at least one byte, so the bytes bound the tokens from above.
					textOut:
						Math.max( producedBytes, usage?.textOut ?? 0 ) +
						IN_FLIGHT_TOKENS,
				} );
	return { ...settlement, isEstimated: true };
}
