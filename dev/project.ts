/**
 * Knows where things are in a clone, so that no other file counts `..`.
 */

import { join, resolve } from 'node:path';

/** The root of the clone. */
export const projectRoot = resolve( import.meta.dirname, '..' );

/** Working data of `npm start`; ignored by git, deleted by `--reset`. `DOCENT_WORK_DIR` puts it elsewhere, for tests. */
export const workDir =
	process.env.DOCENT_WORK_DIR ?? join( projectRoot, '.docent' );

/** Downloads and other things that are slow to make and never change. */
export const cacheDir = join( projectRoot, '.docent', 'cache' );

/** Reports of `npm test`. */
export const reportDir = join( projectRoot, '.docent', 'test' );

/** The plugin as WordPress loads it. */
export const pluginDir = join( projectRoot, 'plugin' );

/** The demo site: content, importer, must-use plugin. */
export const demoDir = join( projectRoot, 'dev', 'demo' );

/** Resolves a path inside the clone. */
export function inProject( ...parts: string[] ): string {
	return join( projectRoot, ...parts );
}
