/**
 * Finds a Chromium or Chrome on this machine.
 */

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = [
	'chromium',
	'chromium-browser',
	'google-chrome-stable',
	'google-chrome',
	'chrome',
];

const places = [
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'/Applications/Chromium.app/Contents/MacOS/Chromium',
	'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
	'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
	'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** Returns the path of a browser that Playwright can drive; `CHROME_PATH` wins. Undefined when there is none. */
export function findChromium(
	env: NodeJS.ProcessEnv = process.env
): string | undefined {
	const folders = ( env.PATH ?? '' ).split( delimiter );
	return [
		...( env.CHROME_PATH ? [ env.CHROME_PATH ] : [] ),
		...names.flatMap( ( name ) =>
			folders.map( ( folder ) => join( folder, name ) )
		),
		...places,
	].find( ( path ) => existsSync( path ) );
}
