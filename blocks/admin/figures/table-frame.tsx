/**
 * Holds a table that may be wider than its place: it scrolls inside its frame, by keyboard as well.
 */
import type { ReactNode } from 'react';

/** Renders the frame; `label` names it for screen readers. */
export function TableFrame( {
	label,
	children,
}: {
	label: string;
	children: ReactNode;
} ) {
	return (
		<div
			className="docent-table-frame"
			role="region"
			aria-label={ label }
			tabIndex={ 0 }
		>
			{ children }
		</div>
	);
}
