/**
 * Says what was done, with a way to take it back.
 */
import { useDispatch } from '@wordpress/data';
import { useCallback } from '@wordpress/element';
import { __ } from '@wordpress/i18n';
import { store as noticesStore } from '@wordpress/notices';
import { errorMessage } from './error-message.ts';

/**
 * One message at a time, which stays until it is closed or replaced: nobody has to be quick to take something back, and
 * only in this form WordPress draws it as text with buttons rather than as a button with buttons inside.
 */
const SNACKBAR = {
	id: 'docent-done',
	type: 'snackbar',
	explicitDismiss: true,
} as const;

/** Says that something was done; with `takeBack`, offers to reverse it. */
export type SayDone = (
	message: string,
	takeBack?: () => Promise< unknown >
) => void;

/** Gives a function that shows a message at the bottom of the screen and reads it out. */
export function useMessages(): SayDone {
	const { createSuccessNotice, createErrorNotice } =
		useDispatch( noticesStore );
	return useCallback(
		( message, takeBack ) => {
			const undo = () => {
				takeBack?.().then(
					() =>
						createSuccessNotice(
							__( 'Taken back.', 'docent' ),
							SNACKBAR
						),
					( problem ) =>
						createErrorNotice( errorMessage( problem ), SNACKBAR )
				);
			};
			const actions = takeBack
				? [ { label: __( 'Undo', 'docent' ), onClick: undo } ]
				: [];
			void createSuccessNotice( message, { ...SNACKBAR, actions } );
		},
		[ createSuccessNotice, createErrorNotice ]
	);
}

/** Gives a function that closes the message, because what it would take back is gone. */
export function useMessageEnd(): () => void {
	const { removeNotice } = useDispatch( noticesStore );
	return useCallback(
		() => void removeNotice( SNACKBAR.id ),
		[ removeNotice ]
	);
}
