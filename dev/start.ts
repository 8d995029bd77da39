/**
 * `npm start`: a shop with Docent on it, from nothing, in one command.
 *
 * Builds the blocks, starts the proxy and WordPress, fills the site, sends its content to the proxy, prints the addresses
 * and stays in the foreground. Everything it starts ends with it.
 */

import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { areBlocksOutdated, buildBlocks } from './build-blocks.ts';
import { connectionConstants, keptSiteIdentity } from './connection.ts';
import { inProject, workDir } from './project.ts';
import { choosePort } from './start/choose-port.ts';
import { claimClone } from './start/only-one.ts';
import { fillSite } from './start/fill-site.ts';
import { readStartOptions, usage } from './start/options.ts';
import type { StartOptions } from './start/options.ts';
import { startProxyProcess } from './start/proxy-process.ts';
import { isUnreachable, readDotEnv } from './start/surroundings.ts';
import { watchFolder } from './start/watch.ts';
import { say, sayFailure, step } from './terminal.ts';
import {
	copyWordPress,
	obtainWordPress,
	readVersion,
} from './wordpress/obtain-wordpress.ts';
import type { WordPressBranch } from './wordpress/obtain-wordpress.ts';
import {
	devInPlayground,
	playgroundAdmin,
	startPlayground,
} from './wordpress/playground.ts';

const wordpressDir = join( workDir, 'wordpress' );
const siteDir = join( workDir, 'site' );
const proxyDir = join( workDir, 'proxy' );

/** Written when the site has been filled for the first time. */
const siteIsWhole = join( siteDir, '.whole' );

/** What has been started, in order; ended in reverse. */
const stops: Array< () => Promise< void > | void > = [];

async function stopAll(): Promise< void > {
	for ( const stop of stops.splice( 0 ).reverse() ) {
		await Promise.resolve( stop() ).catch( sayFailure );
	}
}

async function start( options: StartOptions ): Promise< void > {
	const claim = await claimClone();
	stops.push( claim.release );
	if ( options.isReset ) {
		await step( 'Throwing away the earlier site', async () => {
			for ( const folder of [ wordpressDir, siteDir, proxyDir ] ) {
				await rm( folder, { recursive: true, force: true } );
			}
			await rm( join( workDir, 'site.json' ), { force: true } );
		} );
	}
	const port = await choosePort( {
		purpose: 'the site',
		option: '--port',
		wanted: options.port,
		usual: 8888,
		taken: options.proxyPort === undefined ? [] : [ options.proxyPort ],
	} );
	const proxyPort = await choosePort( {
		purpose: 'the proxy',
		option: '--proxy-port',
		wanted: options.proxyPort,
		usual: 8787,
		taken: [ port ],
	} );
	const identity = await keptSiteIdentity( join( workDir, 'site.json' ) );
	const settings = await readDotEnv();

	if ( await areBlocksOutdated() ) {
		await step( 'Building the blocks', buildBlocks );
	}
	const proxy = await step( 'Starting the proxy', () =>
		startProxyProcess( {
			port: proxyPort,
			logFile: join( workDir, 'proxy.log' ),
			env: {
				...settings,
				DOCENT_DATA_DIR: proxyDir,
				DOCENT_SITE_ID: identity.siteId,
				DOCENT_SITE_SECRET: identity.secret,
				DOCENT_SITE_ORIGINS: `http://127.0.0.1:${ port },http://localhost:${ port }`,
			},
			onUnexpectedExit: ( lastLines ) =>
				say( `! The proxy has ended by itself:\n${ lastLines }` ),
		} )
	);
	stops.push( proxy.stop );
	const note = ( siteUrl?: string ): Promise< void > =>
		claim.note( { proxyPid: proxy.pid(), siteUrl } );
	await note();

	await layWordPress( options.wordpress );
	await dropHalfMadeSite();
	const isOffline = await isUnreachable( 'api.wordpress.org' );
	const site = await step( 'Starting WordPress', () =>
		startPlayground( {
			port,
			wordpressDir,
			siteDir,
			demo: true,
			constants: {
				...connectionConstants( { ...identity, proxyUrl: proxy.url } ),
				WP_ENVIRONMENT_TYPE: 'local',
				...( isOffline
					? { WP_ACCESSIBLE_HOSTS: '127.0.0.1,localhost' }
					: {} ),
			},
			// Without a network, admin pages would wait for wordpress.org on every visit.
			flags: isOffline ? { WP_HTTP_BLOCK_EXTERNAL: true } : {},
		} )
	);
	stops.push( site.stop );
	await note( site.url );

	await fillSite( site.runPhp, devInPlayground );
	await writeFile( siteIsWhole, '' );
	if ( options.isWatching ) {
		watchSources( async () => {
			await proxy.restart();
			await note( site.url );
		} );
	}
	const hasProvider = Boolean(
		( process.env.OPENAI_API_KEY ?? settings.OPENAI_API_KEY ) ||
		( process.env.DOCENT_PROVIDERS_FILE ?? settings.DOCENT_PROVIDERS_FILE )
	);
	say( `
Docent is ready.

  Site    ${ site.url }/
  Admin   ${ site.url }/wp-admin/   (user ${ playgroundAdmin.user }, password ${
		playgroundAdmin.password
  })
  Proxy   ${ proxy.url }/   (${
		hasProvider
			? 'writes answers with your model provider'
			: 'quotes the site; put OPENAI_API_KEY into .env for written answers'
  })

Ctrl-C stops everything. The site keeps its data; "npm start -- --reset" begins anew.${
		options.isWatching
			? '\nWatching blocks/ and proxy/src/ for changes.'
			: ''
	}` );
}

