/**
 * Runs one request at a time for a card and keeps what went wrong.
 */
import { useCallback, useState } from '@wordpress/element';
import { errorMessage } from './error-message.ts';

/** A request a person started: whether it runs, how it failed, and how to start it. */
export interface Action {
	isBusy: boolean;
	error?: string;
	/** Starts a request; what it throws becomes `error`. */
	run( request: () => Promise< unknown > ): void;
	forget(): void;
}

/** Gives a card its own busy state and error. */
export function useAction(): Action {
	const [ isBusy, setIsBusy ] = useState( false );
	const [ error, setError ] = useState< string >();

	const run = useCallback( ( request: () => Promise< unknown > ) => {
		setIsBusy( true );
		setError( undefined );
		request()
			.catch( ( problem ) => setError( errorMessage( problem ) ) )
			.finally( () => setIsBusy( false ) );
	}, [] );
	const forget = useCallback( () => setError( undefined ), [] );

	return { isBusy, run, forget, ...( error !== undefined && { error } ) };
}
