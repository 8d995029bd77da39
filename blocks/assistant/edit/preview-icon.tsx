/**
 * Draws the icons of the panel; the same shapes as render.php prints.
 */
import { ICON_PATHS } from './icon-paths.ts';

/** Renders one icon. */
export function PreviewIcon( { name }: { name: keyof typeof ICON_PATHS } ) {
	return (
		<svg
			className={ `docent-icon docent-icon--${ name }` }
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
