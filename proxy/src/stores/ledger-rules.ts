/**
 * The rules of the ledger that every store keeps: which numbers it takes, and why a window refuses.
 */
import type {
	Amounts,
	ReserveOutcome,
	ReserveRequest,
	SettleRequest,
	SpendingWindow,
	WindowBalance,
	WindowUnit,
} from './ledger-store.ts';

/** Every unit, in the order in which columns and messages list them. */
export const UNITS: readonly WindowUnit[] = [
	'nanoUsd',
	'voiceSeconds',
	'images',
];

type Refusal = Extract< ReserveOutcome, { kind: 'refused' } >;

const GRAVITY: Record< Refusal[ 'reason' ], number > = {
	wait: 0,
	spent: 1,
	too_large: 2,
};

/** Throws a `RangeError` unless a number is an integer that a counter can hold. */
export function assertCount( name: string, value: number ): void {
	if ( ! Number.isSafeInteger( value ) || value < 0 ) {
		throw new RangeError(
			`${ name } must be an integer from 0 to ${ Number.MAX_SAFE_INTEGER }, but is ${ value }`
		);
	}
}

/** Throws a `RangeError` when a reservation cannot be counted, naming the number. */
export function assertReserve( request: ReserveRequest ): void {
	assertAmounts( request.amounts );
	assertCount( 'now', request.now );
	assertCount( 'expiresAt', request.expiresAt );
	if ( request.windows.length === 0 ) {
		throw new RangeError(
			'a reservation that counts in no window has no limit'
		);
	}
	for ( const [ index, { key, limit } ] of request.windows.entries() ) {
		assertCount( `the limit of ${ key }`, limit );
		for ( let other = 0; other < index; other++ ) {
			if ( request.windows[ other ]?.key === key ) {
				throw new RangeError( `the window ${ key } is named twice` );
			}
		}
	}
}

/** Throws a `RangeError` when a settlement cannot be counted, naming the number. */
export function assertSettle( request: SettleRequest ): void {
	assertAmounts( request.amounts );
	assertCount( 'now', request.now );
}

/** Throws a `RangeError` when a correction cannot be counted, naming the number. */
export function assertCorrection( {
	nanoUsd,
	now,
}: {
	nanoUsd: number;
	now: number;
} ): void {
	assertCount( 'now', now );
	assertCount( 'the size of a correction in nanoUsd', Math.abs( nanoUsd ) );
}

function assertAmounts( amounts: Amounts ): void {
	for ( const unit of UNITS ) {
		assertCount( `amounts.${ unit }`, amounts[ unit ] ?? 0 );
	}
}

/** Tells why amounts do not fit into the windows; undefined when they fit into every one. */
export function refusalOf(
	windows: readonly SpendingWindow[],
	amounts: Amounts,
	balanceOf: ( key: string ) => WindowBalance
): Refusal | undefined {
	let refusal: Refusal | undefined;
	for ( const { key, unit, limit } of windows ) {
		const amount = amounts[ unit ] ?? 0;
		const { spent, held } = balanceOf( key );
		if ( amount > limit - spent - held ) {
			const remaining = Math.max( 0, limit - spent - held );
			const reason = reasonOf( amount, limit, spent );
			if ( ! refusal ) {
				refusal = {
					kind: 'refused',
					reason,
					windowKey: key,
					unit,
					remaining,
				};
				continue;
			}
			if ( GRAVITY[ reason ] > GRAVITY[ refusal.reason ] ) {
				refusal.reason = reason;
			}
			const isUseBeforeMoney =
				refusal.unit === 'nanoUsd' && unit !== 'nanoUsd';
			const isLess =
				refusal.unit === unit && remaining < refusal.remaining;
			if ( isUseBeforeMoney || isLess ) {
				Object.assign( refusal, { windowKey: key, unit, remaining } );
			}
		}
	}
	return refusal;
}

function reasonOf(
	amount: number,
	limit: number,
	spent: number
): Refusal[ 'reason' ] {
	if ( amount > limit ) {
		return 'too_large';
	}
	return amount > limit - spent ? 'spent' : 'wait';
}
