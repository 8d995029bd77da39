/**
 * Knows where things are in a clone, so that no other file counts `..`.
 */

import { join, resolve } from 'node:path';

/** The root of the clone. */
export const projectRoot = resolve( import.meta.dirname, '..' );

/** Working data of `npm start` and `npm test`; ignored by git, deleted by `--reset`. */
export const workDir = join( projectRoot, '.docent' );

/** Downloads and other things that are slow to make and never change. */
export const cacheDir = join( workDir, 'cache' );

/** The plugin as WordPress loads it. */
export const pluginDir = join( projectRoot, 'plugin' );

/** The demo site: content, importer, must-use plugin. */
export const demoDir = join( projectRoot, 'dev', 'demo' );

/** Resolves a path inside the clone. */
export function inProject( ...parts: string[] ): string {
	return join( projectRoot, ...parts );
}
