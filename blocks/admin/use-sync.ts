/**
 * Keeps a sync going while the settings page is open: WordPress sends one batch for each request.
 */
import { useCallback, useEffect, useReducer } from '@wordpress/element';
import { readSync, startSync, stepSync, stopSync } from './api.ts';
import { errorMessage } from './error-message.ts';
import {
	INITIAL_SYNC_STATE,
	nextStepDelayMs,
	reduceSync,
	type SyncRequest,
	type SyncState,
} from './sync-progress.ts';

const REQUESTS = {
	load: readSync,
	start: startSync,
	stop: stopSync,
	step: stepSync,
};

/** The sync and what a person can do with it. */
export interface SyncAccess {
	state: SyncState;
	/** Reads the state again after reading it failed. */
	load(): void;
	start(): void;
	stop(): void;
}

/** Follows the sync of a connected site. */
export function useSync( isConnected: boolean ): SyncAccess {
	const [ state, dispatch ] = useReducer( reduceSync, INITIAL_SYNC_STATE );

	const ask = useCallback( ( request: SyncRequest ) => {
		dispatch( { type: 'asked', request } );
		REQUESTS[ request ]().then(
			( sync ) => dispatch( { type: 'answered', request, sync } ),
			( problem ) =>
				dispatch( {
					type: 'failed',
					request,
					error: errorMessage( problem ),
				} )
		);
	}, [] );

	useEffect( () => {
		if ( isConnected ) {
			ask( 'load' );
		}
	}, [ ask, isConnected ] );

	const delayMs = isConnected ? nextStepDelayMs( state ) : undefined;
	useEffect( () => {
		if ( delayMs === undefined ) {
			return undefined;
		}
		const timer = setTimeout( () => ask( 'step' ), delayMs );
		return () => clearTimeout( timer );
		// Each answer is a new state, so each asks for its own next batch.
	}, [ ask, delayMs, state ] );

	return {
		state,
		load: () => ask( 'load' ),
		start: () => ask( 'start' ),
		stop: () => ask( 'stop' ),
	};
}
