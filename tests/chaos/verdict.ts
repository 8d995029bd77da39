/**
 * Judges the money after the trouble: the provider's own bill against the limit and against the ledger, call by call.
 */
import { dateIn, siteMonthKey } from '../../proxy/src/ledger/windows.ts';
import type { Stores } from '../../proxy/src/stores/stores.ts';
import { SITE_ID } from '../support/proxy/credentials.ts';
import type { Bill } from '../support/simulated-provider/index.ts';

/** Longer than any reservation lives, in milliseconds. */
const AFTER_ALL_RESERVATIONS_MS = 60 * 60_000;

/** What the books say. Amounts in nano-dollars. */
export interface Verdict {
	limitNanoUsd: number;
	billNanoUsd: number;
	ledgerNanoUsd: number;
	/** Calls whose usage was reported, and what they came to in the ledger: exactly the provider's figures. */
	settledExactly: number;
	/** Calls settled at an estimate, or in full after a crash: never less than the bill. */
	settledHigher: number;
	/** Money that counts as spent and was not billed: the price of not knowing. */
	unknownNanoUsd: number;
	/** One sentence for each thing that must not be. */
	problems: string[];
}

/** Compares the books once nothing runs any more. Reservations that crashes left behind are expired first. */
export async function judge(
	{ ledger }: Pick< Stores, 'ledger' >,
	bill: Bill,
	limitNanoUsd: number
): Promise< Verdict > {
	const later = Date.now() + AFTER_ALL_RESERVATIONS_MS;
	while ( ( await ledger.expire( later ) ) > 0 ) {
		// Expires a bounded number at a time.
	}
	const check = await ledger.check();
	const problems = [ ...check.problems ];
	const balance = await ledger.balance(
		siteMonthKey( SITE_ID, dateIn( 'UTC', Date.now() ).slice( 0, 7 ) )
	);
	if ( balance.held !== 0 || check.openReservations !== 0 ) {
		problems.push(
			`${ balance.held } nano-dollars are held at rest, by ${ check.openReservations } reservations.`
		);
	}
	if ( bill.totalNanoUsd > limitNanoUsd ) {
		problems.push(
			`The provider billed ${ bill.totalNanoUsd }, more than the limit of ${ limitNanoUsd }.`
		);
	}
	if ( balance.spent < bill.totalNanoUsd ) {
		problems.push(
			`The ledger counts ${ balance.spent }, less than the bill of ${ bill.totalNanoUsd }.`
		);
	}

	const billed = new Map< number, number >();
	for ( const { costNanoUsd } of bill.entries ) {
		billed.set( costNanoUsd, ( billed.get( costNanoUsd ) ?? 0 ) + 1 );
	}
	let settledExactly = 0;
	let settledHigher = 0;
	for ( const entry of await ledger.entries( SITE_ID, 1_000_000 ) ) {
		if ( entry.kind === 'reserve' || entry.kind === 'release' ) {
			continue;
		}
		if ( entry.isEstimated ) {
			settledHigher++;
			continue;
		}
		const { nanoUsd } = entry.amounts;
		const left = billed.get( nanoUsd ) ?? 0;
		if ( left === 0 ) {
			problems.push(
				`Reservation ${ entry.reservationId } was settled at ${ nanoUsd }, which the provider never billed.`
			);
		}
		billed.set( nanoUsd, left - 1 );
		settledExactly++;
	}
	return {
		limitNanoUsd,
		billNanoUsd: bill.totalNanoUsd,
		ledgerNanoUsd: balance.spent,
		settledExactly,
		settledHigher,
		unknownNanoUsd: balance.spent - bill.totalNanoUsd,
		problems,
	};
}
