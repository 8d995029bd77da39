/**
 * Keeps the call log in Redis: rows, the order in which they came, and their sums by day.
 */
import { DocentError } from '../../errors.ts';
import type { CallFilter, CallStore, KeptCall } from '../call-store.ts';
import { isStoreAway } from '../store-away.ts';
import type { RedisConnection } from './connection.ts';
import {
	GROUP_FIELDS,
	groupOf,
	isGroupWanted,
	padTime,
	readGroup,
	readRow,
	timeOf,
	writeRow,
} from './redis-call-row.ts';
import { readScript } from './script.ts';

const addScript = readScript(
	new URL( './redis-call-add.lua', import.meta.url )
);
const deleteScript = readScript(
	new URL( './redis-call-delete.lua', import.meta.url )
);

/** So many rows are removed at once, so that others get their turn on the server. */
const DELETED_AT_ONCE = 500;

/** So many calls wait in memory while Redis is away; later ones are only in the structured log. */
const MAX_WAITING = 1_000;

/** Time limit of what reads much, in milliseconds. */
const READ_TIMEOUT_MS = 5_000;

/** Makes a {@link CallStore}. Calls that come while Redis is away are added when it is back. */
export function createRedisCallStore( connection: RedisConnection ): CallStore {
	const options = { timeoutMs: READ_TIMEOUT_MS };
	const waiting: Array< { call: KeptCall; day: string } > = [];

	const write = ( call: KeptCall, day: string ): Promise< unknown > => {
		const keys = callKeys( call.siteId );
		const turn = call.turnId || call.id;
		const group = groupOf( call );
		return connection.script(
			addScript,
			[
				keys.rows,
				keys.turn( turn ),
				keys.all,
				keys.group( group ),
				keys.groups,
				keys.sums( day ),
				keys.days,
				keys.last,
			],
			[
				padTime( call.at ),
				call.id,
				turn,
				group,
				writeRow( call ),
				day,
				...[
					call.inputTokens,
					call.outputTokens,
					call.costNanoUsd,
					call.savedNanoUsd,
				].map( String ),
			]
		);
	};
	const add: CallStore[ 'add' ] = async ( call, day ) => {
		try {
			await write( call, day );
		} catch ( error ) {
			if ( ! isStoreAway( error ) || waiting.length >= MAX_WAITING ) {
				throw error;
			}
			waiting.push( { call, day } );
		}
	};
	connection.onChange( ( { kind } ) => {
		if ( kind === 'ready' ) {
			for ( const { call, day } of waiting.splice( 0 ) ) {
				add( call, day ).catch( () => undefined );
			}
		}
	} );

	/** Lists the sorted sets that hold what a filter wants. */
	const placesFor = async (
		siteId: string,
		filter: CallFilter
	): Promise< string[] > => {
		const keys = callKeys( siteId );
		if ( filter.turnId !== undefined ) {
			return [ keys.turn( filter.turnId ) ];
		}
		if (
			GROUP_FIELDS.every( ( field ) => filter[ field ] === undefined )
		) {
			return [ keys.all ];
		}
		const groups = await connection.command< string[] >(
			[ 'SMEMBERS', keys.groups ],
			options
		);
		return groups
			.filter( ( group ) => isGroupWanted( group, filter ) )
			.map( keys.group );
	};

	return {
		add,

		async list( siteId, filter, { limit, cursor } ) {
			const after = cursor === undefined ? '+' : readCursor( cursor );
			const before =
				filter.to === undefined ? '+' : `(${ padTime( filter.to ) }`;
			const newest = [ after, before ].reduce( ( a, b ) =>
				b === '+' || ( a !== '+' && a.slice( 1 ) < b.slice( 1 ) )
					? a
					: b
			);
			const oldest =
				filter.from === undefined
					? '-'
					: `[${ padTime( filter.from ) }`;
			// A turn has few calls, and those that the rest of the filter leaves out must not shorten the page.
			const count =
				filter.turnId === undefined
					? limit + 1
					: Number.MAX_SAFE_INTEGER;
			const lists = await Promise.all(
				( await placesFor( siteId, filter ) ).map( ( key ) =>
					connection.command< string[] >(
						[
							'ZREVRANGEBYLEX',
							key,
							newest,
							oldest,
							'LIMIT',
							'0',
							String( count ),
						],
						options
					)
				)
			);
			const places = lists
				.flat()
				.sort( ( a, b ) => ( a < b ? 1 : -1 ) )
				.slice( 0, count );
			const found = await readRows( siteId, places );
			const wanted =
				filter.turnId === undefined
					? found
					: found.filter(
							( { call } ) =>
								call.turnId === filter.turnId &&
								isGroupWanted( groupOf( call ), filter )
						);
			const page = wanted.slice( 0, limit );
			return {
				calls: page.map( ( { call } ) => call ),
				nextCursor:
					wanted.length > limit
						? page.at( -1 )?.place.replace( ':', '_' )
						: undefined,
			};
		},

		async rollups( siteId, firstDay, lastDay ) {
			const keys = callKeys( siteId );
			const days = await connection.command< string[] >(
				[ 'ZRANGEBYLEX', keys.days, `[${ firstDay }`, `[${ lastDay }` ],
				options
			);
			const sums = await Promise.all(
				days.map( ( day ) =>
					connection.command< Record< string, string > >(
						[ 'HGETALL', keys.sums( day ) ],
						options
					)
				)
			);
			return days.flatMap( ( day, index ) =>
				Object.entries( sums[ index ] ?? {} ).map(
					( [ group, text ] ) => {
						const [
							calls = 0,
							inputTokens = 0,
							outputTokens = 0,
							costNanoUsd = 0,
							savedNanoUsd = 0,
						] = text.split( ' ' ).map( Number );
						return {
							day,
							...readGroup( group ),
							calls,
							inputTokens,
							outputTokens,
							costNanoUsd,
							savedNanoUsd,
						};
					}
				)
			);
		},

		async deleteOlderThan( siteId, time ) {
			const keys = callKeys( siteId );
			let total = 0;
			let deleted: number;
			do {
				deleted = await connection.script< number >(
					deleteScript,
					[ keys.rows, keys.all ],
					[
						padTime( time ),
						String( DELETED_AT_ONCE ),
						keys.turn( '' ),
						keys.group( '' ),
					]
				);
				total += deleted;
			} while ( deleted === DELETED_AT_ONCE );
			return total;
		},
	};

	async function readRows(
		siteId: string,
		places: string[]
	): Promise< Array< { place: string; call: KeptCall } > > {
		if ( places.length === 0 ) {
			return [];
		}
		const rows = await connection.command< Array< string | null > >(
			[ 'HMGET', callKeys( siteId ).rows, ...places ],
			options
		);
		// A row may have been forgotten between the two readings.
		return places.flatMap( ( place, index ) => {
			const row = rows[ index ];
			return typeof row === 'string'
				? [ { place, call: readRow( siteId, place, row ) } ]
				: [];
		} );
	}
}

/** Keys of one site, all in one slot. */
function callKeys( siteId: string ) {
	const prefix = `docent:{${ siteId }}:calls`;
	return {
		rows: `${ prefix }:rows`,
		all: `${ prefix }:all`,
		groups: `${ prefix }:groups`,
		days: `${ prefix }:days`,
		last: `${ prefix }:last`,
		turn: ( turn: string ) => `${ prefix }:turn:${ turn }`,
		group: ( group: string ) => `${ prefix }:group:${ group }`,
		sums: ( day: string ) => `${ prefix }:sums:${ day }`,
	};
}

/** Turns a cursor into the bound after which the next page begins. */
function readCursor( cursor: string ): string {
	const place = cursor.replace( '_', ':' );
	if (
		! /^\d{15}:\d{12,16}$/.test( place ) ||
		! Number.isSafeInteger( timeOf( place ) )
	) {
		throw new DocentError(
			'bad_request',
			'The cursor is not one that this list gave. Begin again without it.'
		);
	}
	return `(${ place }`;
}
