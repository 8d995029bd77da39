/**
 * `npm run lint`: every check of style and correctness that needs nothing running. Runs all of them, then says which failed.
 */

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCommand, runCommand } from './processes.ts';
import type { CommandResult } from './processes.ts';
import { inProject, projectRoot } from './project.ts';
import { ensureSystemPackages } from './system-packages.ts';
import { say, step } from './terminal.ts';

interface Check {
	title: string;
	run: () => Promise< CommandResult >;
}

const sources = [ 'blocks', 'proxy/src', 'dev', 'tests' ];

/** Runs a program of an npm package. */
function bin( name: string, ...args: string[] ): Promise< CommandResult > {
	return runCommand( inProject( 'node_modules/.bin', name ), args, {
		cwd: projectRoot,
		timeoutMs: 600_000,
	} );
}

function php( ...args: string[] ): Promise< CommandResult > {
	return runCommand( 'php', args, { cwd: projectRoot, timeoutMs: 600_000 } );
}

const checks: Check[] = [
	{
		title: 'TypeScript and JavaScript (ESLint)',
		run: () =>
			bin(
				'wp-scripts',
				'lint-js',
				'--max-warnings=0',
				...sources,
				'*.js',
				'*.ts'
			),
	},
	{
		title: 'Styles (Stylelint)',
		run: () =>
			bin(
				'wp-scripts',
				'lint-style',
				'--allow-empty-input',
				'blocks/**/*.{css,scss}'
			),
	},
	{
		title: 'Format (Prettier)',
		run: () =>
			bin(
				'prettier',
				'--check',
				'--log-level=warn',
				'--no-error-on-unmatched-pattern',
				...sources.map(
					( folder ) =>
						`${ folder }/**/*.{ts,tsx,js,mjs,json,scss,css}`
				),
				'*.{js,ts}'
			),
	},
	...( await phpChecks() ),
];

/** PHP_CodeSniffer and PHPStan where Composer can fetch them; in any case PHP's own look at every file. */
async function phpChecks(): Promise< Check[] > {
	const missing = await ensureSystemPackages( [ 'php', 'composer' ] );
	if ( missing.has( 'php' ) ) {
		say(
			`! PHP is NOT checked: this machine lacks ${ missing.get( 'php' ) }`
		);
		return process.env.CI === 'true'
			? [ { title: 'PHP', run: () => php( '--version' ) } ]
			: [];
	}
	const chosen: Check[] = [ { title: 'PHP syntax', run: checkSyntax } ];
	if ( await installComposerPackages() ) {
		chosen.push(
			{
				title: 'WordPress Coding Standards (PHP_CodeSniffer)',
				run: () => php( 'vendor/bin/phpcs', '--no-colors' ),
			},
			{
				title: 'PHP types (PHPStan)',
				run: () =>
					php(
						'vendor/bin/phpstan',
						'analyse',
						'--memory-limit=1G',
						'--no-progress',
						'--no-ansi'
					),
			}
		);
	} else {
		say(
			'! Composer packages cannot be had here: WordPress Coding Standards and PHPStan are NOT checked, only syntax.'
		);
	}
	return chosen;
}

async function installComposerPackages(): Promise< boolean > {
	const isComplete = () =>
		existsSync( inProject( 'vendor/bin/phpcs' ) ) &&
		existsSync( inProject( 'vendor/bin/phpstan' ) );
	if ( ! isComplete() && ( await hasCommand( 'composer' ) ) ) {
		await step( 'Installing the Composer packages', async () => {
			await runCommand(
				'composer',
				[ 'install', '--no-interaction', '--no-progress', '--quiet' ],
				{
					cwd: projectRoot,
					env: { ...process.env, COMPOSER_ALLOW_SUPERUSER: '1' },
					timeoutMs: 240_000,
				}
			);
		} );
	}
	return isComplete();
}

/** Parses every PHP file, eight at a time. */
async function checkSyntax(): Promise< CommandResult > {
	const files: string[] = [];
	for ( const folder of [ 'plugin', 'blocks', 'dev', 'tests' ] ) {
		const entries = await readdir( inProject( folder ), {
			recursive: true,
			withFileTypes: true,
		} );
		files.push(
			...entries
				.filter(
					( entry ) => entry.isFile() && entry.name.endsWith( '.php' )
				)
				.map( ( entry ) => join( entry.parentPath, entry.name ) )
		);
	}
	const failures: string[] = [];
	const next = async (): Promise< void > => {
		for ( let file = files.pop(); file !== undefined; file = files.pop() ) {
			const { exitCode, stdout, stderr } = await php( '-l', file );
			if ( exitCode !== 0 ) {
				failures.push( stdout + stderr );
			}
		}
	};
	await Promise.all( Array.from( { length: 8 }, next ) );
	return {
		exitCode: failures.length > 0 ? 1 : 0,
		stdout: failures.join( '\n' ),
		stderr: '',
	};
}

const failed: string[] = [];
for ( const { title, run } of checks ) {
	await step( title, async () => {
		const { exitCode, stdout, stderr } = await run();
		if ( exitCode !== 0 ) {
			failed.push( title );
			throw new Error( `${ stdout }${ stderr }`.trim() );
		}
	} ).catch( ( error: Error ) => say( error.message ) );
}
say(
	failed.length === 0
		? '\nLint found nothing.'
		: `\nLint failed: ${ failed.join( '; ' ) }.`
);
process.exitCode = failed.length === 0 ? 0 : 1;
