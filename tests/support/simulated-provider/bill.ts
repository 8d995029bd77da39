/**
 * Keeps the simulated provider's bill: one entry for every attempt that reached a model, also when nobody read the answer.
 */
import { type BilledTokens, priceOf } from './prices.ts';

/** One line of the bill. It grows while the reply is produced and stays as it is when the reply ends or is cut. */
export interface BillEntry {
	requestId: string;
	model: string;
	tokens: BilledTokens;
	readonly costNanoUsd: number;
}

/** What the provider would charge. */
export interface Bill {
	readonly totalNanoUsd: number;
	readonly entries: readonly BillEntry[];
}

/** The bill as the provider itself writes it. */
export interface WritableBill extends Bill {
	open( requestId: string, model: string, tokens: BilledTokens ): BillEntry;
	/** Adds to the total without an entry, for load runs with too many requests to list. */
	addUnlisted( costNanoUsd: number ): void;
	clear(): void;
}

/** Starts an empty bill. */
export function createBill(): WritableBill {
	let entries: BillEntry[] = [];
	let unlistedNanoUsd = 0;
	return {
		get totalNanoUsd() {
			return entries.reduce(
				( sum, entry ) => sum + entry.costNanoUsd,
				unlistedNanoUsd
			);
		},
		get entries() {
			return entries;
		},
		open( requestId, model, tokens ) {
			const entry: BillEntry = {
				requestId,
				model,
				tokens: { ...tokens },
				get costNanoUsd() {
					return priceOf( model, this.tokens );
				},
			};
			entries.push( entry );
			return entry;
		},
		addUnlisted( costNanoUsd ) {
			unlistedNanoUsd += costNanoUsd;
		},
		clear() {
			entries = [];
			unlistedNanoUsd = 0;
		},
	};
}
