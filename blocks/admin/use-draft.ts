/**
 * Keeps what a person has changed in a card until it is saved, and asks before the page is left with it.
 */
import { useEffect, useState } from '@wordpress/element';

/** A value being edited. */
export interface Draft< Value > {
	value: Value;
	isDirty: boolean;
	change( value: Value ): void;
	discard(): void;
}

/** Edits a copy of a saved value of plain data. */
export function useDraft< Value >( saved: Value ): Draft< Value > {
	const [ edited, setEdited ] = useState< { value: Value } >();
	const value = edited ? edited.value : saved;
	const isDirty = JSON.stringify( value ) !== JSON.stringify( saved );

	useEffect( () => {
		if ( ! isDirty ) {
			return undefined;
		}
		const ask = ( event: BeforeUnloadEvent ) => event.preventDefault();
		window.addEventListener( 'beforeunload', ask );
		return () => window.removeEventListener( 'beforeunload', ask );
	}, [ isDirty ] );

	return {
		value,
		isDirty,
		change: ( next ) => setEdited( { value: next } ),
		discard: () => setEdited( undefined ),
	};
}
