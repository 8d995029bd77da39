/**
 * Puts what a change of documents writes beside what there is in Redis, where nobody sees it until the change counts.
 */
import { randomUUID } from 'node:crypto';
import type { CommandArgument } from './link.ts';
import type { RedisConnection } from './connection.ts';
import { CHANGE_TIMEOUT_MS } from './redis-knowledge-site.ts';
import { siteKey } from './redis-site-key.ts';

/** How much one command stages: fields, and bytes of values. */
const FIELDS_AT_ONCE = 1_000;
const BYTES_AT_ONCE = 1_000_000;

/** A change that nobody makes count disappears after this time, in milliseconds. */
const KEEP_MS = 600_000;

/** What one change writes. A field is where it belongs, a line break, and its name there; an empty value takes it away. */
export interface Stage {
	readonly change: string;
	/** How many fields are written in the step in which the change counts, and how many are written down afterwards. */
	readonly nowCount: number;
	readonly laterCount: number;
	/** Adds a field that is written in the step in which the change counts. */
	now( name: string, field: string, value: CommandArgument ): void;
	/** Adds a field that is written down afterwards; until then everybody reads it first. */
	later( name: string, field: string, value: CommandArgument ): void;
	/** Sends what has been added, when it is much or `all` is asked for. */
	send( all?: boolean ): Promise< void >;
	/** Takes everything away again. */
	discard(): Promise< void >;
}

/** Makes an empty stage. */
export function createStage( redis: RedisConnection, siteId: string ): Stage {
	const change = randomUUID();
	const key = siteKey( siteId, `change:${ change }` );
	const keys = { now: `${ key }:now`, later: key, order: `${ key }:order` };
	const now = new Map< string, CommandArgument >();
	const later = new Map< string, CommandArgument >();
	let nowCount = 0;
	let laterCount = 0;
	let bytes = 0;

	const sendFields = async (
		to: string,
		writes: Map< string, CommandArgument >,
		order?: string
	): Promise< void > => {
		const fields = [ ...writes ];
		writes.clear();
		for ( let from = 0; from < fields.length; from += FIELDS_AT_ONCE ) {
			const some = fields.slice( from, from + FIELDS_AT_ONCE );
			// In one step, so that nothing stays for good that nobody makes count.
			await redis.transaction(
				[
					[ 'HSET', to, ...some.flat() ],
					[ 'PEXPIRE', to, String( KEEP_MS ) ],
					...( order === undefined
						? []
						: [
								[
									'RPUSH',
									order,
									...some.map( ( [ name ] ) => name ),
								],
								[ 'PEXPIRE', order, String( KEEP_MS ) ],
							] ),
				],
				{ timeoutMs: CHANGE_TIMEOUT_MS }
			);
		}
	};

	return {
		change,
		get nowCount() {
			return nowCount;
		},
		get laterCount() {
			return laterCount;
		},

		now( name, field, value ) {
			now.set( `${ name }\n${ field }`, value );
		},

		later( name, field, value ) {
			later.set( `${ name }\n${ field }`, value );
			bytes += value.length;
		},

		async send( all = false ) {
			if (
				! all &&
				later.size < FIELDS_AT_ONCE &&
				bytes < BYTES_AT_ONCE
			) {
				return;
			}
			laterCount += later.size;
			bytes = 0;
			await sendFields( keys.later, later, keys.order );
			if ( all ) {
				nowCount += now.size;
				await sendFields( keys.now, now );
			}
		},

		async discard() {
			await redis.command( [ 'UNLINK', ...Object.values( keys ) ] );
		},
	};
}
