/**
 * Speaks to `docent/v1` on this site; the nonce is added by api-fetch.
 */
import apiFetch from '@wordpress/api-fetch';
import type { Check, Settings, SettingsPatch, Sync, Usage } from './types.ts';

const root = '/docent/v1';

/** Reads all settings. */
export function readSettings(): Promise< Settings > {
	return apiFetch( { path: `${ root }/settings` } );
}

/** Saves a part of the settings and answers all of them. */
export function saveSettings( patch: SettingsPatch ): Promise< Settings > {
	return apiFetch( {
		path: `${ root }/settings`,
		method: 'PUT',
		data: patch,
	} );
}

/** Connects this site with the string a proxy's operator gave out. */
export function connect( connection: string ): Promise< Settings > {
	return apiFetch( {
		path: `${ root }/connection`,
		method: 'PUT',
		data: { connection },
	} );
}

/** Forgets the stored connection. */
export function disconnect(): Promise< Settings > {
	return apiFetch( { path: `${ root }/connection`, method: 'DELETE' } );
}

/** Tries the connection from end to end. */
export async function testConnection(): Promise< Check[] > {
	const { checks } = await apiFetch< { checks: Check[] } >( {
		path: `${ root }/connection/test`,
		method: 'POST',
	} );
	return checks;
}

/** Reads how far the sync has come. */
export function readSync(): Promise< Sync > {
	return apiFetch( { path: `${ root }/sync` } );
}

/** Starts a sync, or goes on with a stopped one. */
export function startSync(): Promise< Sync > {
	return apiFetch( { path: `${ root }/sync`, method: 'POST' } );
}

/** Stops the sync; what was sent stays. */
export function stopSync(): Promise< Sync > {
	return apiFetch( { path: `${ root }/sync`, method: 'DELETE' } );
}

/** Sends one bounded batch. */
export function stepSync(): Promise< Sync > {
	return apiFetch( { path: `${ root }/sync/step`, method: 'POST' } );
}

/** Reads what was spent and answered. */
export function readUsage(): Promise< Usage > {
	return apiFetch( { path: `${ root }/usage` } );
}
