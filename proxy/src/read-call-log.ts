/**
 * Reads recorded calls turn by turn: from a data folder, from an export as CSV, or from a file with one call as JSON a line.
 */
import { readFileSync, statSync } from 'node:fs';
import { readStoredUsage } from './ledger/usage.ts';
import type { ReplayCall } from './models/replay.ts';
import type { SettingsPatch } from './settings.ts';
import type { CallKind, CallOutcome } from './stores/call-store.ts';
import { openDatabaseForReading } from './stores/sqlite/database.ts';

/** Calls by turn, and what the owner had set where that is known. */
export interface CallLog {
	/** Of one site, where one was named. */
	turns: Iterable< ReplayCall[] >;
	settings: SettingsPatch | undefined;
	close(): void;
}

/** Opens a log; throws with a sentence that says what is wrong. `siteId` picks one site of a data folder. */
export function openCallLog( path: string, siteId?: string ): CallLog {
	if ( statSync( path ).isDirectory() ) {
		return openDataDir( path, siteId );
	}
	const text = readFileSync( path, 'utf8' );
	const rows = /^\s*[{[]/.test( text ) ? readJson( text ) : readCsv( text );
	return {
		turns: groupByTurn( rows.map( toCall ) ),
		settings: undefined,
		close: () => undefined,
	};
}

function openDataDir( dataDir: string, siteId: string | undefined ): CallLog {
	const database = openDatabaseForReading( dataDir );
	const sites = database
		.prepare( 'SELECT DISTINCT site_id FROM call_groups ORDER BY site_id' )
		.all()
		.map( ( { site_id: id } ) => String( id ) );
	const site = siteId ?? ( sites.length === 1 ? sites[ 0 ] : undefined );
	if ( site === undefined && sites.length > 1 ) {
		database.close();
		throw new Error(
			`The folder holds the calls of several sites. Pick one with --site: ${ sites.join( ', ' ) }.`
		);
	}
	const stored = database
		.prepare( 'SELECT settings FROM site_settings WHERE site_id = ?' )
		.get( site ?? '' );
	return {
		turns: turnsOf( database, site ?? '' ),
		settings: stored
			? ( JSON.parse( String( stored.settings ) ) as SettingsPatch )
			: undefined,
		close: () => database.close(),
	};
}

/** In the order of the index over turns, so that the calls of one turn come together however long the log is. */
function* turnsOf(
	database: ReturnType< typeof openDatabaseForReading >,
	siteId: string
): Generator< ReplayCall[] > {
	let key: unknown;
	let calls: ReplayCall[] = [];
	for ( const row of database
		.prepare(
			`SELECT turn_key, turn_id, kind, model, tier, reason, outcome, usage, cost_nano_usd, features
			FROM calls INDEXED BY calls_by_turn JOIN call_groups ON call_groups.id = group_id WHERE site_id = ? ORDER BY turn_key`
		)
		.iterate( siteId ) ) {
		if ( row.turn_key !== key ) {
			yield* groupByTurn( calls );
			calls = [];
			key = row.turn_key;
		}
		calls.push( toCall( row ) );
	}
	yield* groupByTurn( calls );
}

/** Keys of turns are short, so two turns can share one. */
function groupByTurn( calls: readonly ReplayCall[] ): Iterable< ReplayCall[] > {
	const turns = new Map< string, ReplayCall[] >();
	for ( const call of calls ) {
		const known = turns.get( call.turnId );
		if ( known ) {
			known.push( call );
		} else {
			turns.set( call.turnId, [ call ] );
		}
	}
	return turns.values();
}

/** Takes a call under the names of the API as well as under those of the CSV and of the data folder. */
function toCall( row: Record< string, unknown > ): ReplayCall {
	const cell = ( name: string, other = name ) => row[ name ] ?? row[ other ];
	const parsed = ( value: unknown ): unknown =>
		typeof value === 'string' && value !== '' ? JSON.parse( value ) : value;
	return {
		turnId: String( cell( 'turnId', 'turn_id' ) ?? '' ),
		kind: String( cell( 'kind' ) ?? '' ) as CallKind,
		model: String( cell( 'model' ) ?? '' ),
		tier: String( cell( 'tier' ) ?? '' ),
		reason: String( cell( 'reason' ) ?? '' ),
		outcome: String( cell( 'outcome' ) ?? '' ) as CallOutcome,
		usage: readStoredUsage( parsed( cell( 'usage' ) ) ),
		costNanoUsd: Number( cell( 'costNanoUsd', 'cost_nano_usd' ) ?? 0 ),
		features: parsed( cell( 'features' ) ),
	};
}

/** Reads one call a line, or pages of the API (`{ "calls": [ … ] }`), newest first as they come. */
function readJson( text: string ): Array< Record< string, unknown > > {
	const rows: Array< Record< string, unknown > > = [];
	let isPages = false;
	for ( const line of text.trim().split( /\r?\n/ ) ) {
		const value: unknown = line === '' ? [] : JSON.parse( line );
		const { calls } = value as { calls?: unknown };
		isPages ||= Array.isArray( calls );
		const found = Array.isArray( calls ) ? calls : value;
		rows.push(
			...( ( Array.isArray( found ) ? found : [ found ] ) as typeof rows )
		);
	}
	return isPages ? rows.reverse() : rows;
}

/** Reads RFC 4180; the first line names the columns. The export is newest first. */
function readCsv( text: string ): Array< Record< string, unknown > > {
	const [ names = [], ...lines ] = csvLines( text );
	if ( ! names.includes( 'features' ) ) {
		throw new Error(
			'The file has no column "features": it is no export of the call log, or one of an older version.'
		);
	}
	return lines
		.map( ( cells ) =>
			Object.fromEntries(
				names.map( ( name, index ) => [ name, cells[ index ] ?? '' ] )
			)
		)
		.reverse();
}

function csvLines( text: string ): string[][] {
	const lines: string[][] = [];
	let cells: string[] = [];
	for ( const [ , quoted, plain, end ] of text.matchAll(
		/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g
	) ) {
		const cell = quoted?.replaceAll( '""', '"' ) ?? plain ?? '';
		if ( cell === '' && end === '' && cells.length === 0 ) {
			break;
		}
		cells.push( cell );
		if ( end !== ',' ) {
			lines.push( cells );
			cells = [];
		}
		if ( end === '' ) {
			break;
		}
	}
	return lines;
}
