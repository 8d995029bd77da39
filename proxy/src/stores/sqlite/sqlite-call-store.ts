/**
 * Keeps the call log in SQLite: rows, and their sums by day in the same commit.
 */
import { DocentError } from '../../errors.ts';
import type { CallFilter, CallStore, KeptCall } from '../call-store.ts';
import type { Database } from './database.ts';
import { mergeNewestFirst, type Place } from './newest-first.ts';
import { toCall, toRollup, type Row } from './sqlite-call-rows.ts';

/** So many rows are removed in one commit, so that nobody waits long. */
const DELETED_AT_ONCE = 1_000;

const COLUMNS =
	'id, group_id, at, turn_id, turn_key, request_id, visitor, provider, reason, attempt, error_kind, usage, features, is_estimated, input_tokens, output_tokens, reserved_nano_usd, cost_nano_usd, saved_nano_usd, queue_ms, first_token_ms, total_ms';

const JOINED =
	'SELECT calls.*, site_id, model, tier, kind, cache, outcome FROM calls JOIN call_groups ON call_groups.id = group_id';

/** Before every call. */
const TOP: Place = {
	at: Number.MAX_SAFE_INTEGER,
	seq: Number.MAX_SAFE_INTEGER,
};

/** Makes a {@link CallStore} on an open database. */
export function createSqliteCallStore( database: Database ): CallStore {
	const { prepare, read, write, writeSoon } = database;

	const groupOf = ( call: KeptCall ): number => {
		const { siteId, model, tier, kind, cache, outcome } = call;
		const values = [ siteId, model, tier, kind, cache, outcome ];
		// Asked every time: what a rolled back commit had made would be remembered wrongly.
		const known = prepare(
			'SELECT id FROM call_groups WHERE site_id = ? AND model = ? AND tier = ? AND kind = ? AND cache = ? AND outcome = ?'
		).get( ...values );
		return known
			? Number( known.id )
			: Number(
					prepare(
						'INSERT INTO call_groups (site_id, model, tier, kind, cache, outcome) VALUES (?, ?, ?, ?, ?, ?)'
					).run( ...values ).lastInsertRowid
				);
	};

	const groupsOf = ( siteId: string, filter: CallFilter ): number[] => {
		const { sql, values } = conditions( filter );
		return prepare( `SELECT id FROM call_groups WHERE site_id = ?${ sql }` )
			.all( siteId, ...values )
			.map( ( { id } ) => Number( id ) );
	};

	/** Reads the next places of one group after another place. */
	const readPlaces =
		( groupId: number, filter: CallFilter ) =>
		( { at, seq }: Place, limit: number ): Place[] =>
			prepare(
				`SELECT at, seq FROM calls WHERE group_id = ? AND at >= ? AND at <= ? AND (at < ? OR seq < ?)
				ORDER BY at DESC, seq DESC LIMIT ?`
			).all(
				groupId,
				filter.from ?? Number.MIN_SAFE_INTEGER,
				// One upper bound: with two, the index would be searched by the first of them only.
				Math.min( at, ( filter.to ?? Number.MAX_SAFE_INTEGER ) - 1 ),
				at,
				seq,
				limit
			) as unknown as Place[];

	const listTurn = (
		siteId: string,
		turnId: string,
		filter: CallFilter,
		after: Place,
		limit: number
	): Row[] => {
		const { sql, values } = conditions( filter );
		return prepare(
			`${ JOINED } WHERE turn_key = ? AND turn_id = ? AND site_id = ?${ sql }
			AND at >= ? AND at < ? AND (at, seq) < (?, ?) ORDER BY at DESC, seq DESC LIMIT ?`
		).all(
			turnKey( turnId ),
			turnId,
			siteId,
			...values,
			filter.from ?? Number.MIN_SAFE_INTEGER,
			filter.to ?? Number.MAX_SAFE_INTEGER,
			after.at,
			after.seq,
			limit
		);
	};

	const listGroups = (
		siteId: string,
		filter: CallFilter,
		after: Place,
		limit: number
	): Row[] =>
		mergeNewestFirst(
			groupsOf( siteId, filter ).map( ( id ) =>
				readPlaces( id, filter )
			),
			after,
			limit
		).map(
			( { seq } ) =>
				prepare( `${ JOINED } WHERE seq = ?` ).get( seq ) as Row
		);

	return {
		add: ( call, day ) =>
			writeSoon( () => {
				const groupId = groupOf( call );
				const key = turnKey( call.turnId || call.id );
				const { changes } = prepare(
					`INSERT INTO calls (${ COLUMNS })
					SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
					WHERE NOT EXISTS (SELECT 1 FROM calls WHERE turn_key = ? AND id = ?)`
				).run(
					call.id,
					groupId,
					call.at,
					call.turnId,
					key,
					call.requestId,
					call.visitor,
					call.provider,
					call.reason,
					call.attempt,
					call.errorKind,
					call.usage ? JSON.stringify( call.usage ) : null,
					call.features ? JSON.stringify( call.features ) : null,
					call.isEstimated ? 1 : 0,
					call.inputTokens,
					call.outputTokens,
					call.reservedNanoUsd,
					call.costNanoUsd,
					call.savedNanoUsd,
					call.queueMs,
					call.firstTokenMs ?? null,
					call.totalMs,
					key,
					call.id
				);
				if ( changes === 0 ) {
					return;
				}
				prepare(
					`INSERT INTO call_rollups (group_id, day, calls, input_tokens, output_tokens, cost_nano_usd, saved_nano_usd)
					VALUES (?, ?, 1, ?, ?, ?, ?)
					ON CONFLICT (group_id, day) DO UPDATE SET calls = calls + 1,
						input_tokens = input_tokens + excluded.input_tokens,
						output_tokens = output_tokens + excluded.output_tokens,
						cost_nano_usd = cost_nano_usd + excluded.cost_nano_usd,
						saved_nano_usd = saved_nano_usd + excluded.saved_nano_usd`
				).run(
					groupId,
					day,
					call.inputTokens,
					call.outputTokens,
					call.costNanoUsd,
					call.savedNanoUsd
				);
			} ),

		async list( siteId, filter, { limit, cursor } ) {
			const after = cursor === undefined ? TOP : readCursor( cursor );
			// One more than asked for tells whether there is a next page.
			const rows = read( () =>
				filter.turnId === undefined
					? listGroups( siteId, filter, after, limit + 1 )
					: listTurn(
							siteId,
							filter.turnId,
							filter,
							after,
							limit + 1
						)
			);
			const hasMore = rows.length > limit;
			const calls = rows.slice( 0, limit );
			const last = calls.at( -1 );
			return {
				calls: calls.map( toCall ),
				nextCursor:
					hasMore && last
						? `${ Number( last.at ).toString( 36 ) }_${ Number( last.seq ).toString( 36 ) }`
						: undefined,
			};
		},

		async rollups( siteId, firstDay, lastDay ) {
			return prepare(
				`SELECT day, model, tier, kind, cache, outcome, calls, input_tokens, output_tokens, cost_nano_usd, saved_nano_usd
				FROM call_groups JOIN call_rollups ON group_id = id WHERE site_id = ? AND day BETWEEN ? AND ?`
			)
				.all( siteId, firstDay, lastDay )
				.map( toRollup );
		},

		async deleteOlderThan( siteId, time ) {
			let deleted = 0;
			for ( const groupId of groupsOf( siteId, {} ) ) {
				let changes: number;
				do {
					changes = await write( () =>
						Number(
							prepare(
								'DELETE FROM calls WHERE seq IN (SELECT seq FROM calls WHERE group_id = ? AND at < ? LIMIT ?)'
							).run( groupId, time, DELETED_AT_ONCE ).changes
						)
					);
					deleted += changes;
				} while ( changes === DELETED_AT_ONCE );
			}
			return deleted;
		},
	};
}

