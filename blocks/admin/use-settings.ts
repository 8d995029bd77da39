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
	/** Takes over settings that another request answered. */
	replace( settings: Settings ): void;
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
	const [ settings, replace ] = useState< Settings >();
	const [ error, setError ] = useState< string >();
	const { createSuccessNotice, createErrorNotice } =
		useDispatch( noticesStore );

	const reload = useCallback(
		() => readSettings().then( replace ),
		[ replace ]
	);
	const load = useCallback( () => {
		setError( undefined );
		reload().catch( ( problem ) => setError( errorMessage( problem ) ) );
	}, [ reload ] );
	useEffect( load, [ load ] );

	const save = useCallback(
		async ( { patch, undo, message }: Change ) => {
			replace( await saveSettings( patch ) );
			const takeBack = () =>
				saveSettings( undo )
					.then( replace )
					.then( () =>
						createSuccessNotice( __( 'Taken back.', 'docent' ), {
							type: 'snackbar',
						} )
					)
					.catch( ( problem ) =>
						createErrorNotice( errorMessage( problem ), {
							type: 'snackbar',
						} )
					);
			createSuccessNotice( message, {
				type: 'snackbar',
				actions: [
					{ label: __( 'Undo', 'docent' ), onClick: takeBack },
				],
			} );
		},
		[ createSuccessNotice, createErrorNotice ]
	);

	if ( error !== undefined ) {
		return { status: 'failed', error, retry: load };
	}
	return settings
		? { status: 'ready', settings, save, replace, reload }
		: { status: 'loading' };
}
