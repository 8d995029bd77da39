/**
 * Names the parts of `npm test` and knows how each is run.
 */

import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../processes.ts';
import { inProject, projectRoot, reportDir } from '../project.ts';
import type { Need } from '../system-packages.ts';
import { startNativeWordPress } from '../wordpress/native.ts';
import type { WordPressBranch } from '../wordpress/obtain-wordpress.ts';
import { readClosingLines, readVitestReport } from './tally.ts';
import type { ReadReport } from './tally.ts';

/** What became of a part; `broken` is a part that gave no account of itself. */
export type PartOutcome =
	( { kind: 'ran' } & ReadReport ) | { kind: 'broken'; reason: string };

export interface Part {
	name: string;
	needs: Need[];
	/** Without these the part runs and names the tests that it leaves out; in CI it needs them. */
	wants: Need[];
	/** Left out by `--fast`. */
	usesBrowser: boolean;
	limitMs: number;
	run: ( limitMs: number ) => Promise< PartOutcome >;
}

const minutes = ( count: number ): number => count * 60_000;

/** All parts, quickest first. */
export const parts: Part[] = [
	{
		name: 'unit',
		needs: [ 'redis' ],
		wants: [ 'speech' ],
		usesBrowser: false,
		limitMs: minutes( 14 ),
		run: ( limitMs ) => runVitest( { project: 'unit', limitMs } ),
	},
	pluginPart( '7.1' ),
	pluginPart( '6.8' ),
	{
		name: 'playground',
		needs: [],
		wants: [],
		usesBrowser: false,
		limitMs: minutes( 4 ),
		run: ( limitMs ) => runVitest( { project: 'playground', limitMs } ),
	},
	browserPart( '7.1' ),
	browserPart( '6.8' ),
	{
		name: 'sound in the browser',
		needs: [ 'php', 'mariadb', 'chromium' ],
		wants: [ 'speech' ],
		usesBrowser: true,
		limitMs: minutes( 9 ),
		run: ( limitMs ) => runVitest( { project: 'sound', limitMs } ),
	},
];

function pluginPart( branch: WordPressBranch ): Part {
	return {
		name: `plugin, WordPress ${ branch }`,
		needs: [ 'php', 'mariadb', 'phpunit' ],
		wants: [],
		usesBrowser: false,
		limitMs: minutes( 5 ),
		run: ( limitMs ) => runPluginTests( { branch, limitMs } ),
	};
}

function browserPart( branch: WordPressBranch ): Part {
	return {
		name: `browser, WordPress ${ branch }`,
		needs: [ 'php', 'mariadb', 'chromium' ],
		wants: [ 'speech' ],
		usesBrowser: true,
		limitMs: minutes( 9 ),
		run: ( limitMs ) =>
			runVitest( {
				project: 'e2e',
				limitMs,
				env: { DOCENT_TEST_WORDPRESS: branch },
			} ),
	};
}

/** The environment of a runner: it sees a pipe, and what is at the other end of it decides about colours. */
function runnerEnv( env: Record< string, string > = {} ): NodeJS.ProcessEnv {
	const { NO_COLOR, FORCE_COLOR, ...rest } = process.env;
	return {
		...rest,
		...( process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' } ),
		...env,
	};
}

const show = ( chunk: string ): void => {
	process.stdout.write( chunk );
};

async function freshReport( name: string ): Promise< string > {
	await mkdir( reportDir, { recursive: true } );
	const file = join( reportDir, name );
	await rm( file, { force: true } );
	return file;
}

async function runVitest( {
	project,
	limitMs,
	env = {},
}: {
	project: string;
	limitMs: number;
	env?: Record< string, string >;
} ): Promise< PartOutcome > {
	const report = await freshReport(
		`${ project }${ env.DOCENT_TEST_WORDPRESS ?? '' }.json`
	);
	const result = await runCommand(
		process.execPath,
		[
			inProject( 'node_modules/vitest/vitest.mjs' ),
			'run',
			`--project=${ project }`,
			'--reporter=default',
			'--reporter=json',
			`--outputFile=${ report }`,
		],
		{
			cwd: projectRoot,
			env: runnerEnv( env ),
			timeoutMs: limitMs,
			onOutput: show,
		}
	);
	if ( result.exitCode === 124 ) {
		return { kind: 'broken', reason: timeLimit( limitMs ) };
	}
	if ( ! existsSync( report ) ) {
		return {
			kind: 'broken',
			reason: `vitest ended with ${ result.exitCode } and wrote no report`,
		};
	}
	const read = readVitestReport( await readFile( report, 'utf8' ) );
	if ( result.exitCode !== 0 && read.tally.failed === 0 ) {
		// Unhandled errors fail the run although every test passed.
		return {
			kind: 'broken',
			reason: `vitest ended with ${ result.exitCode } although no test failed; it says why above`,
		};
	}
	return { kind: 'ran', ...read };
}

/** Runs the plugin's PHP tests inside an installed WordPress of their own. */
async function runPluginTests( {
	branch,
	limitMs,
}: {
	branch: WordPressBranch;
	limitMs: number;
} ): Promise< PartOutcome > {
	const wordpress = await startNativeWordPress( { version: branch } );
	try {
		const result = await runCommand(
			'php',
			[ 'tests/plugin/run.php', `--wordpress=${ wordpress.path }` ],
			{
				cwd: projectRoot,
				env: runnerEnv( { DOCENT_WORDPRESS_URL: wordpress.url } ),
				timeoutMs: limitMs,
				onOutput: show,
			}
		);
		if ( result.exitCode === 124 ) {
			return { kind: 'broken', reason: timeLimit( limitMs ) };
		}
		const read = readClosingLines( result.stdout );
		if ( read === undefined ) {
			return {
				kind: 'broken',
				reason: `it ended with ${ result.exitCode } and gave no figures`,
			};
		}
		if ( result.exitCode !== 0 && read.tally.failed === 0 ) {
			return {
				kind: 'broken',
				reason: `it ended with ${ result.exitCode } although no test failed`,
			};
		}
		return { kind: 'ran', ...read };
	} finally {
		await wordpress.stop();
	}
}

function timeLimit( limitMs: number ): string {
	return `it was not done after ${ limitMs / 60_000 } minutes`;
}