/** Turns the parts of a filter that a group has into SQL. */
function conditions( filter: CallFilter ): { sql: string; values: string[] } {
	const names = [ 'model', 'tier', 'kind', 'cache', 'outcome' ] as const;
	const given = names.filter( ( name ) => filter[ name ] !== undefined );
	return {
		sql: given.map( ( name ) => ` AND ${ name } = ?` ).join( '' ),
		values: given.map( ( name ) => String( filter[ name ] ) ),
	};
}

/** Hashes an id to 32 bits (FNV-1a). Ids that share a number are told apart by the row itself. */
function turnKey( id: string ): number {
	let hash = 0x811c9dc5;
	for ( let index = 0; index < id.length; index++ ) {
		hash = Math.imul( hash ^ id.charCodeAt( index ), 0x01000193 );
	}
	return hash | 0;
}

function readCursor( cursor: string ): Place {
	const [ , at = '', seq = '' ] =
		/^(-?[0-9a-z]{1,11})_([0-9a-z]{1,11})$/.exec( cursor ) ?? [];
	if ( seq === '' ) {
		throw new DocentError(
			'bad_request',
			'The cursor is not one that this list gave. Begin again without it.'
		);
	}
	return { at: Number.parseInt( at, 36 ), seq: Number.parseInt( seq, 36 ) };
}
