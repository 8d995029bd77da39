/**
 * `npm test`: obtains what the tests need, builds, runs every part and closes with `N passed, N failed`.
 *
 * `--fast` leaves out the browser; `--only NAME` runs the parts whose name begins so.
 */

import { parseArgs } from 'node:util';
import { areBlocksOutdated, buildBlocks } from './build-blocks.ts';
import { stopAllProcesses } from './processes.ts';
import { ensureSystemPackages } from './system-packages.ts';
import type { Need } from './system-packages.ts';
import { inSeconds, say, sayFailure, step } from './terminal.ts';
import { parts } from './test/parts.ts';
import type { Part, PartOutcome } from './test/parts.ts';
import { closingLine, LEFT_OUT, nothing, sum } from './test/tally.ts';
import type { Tally } from './test/tally.ts';

for ( const signal of [ 'SIGINT', 'SIGTERM', 'SIGHUP' ] as const ) {
	process.on( signal, () => {
		void stopAllProcesses().then( () => process.exit( 130 ) );
	} );
}

const isCi = process.env.CI === 'true';

/** Runs one part; whatever goes wrong becomes a count and a sentence. */
async function runPart(
	part: Part,
	missing: Map< Need, string >
): Promise< { tally: Tally; remarks: string[] } > {
	const lacking = [ ...part.needs, ...( isCi ? part.wants : [] ) ].flatMap(
		( need ) => missing.get( need ) ?? []
	);
	if ( lacking.length > 0 ) {
		return {
			tally: { ...nothing, [ isCi ? 'failed' : 'skipped' ]: 1 },
			remarks: [
				`${ part.name }: SKIPPED, this machine lacks ${ lacking.join( '; ' ) }`,
			],
		};
	}
	say( `\n── ${ part.name } ${ '─'.repeat( 60 - part.name.length ) }` );
	const startedAt = performance.now();
	let outcome: PartOutcome;
	try {
		outcome = await part.run( part.limitMs );
	} catch ( error ) {
		sayFailure( error );
		outcome = { kind: 'broken', reason: 'it could not be run, see above' };
	}
	if ( outcome.kind === 'broken' ) {
		return {
			tally: { ...nothing, failed: 1 },
			remarks: [ `${ part.name }: BROKEN, ${ outcome.reason }` ],
		};
	}
	const { tally, skippedNames, retriedNames } = outcome;
	say(
		`${ part.name }: ${ closingLine( tally ) } (${ inSeconds(
			performance.now() - startedAt
		) })`
	);
	const remarks = [
		...skippedNames.map( ( name ) => `${ part.name }: SKIPPED, ${ name }` ),
		...retriedNames.map(
			( name ) =>
				`${ part.name }: FAILED AT FIRST, passed when run again: ${ name }`
		),
	];
	if ( tally.passed + tally.failed === 0 ) {
		remarks.push( `${ part.name }: BROKEN, it ran no test` );
		return { tally: sum( [ tally, { ...nothing, failed: 1 } ] ), remarks };
	}
	if ( tally.failed > 0 ) {
		remarks.push( `${ part.name }: ${ tally.failed } FAILED, see above` );
	}
	return { tally, remarks };
}

const { values } = parseArgs( {
	options: {
		fast: { type: 'boolean', default: false },
		only: { type: 'string' },
	},
} );
const chosen = parts.filter(
	( part ) =>
		! ( values.fast && part.usesBrowser ) &&
		part.name.startsWith( values.only ?? '' )
);
const missing = await ensureSystemPackages( [
	...new Set(
		chosen.flatMap( ( part ) => [ ...part.needs, ...part.wants ] )
	),
] );
const results: Array< { tally: Tally; remarks: string[] } > = [];
try {
	if ( await areBlocksOutdated() ) {
		await step( 'Building the blocks', buildBlocks );
	}
} catch ( error ) {
	// The parts that need no blocks still tell something.
	sayFailure( error );
	results.push( {
		tally: { ...nothing, failed: 1 },
		remarks: [ 'build: FAILED, see above' ],
	} );
}
for ( const part of chosen ) {
	results.push( await runPart( part, missing ) );
}
if ( chosen.length === 0 ) {
	results.push( {
		tally: { ...nothing, failed: 1 },
		remarks: [ `No part is called ${ values.only }.` ],
	} );
}
const total = sum( results.map( ( result ) => result.tally ) );
const remarks = results.flatMap( ( result ) => result.remarks );
say( `\n${ remarks.map( ( remark ) => `${ remark }\n` ).join( '' ) }` );
say( closingLine( total ) );
const leftOut = remarks.filter( ( remark ) =>
	remark.includes( LEFT_OUT )
).length;
process.exitCode =
	total.failed > 0 || ( isCi && total.skipped > leftOut ) ? 1 : 0;
