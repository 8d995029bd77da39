/**
 * Runs WordPress without PHP or a database on the machine: WordPress Playground (PHP compiled to WebAssembly, SQLite).
 *
 * WordPress's own files and the site's data are folders on the host, so that the data outlives the run and WordPress can
 * be replaced under it.
 */

import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { demoDir, inProject, pluginDir } from '../project.ts';

export interface PlaygroundOptions {
	port: number;
	/** WordPress's files; written to by Playground (`wp-config.php`). */
	wordpressDir: string;
	/** Database and uploads; created when absent. */
	siteDir: string;
	/** Constants as `wp-config.php` would define them. */
	constants: Record< string, string >;
	flags?: Record< string, boolean >;
	/** Loads the demo shop's must-use plugin. */
	demo?: boolean;
	pluginPath?: string;
}

export interface PlaygroundWordPress {
	/** Address without a slash at the end. */
	url: string;
	/** Runs PHP (without an opening tag) after `wp-load.php` and returns what it printed; rejects when it fails. */
	runPhp: ( code: string ) => Promise< string >;
	stop: () => Promise< void >;
}

/** Where Playground sees this clone's `dev` folder. */
export const devInPlayground = '/docent-dev';

/** The administrator that Playground creates when it installs WordPress. */
export const playgroundAdmin = { user: 'admin', password: 'password' };

/** Boots WordPress, installing it when the database is new, and resolves when it serves pages. */
export async function startPlayground( {
	port,
	wordpressDir,
	siteDir,
	constants,
	flags = {},
	demo = false,
	pluginPath = pluginDir,
}: PlaygroundOptions ): Promise< PlaygroundWordPress > {
	const url = `http://127.0.0.1:${ port }`;
	const mounts: Array< [ string, string ] > = [
		[ wordpressDir, '/wordpress' ],
		[ join( siteDir, 'database' ), '/wordpress/wp-content/database' ],
		[ join( siteDir, 'uploads' ), '/wordpress/wp-content/uploads' ],
		[ pluginPath, '/wordpress/wp-content/plugins/docent' ],
		[ inProject( 'dev' ), devInPlayground ],
	];
	if ( demo ) {
		mounts.push( [
			join( demoDir, 'mu-plugins' ),
			'/wordpress/wp-content/mu-plugins',
		] );
	}
	for ( const [ hostPath ] of mounts ) {
		if ( ! existsSync( hostPath ) ) {
			await mkdir( hostPath, { recursive: true } );
		}
	}
	const { runCLI } = await playgroundCli();
	const server = await runCLI( {
		command: 'server',
		port,
		'site-url': url,
		php: '8.3',
		// One worker alone could not answer while it waits for the proxy; each takes some 300 MB.
		workers: Math.max( 2, Math.min( 4, availableParallelism() - 1 ) ),
		verbosity: 'quiet',
		wordpressInstallMode: 'install-from-existing-files-if-needed',
		'mount-before-install': mounts.map( ( [ hostPath, vfsPath ] ) => ( {
			hostPath,
			vfsPath,
		} ) ),
		define: constants,
		'define-bool': {
			AUTOMATIC_UPDATER_DISABLED: true,
			// WordPress starts scheduled tasks by calling itself, which Playground cannot do.
			DISABLE_WP_CRON: true,
			...flags,
		},
	} );
	// Playground answers the very first request with a redirect that only a browser follows.
	await fetch( url, { redirect: 'manual' } );
	const stopCron = runCronRepeatedly( url );
	return {
		url,
		runPhp: async ( code ) => {
			const response = await server.playground.run( {
				code: `<?php $_SERVER['HTTP_HOST'] = '127.0.0.1:${ port }'; $_SERVER['REQUEST_URI'] = '/'; require '/wordpress/wp-load.php';\n${ code }`,
			} );
			if ( response.exitCode !== 0 ) {
				throw new Error(
					`PHP ended with ${ response.exitCode }: ${ response.errors }${ response.text }`
				);
			}
			return response.text;
		},
		stop: async () => {
			await stopCron();
			await server[ Symbol.asyncDispose ]();
		},
	};
}

/** Runs the scheduled tasks that are due, again and again with a pause; returns a function that ends this. */
function runCronRepeatedly(
	url: string,
	pauseMs = 5000
): () => Promise< void > {
	const ending = new AbortController();
	const { signal } = ending;
	const running = ( async () => {
		while ( ! signal.aborted ) {
			await setTimeout( pauseMs, undefined, { signal } );
			const response = await fetch( `${ url }/wp-cron.php`, { signal } );
			await response.arrayBuffer();
		}
	} )().catch( () => {
		// Aborted, or the site is going down: there is nothing left to schedule.
	} );
	return async () => {
		ending.abort();
		await running;
	};
}

/** The part of Playground's programmatic interface used here; its own declarations do not resolve under `nodenext`. */
interface PlaygroundCli {
	runCLI: ( options: Record< string, unknown > ) => Promise< {
		playground: {
			run: ( request: { code: string } ) => Promise< {
				text: string;
				errors: string;
				exitCode: number;
			} >;
		};
		[ Symbol.asyncDispose ]: () => Promise< void >;
	} >;
}

/** Loads Playground late: it takes half a second, and problems found before then can be told at once. */
async function playgroundCli(): Promise< PlaygroundCli > {
	const name: string = '@wp-playground/cli';
	return ( await import( name ) ) as PlaygroundCli;
}
