/**
 * Says what a store must do to keep the ledger. Every method is one atomic step.
 */
import type { SpendingWindow } from '../ledger/windows.ts';
import type { TokenUsage } from '../ledger/pricing.ts';

/** What an entry tells about the call it belongs to. */
export interface CallDetails {
	model: string;
	tier: string;
	visitorId: string;
	turnId: string;
}

export interface ReserveRequest {
	reservationId: string;
	siteId: string;
	windows: SpendingWindow[];
	amountNanoUsd: number;
	now: number;
	expiresAt: number;
	details: CallDetails;
}

/** `too_large` can never fit into the window; `wait` may fit once the calls in flight have settled; `spent` fits when the window is over. */
export type ReserveOutcome =
	| { kind: 'reserved' }
	| {
			kind: 'refused';
			reason: 'too_large' | 'wait' | 'spent';
			windowKey: string;
			remainingNanoUsd: number;
	  };

export interface SettleRequest {
	reservationId: string;
	amountNanoUsd: number;
	/** True when the provider reported no usage and the amount is our estimate. */
	isEstimated: boolean;
	usage: TokenUsage | undefined;
	now: number;
}

export interface WindowBalance {
	spentNanoUsd: number;
	heldNanoUsd: number;
}

/** One line of the append-only book. */
export interface LedgerEntry extends CallDetails {
	id: number;
	reservationId: string;
	siteId: string;
	kind: 'reserve' | 'settle' | 'release' | 'expire';
	amountNanoUsd: number;
	isEstimated: boolean;
	usage: TokenUsage | undefined;
	at: number;
}

export interface LedgerStore {
	/** Holds the amount in every window, or in none. */
	reserve( request: ReserveRequest ): Promise< ReserveOutcome >;
	/** Spends the amount and frees the rest; false when the reservation was resolved before. */
	settle( request: SettleRequest ): Promise< boolean >;
	/** Frees the whole amount; false when the reservation was resolved before. */
	release( reservationId: string, now: number ): Promise< boolean >;
	/** Counts reservations that ran out as spent, and returns how many there were. */
	expire( now: number ): Promise< number >;
	balance( windowKey: string ): Promise< WindowBalance >;
	/** Lists the newest entries of a site. */
	entries( siteId: string, limit: number ): Promise< LedgerEntry[] >;
}
