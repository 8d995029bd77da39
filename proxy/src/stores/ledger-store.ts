/**
 * Says what a store must do to keep the ledger. Every method is one atomic step.
 */
import type { Usage } from '../ledger/usage.ts';

/** What an entry tells about the call it belongs to. */
export interface CallDetails {
	model: string;
	tier: string;
	visitorId: string;
	turnId: string;
}

/** What a window counts: money, or a kind of use. */
export type WindowUnit = 'nanoUsd' | 'voiceSeconds' | 'images';

/** What a call takes, by unit; a unit that is left out counts zero. Integers from 0 to `Number.MAX_SAFE_INTEGER`. */
export type Amounts = { nanoUsd: number } & Partial<
	Record< WindowUnit, number >
>;

/** A counter with its limit. A window's start is part of its key, so nothing ever has to be reset. */
export interface SpendingWindow {
	key: string;
	unit: WindowUnit;
	limit: number;
}

export interface ReserveRequest {
	reservationId: string;
	siteId: string;
	/** Windows whose unit the call does not use are left out. */
	windows: SpendingWindow[];
	amounts: Amounts;
	now: number;
	expiresAt: number;
	details: CallDetails;
}

/**
 * `too_large` can never fit into the window; `wait` may fit once the calls in flight have settled; `spent` fits when the window is over.
 * When several windows refuse, the reason is the gravest of theirs, in this order. `duplicate` means that the reservation id was used
 * before, and nothing was held.
 */
export type ReserveOutcome =
	| { kind: 'reserved' }
	| {
			kind: 'refused';
			reason: 'too_large' | 'wait' | 'spent';
			/**
			 * The window that refused with the least left, and what is left of it in its unit. A kind of use goes before money, because
			 * an answer can be fitted to the money that is left.
			 */
			windowKey: string;
			unit: WindowUnit;
			remaining: number;
	  }
	| { kind: 'duplicate' };

export interface SettleRequest {
	reservationId: string;
	amounts: Amounts;
	/** True when the provider reported no usage and the amounts are our estimate. */
	isEstimated: boolean;
	usage: Usage | undefined;
	now: number;
}

/**
 * `resolved`: it was open and is closed. `reconciled`: it had expired, counted in full, and now counts what it really took.
 * `ignored`: it is unknown, or was resolved before; nothing changed.
 */
export type Resolution = 'resolved' | 'reconciled' | 'ignored';

/** A counter's state, in the unit of its window. */
export interface WindowBalance {
	spent: number;
	held: number;
}

/** One line of the append-only book. */
export interface LedgerEntry extends CallDetails {
	id: number;
	reservationId: string;
	siteId: string;
	kind: 'reserve' | 'settle' | 'release' | 'expire' | 'reconcile' | 'correct';
	/** What the step holds or spends; zero for a release; for `reconcile` what takes the place of what expired; negative only for `correct`. */
	amounts: Amounts;
	/** The windows it counts in. */
	windowKeys: string[];
	/** Why the owner corrected; absent from other steps. */
	reason?: string;
	isEstimated: boolean;
	usage: Usage | undefined;
	at: number;
}

/** What comparing the book with the counters found; no problem means that they agree to the last unit. */
export interface LedgerCheck {
	entries: number;
	windows: number;
	openReservations: number;
	/** One sentence each, naming the window or reservation. */
	problems: string[];
}

export interface LedgerStore {
	reserve( request: ReserveRequest ): Promise< ReserveOutcome >;
	/** Spends the amounts and frees the rest. */
	settle( request: SettleRequest ): Promise< Resolution >;
	/** Frees everything that was held. */
	release( reservationId: string, now: number ): Promise< Resolution >;
	/** Counts open reservations that ran out as spent in full, and returns how many there were. They can still be reconciled. */
	expire( now: number ): Promise< number >;
	/**
	 * Adds to what is spent (or takes from it, never below zero) in the named windows: the owner's correction of a wrong price. The book
	 * gets one entry for each amount that was really added; a window in which nothing changes is left out.
	 */
	correct( correction: {
		siteId: string;
		windows: ReadonlyArray< Pick< SpendingWindow, 'key' | 'unit' > >;
		/** May be negative. */
		nanoUsd: number;
		reason: string;
		now: number;
	} ): Promise< void >;
	balance( windowKey: string ): Promise< WindowBalance >;
	/** Lists the newest entries of a site. */
	entries( siteId: string, limit: number ): Promise< LedgerEntry[] >;
	/** Adds the book up again and compares. */
	check(): Promise< LedgerCheck >;
}
