/**
 * Runs a task of this project (`node dev/run.mjs start`) on any Node from 16 on, in a bare clone too: installs the npm
 * packages when they are missing or outdated, then hands over to `dev/<task>.ts` on the Node that they bring along.
 */

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
	existsSync,
	mkdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve( dirname( fileURLToPath( import.meta.url ) ), '..' );
const [ task = '', ...taskArguments ] = process.argv.slice( 2 );

/** Ends with a sentence for people. */
function fail( sentence ) {
	process.stderr.write( `\n${ sentence }\n` );
	process.exit( 1 );
}

if ( Number( process.versions.node.split( '.' )[ 0 ] ) < 16 ) {
	fail(
		`Docent's tools need Node 16 or newer to begin with; this is Node ${ process.versions.node }. Install a current Node from nodejs.org, then try again.`
	);
}

const script = join( root, 'dev', `${ task }.ts` );
if ( ! /^[a-z]+$/.test( task ) || ! existsSync( script ) ) {
	fail( `There is no task "${ task }". See the scripts in package.json.` );
}

const packagedNode = join(
	root,
	'node_modules/node/bin',
	process.platform === 'win32' ? 'node.exe' : 'node'
);
const stampFile = join( root, 'node_modules/.docent-installed' );

/** Says which packages should be there: changes when the lock file or the kind of machine changes. */
function wantedStamp() {
	const lock = join( root, 'package-lock.json' );
	return createHash( 'sha256' )
		.update( existsSync( lock ) ? readFileSync( lock ) : '' )
		.update( `${ process.platform }-${ process.arch }` )
		.digest( 'hex' );
}

function isInstalled() {
	return (
		existsSync( packagedNode ) &&
		existsSync( stampFile ) &&
		readFileSync( stampFile, 'utf8' ) === wantedStamp()
	);
}

/** Runs npm with its progress shown. */
function npm( ...npmArguments ) {
	const ownNpm = process.env.npm_execpath;
	const isScript = ownNpm !== undefined && /npm-cli\.c?js$/.test( ownNpm );
	const [ command, ...before ] = isScript
		? [ process.execPath, ownNpm ]
		: [ 'npm' ];
	const { status, error } = spawnSync(
		command,
		[ ...before, ...npmArguments ],
		{
			cwd: root,
			stdio: [ 'ignore', 'inherit', 'inherit' ],
			// On Windows npm is a batch file, which only a shell can start.
			shell: ! isScript && process.platform === 'win32',
		}
	);
	if ( error !== undefined && error.code === 'ENOENT' ) {
		fail(
			'npm was not found. Install it together with Node from nodejs.org.'
		);
	}
	return status === 0;
}

/** Brings node_modules in line with package-lock.json. */
function install() {
	// Taken away first: an interrupted installation must not pass for a whole one.
	rmSync( stampFile, { force: true } );
	// npm writes this file last. With it, only the difference has to be installed; `npm ci` would delete everything first.
	const isComplete = existsSync(
		join( root, 'node_modules/.package-lock.json' )
	);
	process.stdout.write(
		isComplete
			? '… Updating the npm packages\n'
			: '… Installing the npm packages (a few minutes the first time)\n'
	);
	const startedAt = Date.now();
	const flags = [ '--no-audit', '--no-fund', '--loglevel=error' ];
	if (
		( isComplete || ! npm( 'ci', ...flags ) ) &&
		! npm( 'install', '--no-save', ...flags )
	) {
		fail(
			'The npm packages could not be installed; npm says why above.\n' +
				'Without a network nothing can be downloaded: connect, or set a registry that this machine reaches, and try again.'
		);
	}
	if ( ! existsSync( packagedNode ) ) {
		fail(
			'The npm package "node", which brings the right Node along, did not install its program.\n' +
				'If npm blocks install scripts on this machine, run: npm rebuild node'
		);
	}
	mkdirSync( dirname( stampFile ), { recursive: true } );
	writeFileSync( stampFile, wantedStamp() );
	process.stdout.write(
		`✓ npm packages installed (${ Math.round(
			( Date.now() - startedAt ) / 1000
		) } s)\n`
	);
}

if ( ! isInstalled() ) {
	install();
}

const child = spawn( packagedNode, [ script, ...taskArguments ], {
	cwd: root,
	stdio: 'inherit',
	env: {
		...process.env,
		PATH: `${ join( root, 'node_modules/.bin' ) }${
			process.platform === 'win32' ? ';' : ':'
		}${ process.env.PATH ?? '' }`,
	},
} );

for ( const signal of [ 'SIGINT', 'SIGTERM', 'SIGHUP' ] ) {
	process.on( signal, () => child.kill( signal ) );
}

// npm starts scripts through a shell that does not pass signals on; a task must not outlive the npm that asked for it.
const firstParent = process.ppid;
if ( process.env.npm_lifecycle_event !== undefined ) {
	setInterval( () => {
		if ( process.ppid !== firstParent ) {
			child.kill( 'SIGTERM' );
		}
	}, 500 ).unref();
}

child.on( 'error', ( error ) =>
	fail( `${ packagedNode } cannot be started: ${ error.message }` )
);
child.on( 'exit', ( code, signal ) => {
	process.exit( code ?? 128 + ( constants.signals[ signal ] ?? 0 ) );
} );
