/**
 * Draws the icons of the panel; the same shapes as render.php prints.
 */

/** Shapes on a grid of 24. */
export const ICON_PATHS = {
	more: '',
	close: '',
	send: '',
};

/** Renders one icon. */
export function PreviewIcon( { name }: { name: keyof typeof ICON_PATHS } ) {
	return (
		<svg
			className="docent-icon"
			viewBox="0 0 24 24"
			width="24"
			height="24"
			aria-hidden="true"
			focusable="false"
		>
			<path d={ ICON_PATHS[ name ] } />
		</svg>
	);
}
