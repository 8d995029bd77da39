/**
 * Tells an administrator in the editor that visitors cannot use the assistant yet.
 */
import { createInterpolateElement } from '@wordpress/element';
import { __ } from '@wordpress/i18n';

/** Renders a sentence with a link to the settings page. */
export function ConnectionNotice() {
	// The editor's own address, not the canvas's, which has none.
	const url = new URL(
		'options-general.php?page=docent',
		window.location.href
	).toString();
	return (
		<p className="docent-editor-notice" role="status">
			{ createInterpolateElement(
				__(
					'Docent is not connected yet, so visitors read “The assistant is not available right now.” <a>Connect it on the settings page</a>.',
					'docent'
				),
				{
					a: (
						// The content of the link comes from the sentence.
						// eslint-disable-next-line jsx-a11y/anchor-has-content
						<a href={ url } target="_blank" rel="noreferrer" />
					),
				}
			) }
		</p>
	);
}
