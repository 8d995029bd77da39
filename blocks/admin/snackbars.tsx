/**
 * Shows what was just saved, with a way to take it back.
 */
import { SnackbarList } from '@wordpress/components';
import { useDispatch, useSelect } from '@wordpress/data';
import { store as noticesStore } from '@wordpress/notices';
import type { ComponentProps } from 'react';

type Snackbar = ComponentProps< typeof SnackbarList >[ 'notices' ][ number ];

/** Renders the snackbars of this page. */
export function Snackbars() {
	const notices = useSelect(
		( select ) => select( noticesStore ).getNotices(),
		[]
	);
	const { removeNotice } = useDispatch( noticesStore );
	const snackbars = notices.filter( ( { type } ) => type === 'snackbar' );
	return (
		<SnackbarList
			className="docent-settings__snackbars"
			notices={ snackbars as unknown as Snackbar[] }
			onRemove={ removeNotice }
		/>
	);
}
