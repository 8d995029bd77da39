/**
 * Loads something for a view, again when what it depends on changes, and forgets answers that come too late.
 */
import { useCallback, useEffect, useState } from '@wordpress/element';
import { errorMessage } from '../error-message.ts';

/** What was loaded, or why not. While something new loads, the last value stays. */
export interface Loaded< Value > {
	value?: Value;
	error?: string;
	isLoading: boolean;
	retry(): void;
}

/** Calls `load` at once and whenever it is another function; wrap it in `useCallback`. */
export function useLoaded< Value >(
	load: () => Promise< Value >
): Loaded< Value > {
	const [ state, setState ] = useState< Omit< Loaded< Value >, 'retry' > >( {
		isLoading: true,
	} );
	const [ attempt, setAttempt ] = useState( 0 );
	useEffect( () => {
		let isWanted = true;
		setState( ( { error, ...before } ) => ( {
			...before,
			isLoading: true,
		} ) );
		load().then(
			( value ) => isWanted && setState( { value, isLoading: false } ),
			( problem ) =>
				isWanted &&
				setState( { error: errorMessage( problem ), isLoading: false } )
		);
		return () => {
			isWanted = false;
		};
	}, [ load, attempt ] );
	return {
		...state,
		retry: useCallback( () => setAttempt( ( count ) => count + 1 ), [] ),
	};
}
