/**
 * Asks the block editor for two things its packages have no types for.
 */
import { useDispatch, useSelect } from '@wordpress/data';

/** Says whether the block is only being shown, as in the inserter, where nothing can be typed. */
export function useIsPreview(): boolean {
	return useSelect( ( select ) => {
		const editor = select( 'core/block-editor' ) as unknown as {
			getSettings(): { isPreviewMode?: boolean };
		};
		return editor.getSettings().isPreviewMode ?? false;
	}, [] );
}

/**
 * Gives a function to call before a change that people expect to undo by itself. Without it the editor counts all
 * changes of one attribute in a row as one.
 */
export function useUndoLevel(): () => void {
	const editor = useDispatch( 'core/block-editor' ) as unknown as {
		__unstableMarkLastChangeAsPersistent?: () => void;
	};
	return () => editor.__unstableMarkLastChangeAsPersistent?.();
}
