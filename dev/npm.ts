/**
 * Runs npm from a task.
 */

import { runCommand } from './processes.ts';
import type { CommandOptions, CommandResult } from './processes.ts';
import { projectRoot } from './project.ts';

/** Runs `npm` with these arguments in the root of the clone. */
export function npm(
	args: string[],
	options: CommandOptions = {}
): Promise< CommandResult > {
	const ownNpm = process.env.npm_execpath;
	const isScript = ownNpm !== undefined && /npm-cli\.c?js$/.test( ownNpm );
	const [ command, before ] = isScript
		? [ process.execPath, [ ownNpm ] ]
		: [ process.platform === 'win32' ? 'npm.cmd' : 'npm', [] ];
	return runCommand( command, [ ...before, ...args ], {
		cwd: projectRoot,
		...options,
	} );
}
