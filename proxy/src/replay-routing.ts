/**
 * Shows what recorded questions would have cost with other settings of routing or other models, without asking anybody anything.
 *
 * `npm run route:replay -- <data folder, CSV or JSON lines> [--settings FILE] [--models FILE] [--site ID] [--json]`
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { describeProblems } from './errors.ts';
import { loadCatalog, TIERS } from './models/catalog.ts';
import { createReplay, type Replayed, type TierSums } from './models/replay.ts';
import { openCallLog } from './read-call-log.ts';
import {
	DEFAULT_SETTINGS,
	mergeSettings,
	settingsPatchSchema,
	type SettingsPatch,
} from './settings.ts';

const USAGE = `Say which calls to replay: a data folder, an export of the call log as CSV, or a file with one call as JSON a line.
  npm run route:replay -- ./data --settings try.json
Options:
  --settings FILE  settings laid over the site's own, such as { "routing": { "maxTier": "standard" } }
  --models FILE    models and tiers, as DOCENT_MODELS_FILE takes them
  --site ID        the site, where a data folder holds several
  --json           figures instead of a table`;

function main( args: string[] ): string {
	const { values, positionals } = parseArgs( {
		args,
		allowPositionals: true,
		options: {
			settings: { type: 'string' },
			models: { type: 'string' },
			site: { type: 'string' },
			json: { type: 'boolean', default: false },
		},
	} );
	const [ path ] = positionals;
	if ( path === undefined || positionals.length > 1 ) {
		throw new Error( USAGE );
	}
	const log = openCallLog( path, values.site );
	try {
		const { routing, limits } = mergeSettings(
			mergeSettings( DEFAULT_SETTINGS, log.settings ?? {} ),
			values.settings === undefined ? {} : readSettings( values.settings )
		);
		const replay = createReplay( {
			catalog: loadCatalog( values.models ),
			routing,
			softShare: limits.softShare,
		} );
		for ( const calls of log.turns ) {
			replay.add( calls );
		}
		const result = replay.result();
		return values.json
			? JSON.stringify( result, null, 2 )
			: toTable( result );
	} finally {
		log.close();
	}
}

function readSettings( path: string ): SettingsPatch {
	const parsed = settingsPatchSchema.safeParse(
		JSON.parse( readFileSync( path, 'utf8' ) )
	);
	if ( ! parsed.success ) {
		throw new Error(
			[
				`${ path } holds settings that mean nothing:`,
				...describeProblems( parsed.error ),
			].join( '\n- ' )
		);
	}
	return parsed.data;
}

function toTable( result: Replayed ): string {
	const { questions, leftOut, before, after } = result;
	if ( questions === 0 ) {
		return `There is nothing to replay: ${ leftOut } questions were recorded without what their tier depended on, or without an answer.`;
	}
	const rows = [
		[ 'tier', 'before', '', '', 'after', '', '' ],
		...TIERS.map( ( tier ) => [
			tier,
			...columns( before, tier, questions ),
			...columns( after, tier, questions ),
		] ),
		[ 'total', ...totals( before ), ...totals( after ) ],
	];
	const widths = rows[ 0 ]?.map( ( _, index ) =>
		Math.max( ...rows.map( ( row ) => row[ index ]?.length ?? 0 ) )
	);
	const table = rows.map( ( row ) =>
		row
			.map( ( cell, index ) =>
				index === 0 || row === rows[ 0 ]
					? cell.padEnd( widths?.[ index ] ?? 0 )
					: cell.padStart( widths?.[ index ] ?? 0 )
			)
			.join( '  ' )
			.trimEnd()
	);
	return [
		`${ questions } questions were routed again${
			leftOut > 0 ? `, ${ leftOut } could not be` : ''
		}.`,
		'',
		...table,
		'',
		...remarks( result ),
	].join( '\n' );
}

function columns(
	sums: TierSums,
	tier: ( typeof TIERS )[ number ],
	questions: number
): string[] {
	const { questions: own, costNanoUsd } = sums[ tier ];
	return [
		String( own ),
		`${ ( ( own / questions ) * 100 ).toFixed( 1 ) } %`,
		usd( costNanoUsd ),
	];
}

function totals( sums: TierSums ): string[] {
	return [
		String(
			TIERS.reduce( ( sum, tier ) => sum + sums[ tier ].questions, 0 )
		),
		'',
		usd( costOf( sums ) ),
	];
}

function costOf( sums: TierSums ): number {
	return TIERS.reduce( ( sum, tier ) => sum + sums[ tier ].costNanoUsd, 0 );
}

function remarks( {
	before,
	after,
	moved,
	lowered,
	ifPassedUpNanoUsd,
	withoutTier,
	reasonsAfter,
}: Replayed ): string[] {
	const [ old, now ] = [ costOf( before ), costOf( after ) ];
	const change = old > 0 ? ( ( now - old ) / old ) * 100 : 0;
	const lines = [
		`Cost: ${ change > 0 ? '+' : '' }${ change.toFixed( 1 ) } %. Another tier would answer ${ moved } questions.`,
		`Reasons: ${ Object.entries( reasonsAfter )
			.sort( ( a, b ) => b[ 1 ] - a[ 1 ] )
			.map( ( [ reason, count ] ) => `${ reason } ${ count }` )
			.join( ', ' ) }.`,
	];
	if ( withoutTier > 0 ) {
		lines.push(
			`${ withoutTier } questions would find no tier and be answered from the site.`
		);
	}
	if ( lowered > 0 ) {
		lines.push(
			`${ lowered } questions would go to a cheaper tier than the one that answered them. Whether it is enough for them nobody can know; if each were passed up, that would cost ${ usd( ifPassedUpNanoUsd ) } more.`
		);
	}
	return lines;
}

/** Writes nano-dollars as dollars with six decimals. */
function usd( nanoUsd: number ): string {
	return `$${ ( nanoUsd / 1_000_000_000 ).toFixed( 6 ) }`;
}

try {
	process.stdout.write( `${ main( process.argv.slice( 2 ) ) }\n` );
} catch ( error ) {
	process.stderr.write(
		`${ error instanceof Error ? error.message : error }\n`
	);
	process.exitCode = 1;
}
