/**
 * The counters of the ledger inside one SQLite transaction: read when they are first needed, written once at its end.
 */
import type { StatementSync } from 'node:sqlite';
import type {
	SpendingWindow,
	WindowBalance,
	WindowUnit,
} from '../ledger-store.ts';

/** A counter as the transaction sees it. */
export interface Counter extends WindowBalance {
	readonly id: number;
	readonly unit: WindowUnit;
}

/** More counters than these are not remembered from one transaction to the next. */
const MAX_REMEMBERED = 2_000;

/** Counters of one transaction after another. */
export class LedgerCounters {
	#prepare: ( sql: string ) => StatementSync;
	#byKey = new Map< string, Counter >();
	#byId = new Map< number, Counter >();
	#changed = new Set< Counter >();
	#version: number | undefined;

	constructor( prepare: ( sql: string ) => StatementSync ) {
		this.#prepare = prepare;
	}

	/**
	 * Begins a transaction, after the file was locked: what is remembered still holds unless another connection has written since.
	 *
	 * Whoever uses counters again has seen to it that their last transaction was committed, and that no other one of this connection
	 * wrote counters since.
	 */
	begin(): void {
		const version = this.#prepare( 'PRAGMA data_version' ).get()
			?.data_version as number;
		if ( version !== this.#version || this.#byId.size > MAX_REMEMBERED ) {
			this.#byKey.clear();
			this.#byId.clear();
			this.#version = version;
		}
	}

	/** Writes the counters that changed. */
	finish(): void {
		const update = this.#prepare(
			'UPDATE ledger_windows SET spent = ?, held = ? WHERE id = ?'
		);
		for ( const { spent, held, id } of this.#changed ) {
			update.run( spent, held, id );
		}
		this.#changed.clear();
	}

	/** Adds to a counter; throws a `RangeError` when it would leave what can be counted. */
	change( counter: Counter, spent: number, held: number ): void {
		counter.spent += spent;
		counter.held += held;
		this.#changed.add( counter );
		if (
			counter.spent > Number.MAX_SAFE_INTEGER ||
			counter.spent < 0 ||
			counter.held < 0
		) {
			throw new RangeError(
				`the window ${ counter.id } cannot count ${ counter.spent } ${ counter.unit } spent and ${ counter.held } held`
			);
		}
	}

	find( key: string ): Counter | undefined {
		const known = this.#byKey.get( key );
		if ( known ) {
			return known;
		}
		const row = this.#prepare(
			'SELECT id, unit, spent, held FROM ledger_windows WHERE key = ?'
		).get( key ) as Counter | undefined;
		return row && this.#keep( key, row );
	}

	/** Finds the counter of a window, or begins it at zero. */
	findOrAdd( { key, unit }: Omit< SpendingWindow, 'limit' > ): Counter {
		const known = this.find( key );
		if ( known ) {
			if ( known.unit !== unit ) {
				throw new RangeError(
					`the window ${ key } counts ${ known.unit }, not ${ unit }`
				);
			}
			return known;
		}
		const { lastInsertRowid } = this.#prepare(
			'INSERT INTO ledger_windows (key, unit) VALUES (?, ?)'
		).run( key, unit );
		return this.#keep( key, {
			id: Number( lastInsertRowid ),
			unit,
			spent: 0,
			held: 0,
		} );
	}

	/** Finds the counters that an entry names. */
	named( windows: string ): Counter[] {
		return windowIds( windows ).map( ( id ) => {
			const known = this.#byId.get( id );
			if ( known ) {
				return known;
			}
			const row = this.#prepare(
				'SELECT key, id, unit, spent, held FROM ledger_windows WHERE id = ?'
			).get( id ) as ( Counter & { key: string } ) | undefined;
			if ( ! row ) {
				throw new Error( `the ledger has no window ${ id }` );
			}
			const { key, ...counter } = row;
			return this.#keep( key, counter );
		} );
	}

	#keep( key: string, counter: Counter ): Counter {
		this.#byKey.set( key, counter );
		this.#byId.set( counter.id, counter );
		return counter;
	}
}

/** Reads the ids of windows as an entry keeps them. */
export function windowIds( windows: string ): number[] {
	return windows === '' ? [] : windows.split( ' ' ).map( Number );
}
