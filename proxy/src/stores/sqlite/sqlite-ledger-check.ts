/**
 * Adds the ledger's book up again, entry by entry, and compares it with what is open and with the counters.
 */
import type { StatementSync } from 'node:sqlite';
import { UNITS } from '../ledger-rules.ts';
import type {
	Amounts,
	LedgerCheck,
	LedgerEntry,
	WindowBalance,
	WindowUnit,
} from '../ledger-store.ts';
import { amountsOf } from './sqlite-ledger-book.ts';
import { windowIds } from './sqlite-ledger-counters.ts';

/** More problems than these are counted, not listed. */
const MAX_PROBLEMS = 100;

interface Row {
	id: number;
	reservation_id: string;
	kind: LedgerEntry[ 'kind' ];
	nano_usd: number;
	voice_seconds: number;
	images: number;
	windows: string | null;
}

/** A reservation that is open, or that has expired and may still be reconciled. */
interface Unresolved {
	entryId: number;
	amounts: Amounts;
	windows: number[];
	isOpen: boolean;
}

const TABLES = [ 'ledger_windows', 'ledger_entries', 'ledger_open' ];

/**
 * Looks first whether the file itself is whole, then compares as {@link checkLedger} does: a damaged page can hide an entry from one
 * index and show it in another.
 */
export function checkLedgerFile(
	prepare: ( sql: string ) => StatementSync
): LedgerCheck {
	const problems: string[] = [];
	for ( const table of TABLES ) {
		try {
			const findings = prepare( `PRAGMA integrity_check(${ table })` )
				.all()
				.map( ( row ) => String( row.integrity_check ) );
			problems.push(
				...findings
					.filter( ( finding ) => finding !== 'ok' )
					.map( ( finding ) => `${ table }: ${ finding }` )
			);
		} catch ( error ) {
			problems.push( `${ table }: ${ messageOf( error ) }` );
		}
	}
	try {
		const check = checkLedger( prepare );
		return { ...check, problems: [ ...problems, ...check.problems ] };
	} catch ( error ) {
		problems.push( `the book cannot be read: ${ messageOf( error ) }` );
		return { entries: 0, windows: 0, openReservations: 0, problems };
	}
}

function messageOf( error: unknown ): string {
	return error instanceof Error ? error.message : String( error );
}

/** Compares on the snapshot that the caller holds. Memory grows with unresolved reservations and windows, not with the book. */
export function checkLedger(
	prepare: ( sql: string ) => StatementSync
): LedgerCheck {
	const problems: string[] = [];
	let problemCount = 0;
	const tell = ( problem: string ) => {
		problemCount++;
		if ( problems.length < MAX_PROBLEMS ) {
			problems.push( problem );
		}
	};

	const sums = new Map< number, WindowBalance & { unit: WindowUnit } >();
	const counters = prepare(
		'SELECT id, key, unit, spent, held FROM ledger_windows ORDER BY id'
	).all() as unknown as Array<
		WindowBalance & { id: number; key: string; unit: WindowUnit }
	>;
	for ( const { id, unit } of counters ) {
		sums.set( id, { unit, spent: 0, held: 0 } );
	}
	const count = (
		entryId: number,
		windows: number[],
		part: keyof WindowBalance,
		amounts: Amounts,
		sign: 1 | -1
	) => {
		for ( const id of windows ) {
			const sum = sums.get( id );
			if ( sum ) {
				sum[ part ] += sign * ( amounts[ sum.unit ] ?? 0 );
			} else {
				tell(
					`entry ${ entryId } counts in window ${ id }, which does not exist`
				);
			}
		}
	};

	const unresolved = new Map< string, Unresolved >();
	let entries = 0;
	for ( const value of prepare(
		'SELECT id, reservation_id, kind, nano_usd, voice_seconds, images, windows FROM ledger_entries ORDER BY id'
	).iterate() ) {
		const row = value as unknown as Row;
		const amounts = amountsOf( row );
		entries++;
		if ( row.kind === 'reserve' || row.kind === 'correct' ) {
			const windows = windowIds( row.windows ?? '' );
			if ( row.kind === 'correct' ) {
				count( row.id, windows, 'spent', amounts, 1 );
				continue;
			}
			if ( unresolved.has( row.reservation_id ) ) {
				tell( `reservation ${ row.reservation_id } begins twice` );
			}
			count( row.id, windows, 'held', amounts, 1 );
			unresolved.set( row.reservation_id, {
				entryId: row.id,
				amounts,
				windows,
				isOpen: true,
			} );
			continue;
		}
		const reservation = unresolved.get( row.reservation_id );
		if (
			! reservation ||
			reservation.isOpen === ( row.kind === 'reconcile' )
		) {
			tell(
				`entry ${ row.id } (${ row.kind }) resolves reservation ${ row.reservation_id }, which ${
					reservation?.isOpen ? 'has not expired' : 'is not open'
				}`
			);
			continue;
		}
		const { windows } = reservation;
		count(
			row.id,
			windows,
			row.kind === 'reconcile' ? 'spent' : 'held',
			reservation.amounts,
			-1
		);
		count( row.id, windows, 'spent', amounts, 1 );
		if ( row.kind === 'expire' ) {
			reservation.isOpen = false;
			if (
				UNITS.some(
					( unit ) => amounts[ unit ] !== reservation.amounts[ unit ]
				)
			) {
				tell(
					`entry ${ row.id } expires reservation ${ row.reservation_id } at another amount than it held`
				);
			}
		} else {
			unresolved.delete( row.reservation_id );
		}
	}

	const open = new Set(
		prepare( 'SELECT entry_id FROM ledger_open' )
			.all()
			.map( ( row ) => Number( row.entry_id ) )
	);
	const openReservations = open.size;
	for ( const [ reservationId, { entryId, isOpen } ] of unresolved ) {
		if ( isOpen && ! open.delete( entryId ) ) {
			tell(
				`reservation ${ reservationId } is open in the book and missing from what is open`
			);
		}
	}
	for ( const entryId of open ) {
		tell(
			`what is open names entry ${ entryId }, which does not begin an open reservation`
		);
	}

	for ( const { id, key, unit, spent, held } of counters ) {
		const sum = sums.get( id );
		if ( sum && ( sum.spent !== spent || sum.held !== held ) ) {
			tell(
				`window ${ key } counts ${ spent } ${ unit } spent and ${ held } held, but its entries add up to ${ sum.spent } spent and ${ sum.held } held`
			);
		}
	}

	if ( problemCount > problems.length ) {
		problems.push( `… and ${ problemCount - problems.length } more` );
	}
	return { entries, windows: counters.length, openReservations, problems };
}
