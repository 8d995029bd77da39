/**
 * Starts a WordPress for tests as hosts run it: native PHP and a MariaDB of its own, in a folder that is thrown away.
 */

import { randomBytes } from 'node:crypto';
import {
	copyFile,
	mkdir,
	mkdtemp,
	readFile,
	rm,
	symlink,
	writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { connectionConstants, newSiteIdentity } from '../connection.ts';
import { keepPort } from '../ports.ts';
import { runCommand, startProcess, stopProcess } from '../processes.ts';
import { demoDir, inProject, pluginDir } from '../project.ts';
import { startMariaDb, whenPrinted } from './mariadb.ts';
import { copyWordPress, obtainWordPress } from './obtain-wordpress.ts';
import type { WordPressBranch } from './obtain-wordpress.ts';
import { phpLiteral, wpConfig } from './wp-config.ts';
import type { ConstantValue } from './wp-config.ts';

export interface NativeWordPressOptions {
	version?: WordPressBranch;
	/** Port of the site; any free one when left out. */
	port?: number;
	/** Address of the proxy. Without it the site starts unconnected. */
	proxyUrl?: string;
	siteId?: string;
	secret?: string;
	/** Imports the demo shop. */
	demo?: boolean;
	/** The plugin to run: the clone's own, or an unpacked zip. */
	pluginPath?: string;
	/** Further constants for `wp-config.php`. */
	constants?: Record< string, ConstantValue >;
}

export interface NativeWordPress {
	/** Address without a slash at the end. */
	url: string;
	/** Folder of WordPress, with `wp-load.php` in it. */
	path: string;
	/** Exact release, for example `7.1.4`. */
	version: string;
	adminUser: string;
	adminPassword: string;
	siteId: string;
	secret: string;
	/** Runs PHP (without an opening tag) after `wp-load.php` and returns what it printed; rejects when it fails. */
	runPhp: ( code: string ) => Promise< string >;
	/** Runs every scheduled task that is due, and resolves when they are done. */
	runCron: () => Promise< void >;
	/** What PHP and WordPress complained about so far (`WP_DEBUG_LOG`). */
	debugLog: () => Promise< string >;
	/** Ends the servers and removes the folder. */
	stop: () => Promise< void >;
}

const adminUser = 'admin';
const adminPassword = 'password';

/** Obtains, installs and serves a WordPress with the plugin active. */
export async function startNativeWordPress(
	options: NativeWordPressOptions = {}
): Promise< NativeWordPress > {
	const identity = newSiteIdentity();
	const siteId = options.siteId ?? identity.siteId;
	const secret = options.secret ?? identity.secret;
	const core = await obtainWordPress( options.version ?? '7.1' );
	const folder = await mkdtemp( join( tmpdir(), 'docent-wordpress-' ) );
	const path = join( folder, 'wordpress' );
	const logFile = join( folder, 'debug.log' );

	const stops: Array< () => Promise< void > > = [
		() => rm( folder, { recursive: true, force: true } ),
	];
	const stop = async (): Promise< void > => {
		for ( const end of stops.splice( 0 ).reverse() ) {
			await end();
		}
	};
	const reservation = await keepPort( options.port );
	const { port } = reservation;
	const url = `http://127.0.0.1:${ port }`;
	stops.push( reservation.release );
	try {
		await copyWordPress( core.path, path );
		await linkProject( {
			path,
			pluginPath: options.pluginPath ?? pluginDir,
			withDemo: options.demo === true,
		} );
		const database = await startMariaDb( folder );
		stops.push( database.stop );
		await writeFile(
			join( path, 'wp-config.php' ),
			wpConfig( {
				database: {
					name: 'wordpress',
					user: 'root',
					password: '',
					host: `localhost:${ database.socket }`,
				},
				saltSeed: randomBytes( 32 ).toString( 'hex' ),
				constants: {
					WP_HOME: url,
					WP_SITEURL: url,
					WP_ENVIRONMENT_TYPE: 'local',
					WP_DEBUG: true,
					WP_DEBUG_DISPLAY: false,
					WP_DEBUG_LOG: logFile,
					// Tests reach this machine only, and run scheduled tasks themselves.
					WP_HTTP_BLOCK_EXTERNAL: true,
					WP_ACCESSIBLE_HOSTS: '127.0.0.1,localhost',
					DISABLE_WP_CRON: true,
					AUTOMATIC_UPDATER_DISABLED: true,
					...( options.proxyUrl === undefined
						? {}
						: connectionConstants( {
								proxyUrl: options.proxyUrl,
								siteId,
								secret,
							} ) ),
					...options.constants,
				},
			} )
		);
		await php(
			`$db = new mysqli( null, 'root', '', '', 0, ${ phpLiteral(
				database.socket
			) } ); $db->query( 'CREATE DATABASE wordpress CHARACTER SET utf8mb4' );`
		);
		await php(
			await readFile(
				inProject( 'dev/wordpress/install-wordpress.php' ),
				'utf8'
			),
			{
				DOCENT_DEV_PATH: path,
				DOCENT_DEV_HOST: `127.0.0.1:${ port }`,
				DOCENT_DEV_TITLE: 'Docent test site',
				DOCENT_DEV_USER: adminUser,
				DOCENT_DEV_PASSWORD: adminPassword,
			}
		);
		const debugLog = (): Promise< string > =>
			readFile( logFile, 'utf8' ).catch( () => '' );
		const runPhp = async ( code: string ): Promise< string > => {
			try {
				return await php(
					`$_SERVER['HTTP_HOST'] = '127.0.0.1:${ port }'; $_SERVER['REQUEST_URI'] = '/'; require ${ phpLiteral(
						join( path, 'wp-load.php' )
					) };\n${ code }`
				);
			} catch ( error ) {
				// Once WordPress is loaded, PHP writes its complaints to the log.
				throw new Error( ( await debugLog() ).slice( -4000 ), {
					cause: error,
				} );
			}
		};
		await runPhp(
			`require ${ phpLiteral( inProject( 'dev/wordpress/prepare-site.php' ) ) };`
		);
		if ( options.demo === true ) {
			await runPhp(
				`require ${ phpLiteral( join( demoDir, 'import.php' ) ) };`
			);
		}
		await reservation.release();
		const server = startProcess(
			'php',
			[
				'-d',
				'memory_limit=256M',
				'-S',
				`127.0.0.1:${ port }`,
				'-t',
				path,
				inProject( 'dev/wordpress/router.php' ),
			],
			{ env: { ...phpEnv(), PHP_CLI_SERVER_WORKERS: '6' } }
		);
		stops.push( () => stopProcess( server ) );
		await whenPrinted( server, /Development Server .* started/, 'php -S' );
		return {
			url,
			path,
			version: core.version,
			adminUser,
			adminPassword,
			siteId,
			secret,
			runPhp,
			runCron: async () => {
				await php(
					`$_SERVER['HTTP_HOST'] = '127.0.0.1:${ port }'; require ${ phpLiteral(
						join( path, 'wp-cron.php' )
					) };`
				);
			},
			debugLog,
			stop,
		};
	} catch ( error ) {
		await stop();
		throw error;
	}
}

/** Puts the plugin and the must-use plugins where WordPress looks for them. */
async function linkProject( {
	path,
	pluginPath,
	withDemo,
}: {
	path: string;
	pluginPath: string;
	withDemo: boolean;
} ): Promise< void > {
	const content = join( path, 'wp-content' );
	await mkdir( join( content, 'uploads' ), { recursive: true } );
	await symlink( pluginPath, join( content, 'plugins/docent' ), 'junction' );
	const mustUse = [
		inProject( 'dev/wordpress/no-updates.php' ),
		...( withDemo
			? [ join( demoDir, 'mu-plugins/docent-demo.php' ) ]
			: [] ),
	];
	await mkdir( join( content, 'mu-plugins' ), { recursive: true } );
	for ( const file of mustUse ) {
		await copyFile( file, join( content, 'mu-plugins', basename( file ) ) );
	}
}

/** Runs PHP on the command line; code with or without an opening tag. */
async function php(
	code: string,
	env: Record< string, string > = {}
): Promise< string > {
	const result = await runCommand(
		'php',
		[ '-d', 'log_errors=1', '-d', 'error_log=' ],
		{
			input: code.startsWith( '<?php' ) ? code : `<?php ${ code }`,
			env: { ...phpEnv(), ...env },
			timeoutMs: 120_000,
		}
	);
	if ( result.exitCode !== 0 ) {
		throw new Error(
			`PHP ended with ${ result.exitCode }: ${ result.stderr }${ result.stdout }`
		);
	}
	return result.stdout;
}

/** The environment of PHP: the provider's key is the proxy's alone. */
function phpEnv(): NodeJS.ProcessEnv {
	const env = { ...process.env };
	delete env.OPENAI_API_KEY;
	return env;
}
