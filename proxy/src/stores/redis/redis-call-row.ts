/**
 * Writes a call as Redis keeps it, and reads it back: values without names, because there may be a million of them.
 */
import type { CallFilter, KeptCall } from '../call-store.ts';

/** What calls are grouped by, in the order in which a group's name lists them. */
export const GROUP_FIELDS = [
	'model',
	'tier',
	'kind',
	'cache',
	'outcome',
] as const;

const ROW_FIELDS = [
	'requestId',
	'visitor',
	'provider',
	'reason',
	'attempt',
	'errorKind',
	'usage',
	'isEstimated',
	'inputTokens',
	'outputTokens',
	'reservedNanoUsd',
	'costNanoUsd',
	'savedNanoUsd',
	'queueMs',
	'firstTokenMs',
	'totalMs',
	'features',
	'turnId',
] as const satisfies ReadonlyArray< keyof KeptCall >;

/** Names the group of a call. */
export const groupOf = ( call: KeptCall ): string =>
	JSON.stringify( GROUP_FIELDS.map( ( field ) => call[ field ] ) );

/** Reads what a group's name says. */
export const readGroup = (
	group: string
): Pick< KeptCall, ( typeof GROUP_FIELDS )[ number ] > => {
	const values = JSON.parse( group ) as string[];
	return Object.fromEntries(
		GROUP_FIELDS.map( ( field, index ) => [ field, values[ index ] ] )
	) as ReturnType< typeof readGroup >;
};

/** Tells whether a group's calls pass a filter. */
export function isGroupWanted( group: string, filter: CallFilter ): boolean {
	const values = readGroup( group );
	return GROUP_FIELDS.every(
		( field ) =>
			filter[ field ] === undefined || filter[ field ] === values[ field ]
	);
}

/** Writes what neither the place nor the group of a call says. */
export const writeRow = ( call: KeptCall ): string =>
	JSON.stringify( ROW_FIELDS.map( ( field ) => call[ field ] ?? null ) );

/** Reads a row with its place. */
export function readRow(
	siteId: string,
	place: string,
	row: string
): KeptCall {
	const [ id = '', , group = '', json = '[]' ] = row.split( '\n' );
	const values = JSON.parse( json ) as unknown[];
	return {
		id,
		siteId,
		at: timeOf( place ),
		...readGroup( group ),
		...Object.fromEntries(
			ROW_FIELDS.map( ( field, index ) => [
				field,
				values[ index ] ?? undefined,
			] )
		),
	} as KeptCall;
}

/** Pads a time, so that times compare as text; one before the epoch counts as the epoch. */
export const padTime = ( time: number ): string =>
	String( Math.max( 0, Math.floor( time ) ) ).padStart( 15, '0' );

/** The time in a place ("<time>:<number>"). */
export const timeOf = ( place: string ): number =>
	Number( place.slice( 0, 15 ) );
