/**
 * Holds the settings of the page: reads them once, saves parts of them, and offers to take a saved change back.
 */
import { useDispatch } from '@wordpress/data';
import { useCallback, useEffect, useState } from '@wordpress/element';
import { __ } from '@wordpress/i18n';
import { store as noticesStore } from '@wordpress/notices';
import { readSettings, saveSettings } from './api.ts';
import { errorMessage } from './error-message.ts';
import type { Settings, SettingsPatch } from './types.ts';

/**
 * One message at a time, which stays until it is closed or replaced: nobody has to be quick to take something back, and
 * only in this form WordPress draws it as text with buttons rather than as a button with buttons inside.
 */
const SNACKBAR = {
	id: 'docent-done',
	type: 'snackbar',
	explicitDismiss: true,
} as const;

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
	const { createSuccessNotice, createErrorNotice } =
		useDispatch( noticesStore );

	const reload = useCallback( () => readSettings().then( setSettings ), [] );
	const load = useCallback( () => {
		setError( undefined );
		reload().catch( ( problem ) => setError( errorMessage( problem ) ) );
	}, [ reload ] );
	useEffect( load, [ load ] );

	const save = useCallback(
		async ( { patch, undo, message }: Change ) => {
			setSettings( await saveSettings( patch ) );
			const takeBack = () =>
				saveSettings( undo )
					.then( setSettings )
					.then( () =>
						createSuccessNotice( __( 'Taken back.', 'docent' ), {
							...SNACKBAR,
						} )
					)
					.catch( ( problem ) =>
						createErrorNotice( errorMessage( problem ), {
							...SNACKBAR,
						} )
					);
			createSuccessNotice( message, {
				...SNACKBAR,
				actions: [
					{ label: __( 'Undo', 'docent' ), onClick: takeBack },
				],
			} );
		},
		[ createSuccessNotice, createErrorNotice ]
	);

	const replace = useCallback(
		( next: Settings, message: string ) => {
			setSettings( next );
			createSuccessNotice( message, SNACKBAR );
		},
		[ createSuccessNotice ]
	);

	if ( error !== undefined ) {
		return { status: 'failed', error, retry: load };
	}
	return settings
		? { status: 'ready', settings, save, replace, reload }
		: { status: 'loading' };
}
