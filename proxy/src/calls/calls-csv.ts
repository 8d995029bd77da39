/**
 * Writes calls as CSV (RFC 4180) that a spreadsheet can open without running anything.
 */
import type { KeptCall } from '../stores/call-store.ts';

type Cell = string | number | boolean | undefined;

/** Every column with what it shows. Times are ISO 8601 in UTC, amounts nano-dollars, durations milliseconds. */
const COLUMNS: ReadonlyArray<
	[ name: string, cell: ( call: KeptCall ) => Cell ]
> = [
	[ 'at', ( call ) => new Date( call.at ).toISOString() ],
	[ 'id', ( call ) => call.id ],
	[ 'turn_id', ( call ) => call.turnId ],
	[ 'request_id', ( call ) => call.requestId ],
	[ 'visitor', ( call ) => call.visitor ],
	[ 'kind', ( call ) => call.kind ],
	[ 'provider', ( call ) => call.provider ],
	[ 'model', ( call ) => call.model ],
	[ 'tier', ( call ) => call.tier ],
	[ 'reason', ( call ) => call.reason ],
	[ 'attempt', ( call ) => call.attempt ],
	[ 'cache', ( call ) => call.cache ],
	[ 'outcome', ( call ) => call.outcome ],
	[ 'error', ( call ) => call.errorKind ],
	[ 'input_tokens', ( call ) => call.inputTokens ],
	[ 'output_tokens', ( call ) => call.outputTokens ],
	[ 'is_estimated', ( call ) => call.isEstimated ],
	[ 'reserved_nano_usd', ( call ) => call.reservedNanoUsd ],
	[ 'cost_nano_usd', ( call ) => call.costNanoUsd ],
	[ 'cost_usd', ( call ) => toUsd( call.costNanoUsd ) ],
	[ 'saved_nano_usd', ( call ) => call.savedNanoUsd ],
	[ 'queue_ms', ( call ) => call.queueMs ],
	[ 'first_token_ms', ( call ) => call.firstTokenMs ],
	[ 'total_ms', ( call ) => call.totalMs ],
	// As JSON, so that routing can be replayed over an export.
	[ 'usage', ( call ) => call.usage && JSON.stringify( call.usage ) ],
	[
		'features',
		( call ) => call.features && JSON.stringify( call.features ),
	],
];

/** The first line. */
export const CSV_HEADER = `${ COLUMNS.map( ( [ name ] ) => name ).join( ',' ) }\r\n`;

/** Writes one line a call. */
export function toCsv( calls: KeptCall[] ): string {
	return calls
		.map(
			( call ) =>
				`${ COLUMNS.map( ( [ , cell ] ) => toCell( cell( call ) ) ).join( ',' ) }\r\n`
		)
		.join( '' );
}

/** A spreadsheet takes text for a formula that begins with one of these, in narrow or wide form. */
const BEGINS_A_FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

const NEEDS_QUOTES = /[",\r\n]/;

/** Writes one cell; an apostrophe before what would be a formula makes it text. */
export function toCell( value: Cell ): string {
	if ( typeof value !== 'string' ) {
		return value === undefined ? '' : String( value );
	}
	const text = BEGINS_A_FORMULA.test( value ) ? `'${ value }` : value;
	return NEEDS_QUOTES.test( text )
		? `"${ text.replaceAll( '"', '""' ) }"`
		: text;
}

/** Writes nano-dollars as dollars, exactly. */
function toUsd( nanoUsd: number ): string {
	const digits = String( nanoUsd ).padStart( 10, '0' );
	return `${ digits.slice( 0, -9 ) }.${ digits.slice( -9 ) }`;
}
