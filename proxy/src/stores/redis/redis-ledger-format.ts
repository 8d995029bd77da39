/**
 * Names the keys of a site's ledger in Redis, and writes and reads what they hold.
 */
import { UNITS } from '../ledger-rules.ts';
import type {
	Amounts,
	CallDetails,
	LedgerEntry,
	SettleRequest,
	WindowBalance,
	WindowUnit,
} from '../ledger-store.ts';

/** Ids of resolved reservations are kept by periods of two days, in milliseconds. */
const DONE_PERIOD_MS = 2 * 86_400_000;

/** They are known for at least two days, so that none can be used again. */
export const DONE_TTL_MS = 3 * DONE_PERIOD_MS;

/** Reservations that expired can be reconciled for so long, in milliseconds. */
export const RECONCILE_MS = 2 * 86_400_000;

/** The sites that have a ledger in this Redis (a set). */
export const LEDGER_SITES = 'docent:ledger:sites';

/** Says that nothing was flushed since it was last read (a random word). */
export const LEDGER_LIFE = 'docent:ledger:life';

/** Keys of one site, all in one slot. */
export function ledgerKeys( siteId: string ) {
	const prefix = `docent:{${ siteId }}:ledger`;
	return {
		windows: `${ prefix }:windows`,
		/** Reservations that hold something. */
		open: `${ prefix }:open`,
		/** Reservations that ran out and can be reconciled. */
		lapsed: `${ prefix }:lapsed`,
		book: `${ prefix }:book`,
		restored: `${ prefix }:restored`,
		closed: `${ prefix }:closed`,
		/** The ids that are done: of this period, the next (another clock may be ahead), and the last. */
		done( now: number ): string[] {
			const period = Math.floor( now / DONE_PERIOD_MS );
			return [ period, period + 1, period - 1 ].map(
				( each ) => `${ prefix }:done:${ each }`
			);
		},
	};
}

/** Amounts in the order of the units. */
export type AmountList = [
	nanoUsd: number,
	voiceSeconds: number,
	images: number,
];

/** Numbers of units begin at 1, as Lua's lists do. */
export const unitNumber = ( unit: WindowUnit ): number =>
	UNITS.indexOf( unit ) + 1;

export const toList = ( amounts: Amounts ): AmountList => [
	amounts.nanoUsd,
	amounts.voiceSeconds ?? 0,
	amounts.images ?? 0,
];

/** A window as the hash holds it: number of its unit, spent, held. */
export interface StoredWindow extends WindowBalance {
	unit: WindowUnit;
}

/** Reads a window; undefined for what is none. */
export function readWindow( text: string ): StoredWindow | undefined {
	const [ number, spent, held ] = text.split( ' ' );
	const unit = UNITS[ Number( number ) - 1 ];
	return unit && { unit, spent: Number( spent ), held: Number( held ) };
}

/** What the first entry of a reservation says beside its amounts and windows; `d` details, `t` time. */
export const reservePayload = ( details: CallDetails, now: number ): string =>
	JSON.stringify( { d: details, t: now } );

/** What an entry of a settlement or release says beside its amounts; `e` estimated, `u` usage. */
export const resolvePayload = ( {
	isEstimated,
	usage,
	now,
}: Pick< SettleRequest, 'isEstimated' | 'usage' | 'now' > ): string =>
	JSON.stringify( {
		...( isEstimated ? { e: 1 } : {} ),
		...( usage ? { u: usage } : {} ),
		t: now,
	} );

/** What an entry of a correction says beside its amounts and windows; `w` why. */
export const correctPayload = (
	id: string,
	reason: string,
	now: number,
	details: CallDetails = { model: '', tier: '', visitorId: '', turnId: '' }
): string => JSON.stringify( { r: id, d: details, w: reason, t: now } );

/** Throws a `RangeError` for an id that cannot stand among others in a line. */
export function assertId( id: string ): void {
	if ( ! /^["-~]{1,200}$/.test( id ) ) {
		throw new RangeError(
			'a reservation id must be 1 to 200 characters without spaces and exclamation marks'
		);
	}
}

/** Throws a `RangeError` for a key of a window that cannot stand among others in a line. */
export function assertWindowKey( key: string ): void {
	if ( /^!|[\t\n]/.test( key ) || key === '' ) {
		throw new RangeError(
			`${ JSON.stringify( key ) } cannot name a window`
		);
	}
}

/**
 * A record of a reservation is a line: when it runs out (or ran out), its amounts in the order of the units, and the keys of its windows
 * with tabs between them. Reads the time.
 */
export const timeOfRecord = ( record: string ): number =>
	Number.parseInt( record, 10 );

/**
 * An entry of the book as the list holds it: kind, reservation, amounts, windows (of entries that begin something) and the rest, a line
 * each.
 */
export interface BookLine {
	kind: LedgerEntry[ 'kind' ];
	reservationId: string;
	amounts: Amounts;
	windowKeys: string[];
	payload: {
		/** The id of a correction, which has no reservation. */
		r?: string;
		d?: CallDetails;
		w?: string;
		e?: 1;
		u?: LedgerEntry[ 'usage' ];
		t: number;
	};
}

/** Reads an entry. */
export function readLine( text: string ): BookLine {
	const [ kind, id = '', amounts = '', keys = '', json = '{}' ] =
		text.split( '\n' );
	const payload = JSON.parse( json ) as BookLine[ 'payload' ];
	const numbers = amounts.split( ' ' ).map( Number );
	return {
		kind: kind as BookLine[ 'kind' ],
		reservationId: payload.r ?? id,
		amounts: Object.fromEntries(
			UNITS.map( ( unit, index ) => [ unit, numbers[ index ] ] )
		) as unknown as Amounts,
		windowKeys: keys === '' ? [] : keys.split( '\t' ),
		payload,
	};
}
