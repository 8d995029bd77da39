/**
 * Watches source folders and runs something when they have changed and come to rest.
 */

import { watch } from 'node:fs';

/**
 * Calls `onChange` 300 ms after the last of a series of changes, never twice at once; a change during a call leads to one
 * more call. Returns a function that ends the watching.
 */
export function watchFolder(
	folder: string,
	onChange: () => Promise< void >
): () => void {
	let timer: NodeJS.Timeout | undefined;
	let isRunning = false;
	let isWanted = false;
	const run = async (): Promise< void > => {
		if ( isRunning ) {
			isWanted = true;
			return;
		}
		isRunning = true;
		do {
			isWanted = false;
			await onChange();
		} while ( isWanted );
		isRunning = false;
	};
	const watcher = watch( folder, { recursive: true }, () => {
		clearTimeout( timer );
		timer = setTimeout( () => void run(), 300 );
	} );
	return () => {
		clearTimeout( timer );
		watcher.close();
	};
}
