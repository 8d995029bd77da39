/**
 * Holds the settings of the page: reads them once, saves parts of them, and offers to take a saved change back.
 */
import { useCallback, useEffect, useState } from '@wordpress/element';
import { readSettings, saveSettings } from './api.ts';
import { errorMessage } from './error-message.ts';
import type { Settings, SettingsPatch } from './types.ts';
import { useMessages } from './use-messages.ts';

/** A change of settings, with the change that takes it back and the sentence that confirms it. */
export interface Change {
	patch: SettingsPatch;
	undo: SettingsPatch;
	message: string;
}

/** What cards do with the settings. */
export interface SettingsAccess {
	settings: Settings;
	/** Saves a change; throws what the request threw. */
	save( change: Change ): Promise< void >;
	/** Takes over settings that another request answered, and says what was done. */
	replace( settings: Settings, message: string ): void;
	/** Reads the settings again; throws what the request threw. */
	reload(): Promise< void >;
}

/** The settings while they are being read, when that failed, and when they are there. */
export type SettingsState =
	| { status: 'loading' }
	| { status: 'failed'; error: string; retry(): void }
	| ( { status: 'ready' } & SettingsAccess );

/** Reads the settings and keeps them. */
export function useSettings(): SettingsState {
	const [ settings, setSettings ] = useState< Settings >();
	const [ error, setError ] = useState< string >();
	const sayDone = useMessages();

	const reload = useCallback( () => readSettings().then( setSettings ), [] );
	const load = useCallback( () => {
		setError( undefined );
		reload().catch( ( problem ) => setError( errorMessage( problem ) ) );
	}, [ reload ] );
	useEffect( load, [ load ] );

	const save = useCallback(
		async ( { patch, undo, message }: Change ) => {
			setSettings( await saveSettings( patch ) );
			sayDone( message, () => saveSettings( undo ).then( setSettings ) );
		},
		[ sayDone ]
	);

	const replace = useCallback(
		( next: Settings, message: string ) => {
			setSettings( next );
			sayDone( message );
		},
		[ sayDone ]
	);

	if ( error !== undefined ) {
		return { status: 'failed', error, retry: load };
	}
	return settings
		? { status: 'ready', settings, save, replace, reload }
		: { status: 'loading' };
}
