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

const DAY_MS = 86_400_000;

/** Ids of resolved reservations are known for at least two days, so that none can be used again. */
export const DONE_TTL_MS = 4 * DAY_MS;

/** Reservations that expired can be reconciled for so long, in milliseconds. */
export const RECONCILE_MS = 2 * DAY_MS;

/** The sites that have a ledger in this Redis (a set). */
export const LEDGER_SITES = 'docent:ledger:sites';

/** Says that nothing was flushed since it was last read (a random word). */
export const LEDGER_LIFE = 'docent:ledger:life';

/** Keys of one site, all in one slot. */
export function ledgerKeys( siteId: string ) {
	const prefix = `docent:{${ siteId }}:ledger`;
	return {
		windows: `${ prefix }:windows`,
		reservations: `${ prefix }:reservations`,
		open: `${ prefix }:open`,
		lapsed: `${ prefix }:lapsed`,
		book: `${ prefix }:book`,
		restored: `${ prefix }:restored`,
		closed: `${ prefix }:closed`,
		/** The ids that are done: of the day, the day after (another clock may be ahead), and the two days before. */
		done( now: number ): string[] {
			const day = Math.floor( now / DAY_MS );
			return [ day, day + 1, day - 1, day - 2 ].map(
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

export const toList = ( amounts: Amounts ): AmountList =>
	UNITS.map( ( unit ) => amounts[ unit ] ?? 0 ) as AmountList;

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

/** What the first entry of a reservation says beside its amounts and windows; `r` id, `d` details, `t` time. */
export const reservePayload = (
	reservationId: string,
	details: CallDetails,
	now: number
): string => JSON.stringify( { r: reservationId, d: details, t: now } );

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

/** An entry of the book as the list holds it. */
export interface BookLine {
	kind: LedgerEntry[ 'kind' ];
	/** Index of the entry that began the reservation; undefined for an entry that begins something itself. */
	begunBy: number | undefined;
	amounts: Amounts;
	windowKeys: string[];
	payload: {
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
	const [ kind, begunBy, amounts = '', keys = '', payload = '{}' ] =
		text.split( '\n' );
	const numbers = amounts.split( ' ' ).map( Number );
	return {
		kind: kind as BookLine[ 'kind' ],
		begunBy: begunBy === '-' ? undefined : Number( begunBy ),
		amounts: Object.fromEntries(
			UNITS.map( ( unit, index ) => [ unit, numbers[ index ] ] )
		) as unknown as Amounts,
		windowKeys: keys === '' ? [] : keys.split( '\t' ),
		payload: JSON.parse( payload ),
	};
}
