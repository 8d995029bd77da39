/**
 * Gives tests a real WordPress: native PHP and MariaDB, newest and oldest supported release.
 */

import { killAllProcesses } from '../../../dev/processes.ts';
import { startNativeWordPress as start } from '../../../dev/wordpress/native.ts';
import type {
	NativeWordPress,
	NativeWordPressOptions,
} from '../../../dev/wordpress/native.ts';
import {
	isWordPressBranch,
	newestBranch,
	oldestBranch,
} from '../../../dev/wordpress/obtain-wordpress.ts';
import type { WordPressBranch } from '../../../dev/wordpress/obtain-wordpress.ts';

export { newestBranch, oldestBranch };
export type { NativeWordPress, NativeWordPressOptions, WordPressBranch };

// A test worker that is told to end (time limit, Ctrl-C) leaves no server behind. The runner forbids `process.exit`.
for ( const signal of [ 'SIGTERM', 'SIGINT' ] as const ) {
	process.once( signal, () => {
		killAllProcesses();
		process.kill( process.pid, 'SIGKILL' );
	} );
}

/** The release this run of the tests is about: `npm test` runs the browser tests once for each. */
export function branchUnderTest(
	env: NodeJS.ProcessEnv = process.env
): WordPressBranch {
	const wanted = env.DOCENT_TEST_WORDPRESS ?? newestBranch;
	if ( ! isWordPressBranch( wanted ) ) {
		throw new Error(
			`DOCENT_TEST_WORDPRESS is ${ wanted }: use 7.1 or 6.8.`
		);
	}
	return wanted;
}

/** Starts WordPress, of the release under test unless `version` says otherwise. */
export function startNativeWordPress(
	options: NativeWordPressOptions = {}
): Promise< NativeWordPress > {
	return start( { version: branchUnderTest(), ...options } );
}
