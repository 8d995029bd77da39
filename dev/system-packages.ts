/**
 * Makes sure that the programs which are no npm packages are there: PHP, MariaDB, Chromium, PHPUnit, Redis, fonts, voices.
 *
 * On Debian and Ubuntu as root they are installed; elsewhere what is missing is named, with the way to get it.
 */

import { findChromium } from './browser.ts';
import { hasCommand, runCommand } from './processes.ts';
import { say, step } from './terminal.ts';

/** What a test may need from the machine. */
export type Need =
	| 'php'
	| 'mariadb'
	| 'phpunit'
	| 'composer'
	| 'chromium'
	| 'redis'
	| 'speech';

interface Provision {
	debian: string[];
	/** How people on other systems get it. */
	advice: string;
	isPresent: () => Promise< boolean >;
}

const phpExtensions = [
	'mysqli',
	'pdo_sqlite',
	'curl',
	'gd',
	'mbstring',
	'dom',
	'zip',
	'intl',
];

const provisions: Record< Need, Provision > = {
	php: {
		debian: [
			'php-cli',
			...[
				'mysql',
				'sqlite3',
				'curl',
				'gd',
				'mbstring',
				'xml',
				'zip',
				'intl',
			].map( ( name ) => `php-${ name }` ),
		],
		advice: `PHP 8.1 or newer with ${ phpExtensions.join(
			', '
		) } (macOS: brew install php)`,
		isPresent: async () => {
			const { exitCode, stdout } = await runCommand( 'php', [ '-m' ] );
			const present = stdout.toLowerCase().split( /\s+/ );
			return (
				exitCode === 0 &&
				phpExtensions.every( ( name ) => present.includes( name ) )
			);
		},
	},
	mariadb: {
		debian: [ 'mariadb-server' ],
		advice: 'MariaDB (macOS: brew install mariadb)',
		isPresent: async () =>
			( await hasCommand( 'mariadbd' ) ) &&
			( await hasCommand( 'mariadb-install-db' ) ),
	},
	phpunit: {
		debian: [ 'phpunit' ],
		advice: 'PHPUnit 9 (macOS: brew install phpunit, or its phar)',
		isPresent: () => hasCommand( 'phpunit' ),
	},
	composer: {
		debian: [ 'composer' ],
		advice: 'Composer (macOS: brew install composer)',
		isPresent: () => hasCommand( 'composer' ),
	},
	chromium: {
		debian: [ 'chromium', 'fonts-noto-core', 'fonts-noto-cjk' ],
		advice: 'Chromium or Google Chrome (CHROME_PATH names an unusual place)',
		isPresent: async () => findChromium() !== undefined,
	},
	redis: {
		debian: [ 'redis-server' ],
		advice: 'Redis (macOS: brew install redis)',
		isPresent: () => hasCommand( 'redis-server' ),
	},
	speech: {
		debian: [
			'flite',
			'espeak-ng',
			'sox',
			'pocketsphinx',
			'pocketsphinx-en-us',
			'opus-tools',
		],
		advice: 'flite, espeak-ng, sox, pocketsphinx with its English model, and opus-tools (macOS: brew install flite espeak-ng sox cmu-pocketsphinx opus-tools)',
		isPresent: async () => {
			const areThere = await Promise.all(
				[ 'flite', 'espeak-ng', 'sox', 'opusdec', 'opusenc' ].map(
					hasCommand
				)
			);
			return (
				areThere.every( Boolean ) &&
				// Versions up to 0.8 call the program otherwise.
				( ( await hasCommand( 'pocketsphinx_continuous' ) ) ||
					( await hasCommand( 'pocketsphinx' ) ) )
			);
		},
	},
};

/** Obtains what is missing where that is possible; returns what is missing still, with advice. */
export async function ensureSystemPackages(
	needs: readonly Need[]
): Promise< Map< Need, string > > {
	const missing = await findMissing( needs );
	if ( missing.length > 0 && ( await canInstall() ) ) {
		const packages = missing.flatMap(
			( need ) => provisions[ need ].debian
		);
		await step( `Installing ${ packages.join( ', ' ) }`, () =>
			aptInstall( packages )
		).catch( ( error: Error ) => say( `! ${ error.message }` ) );
	}
	return new Map(
		( await findMissing( needs ) ).map( ( need ) => [
			need,
			provisions[ need ].advice,
		] )
	);
}

async function findMissing( needs: readonly Need[] ): Promise< Need[] > {
	const present = await Promise.all(
		needs.map( ( need ) => provisions[ need ].isPresent() )
	);
	return needs.filter( ( _, index ) => ! present[ index ] );
}

async function canInstall(): Promise< boolean > {
	return process.getuid?.() === 0 && ( await hasCommand( 'apt-get' ) );
}

/** Installs packages; reads the package lists again only when they turn out to be missing or old. */
async function aptInstall( packages: string[] ): Promise< void > {
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
	const install = () =>
		runCommand(
			'apt-get',
			[ 'install', '-y', '-qq', '--no-install-recommends', ...packages ],
			{ env, timeoutMs: 600_000 }
		);
	let result = await install();
	if ( result.exitCode !== 0 ) {
		await runCommand( 'apt-get', [ 'update', '-qq' ], {
			env,
			timeoutMs: 300_000,
		} );
		result = await install();
	}
	if ( result.exitCode !== 0 ) {
		throw new Error(
			`apt-get could not install them: ${ result.stderr.trim().slice( -1000 ) }`
		);
	}
}