/** Makes sure that WordPress's files are in place, and of the wanted release. */
async function layWordPress( branch: WordPressBranch ): Promise< void > {
	const present = await readVersion( wordpressDir );
	if (
		present === branch ||
		present?.startsWith( `${ branch }.` ) === true
	) {
		return;
	}
	const files = await step( `Getting WordPress ${ branch }`, ( report ) =>
		obtainWordPress( branch, report )
	);
	await copyWordPress( files.path, wordpressDir );
}

/** Removes a site whose installation was interrupted: nobody has worked on it yet, and half a database cannot be mended. */
async function dropHalfMadeSite(): Promise< void > {
	if ( existsSync( siteDir ) && ! existsSync( siteIsWhole ) ) {
		say(
			'! An earlier start was interrupted before the site was ready; it is made anew.'
		);
		await rm( siteDir, { recursive: true, force: true } );
	}
}

/** Rebuilds and restarts on change; a failure is told, and the next change tries again. */
function watchSources( restartProxy: () => Promise< void > ): void {
	const telling =
		( title: string, work: () => Promise< void > ) => async () => {
			await step( title, work ).catch( sayFailure );
		};
	stops.push(
		watchFolder(
			inProject( 'blocks' ),
			telling( 'Building the blocks', buildBlocks )
		),
		watchFolder(
			inProject( 'proxy/src' ),
			telling( 'Restarting the proxy', restartProxy )
		)
	);
}

let firstSignalAt: number | undefined;
for ( const signal of [ 'SIGINT', 'SIGTERM', 'SIGHUP' ] as const ) {
	process.on( signal, () => {
		// One Ctrl-C may arrive twice, from the terminal and from the parent; a second one on purpose comes later.
		if ( firstSignalAt !== undefined ) {
			if ( performance.now() - firstSignalAt > 1000 ) {
				process.exit( 1 );
			}
			return;
		}
		firstSignalAt = performance.now();
		say( '\nStopping …' );
		void stopAll().then( () => {
			say( 'Stopped.' );
			process.exit( 0 );
		} );
	} );
}

process.stdout.on( 'error', () => {
	// Nobody reads any more (npm start | head).
	void stopAll().then( () => process.exit( 0 ) );
} );

// Whoever started this task may be killed without a word; it must not run on alone.
const firstParent = process.ppid;
setInterval( () => {
	if ( process.ppid !== firstParent ) {
		void stopAll().then( () => process.exit( 1 ) );
	}
}, 500 ).unref();

try {
	const options = readStartOptions( process.argv.slice( 2 ) );
	if ( options.isHelp ) {
		say( usage );
	} else {
		await start( options );
	}
} catch ( error ) {
	// While stopping, whatever was just being started fails; that is no news.
	if ( firstSignalAt === undefined ) {
		sayFailure( error );
		await stopAll();
		process.exit( 1 );
	}
}
