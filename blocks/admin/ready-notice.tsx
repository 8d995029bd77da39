/**
 * Says that the assistant can answer, and how visitors come to it.
 */
import { Notice } from '@wordpress/components';
import { createInterpolateElement } from '@wordpress/element';
import { __ } from '@wordpress/i18n';
import type { Settings } from './types.ts';

/** Renders the last hint of the first run; nothing once the launcher is on. */
export function ReadyNotice( { settings }: { settings: Settings } ) {
	if ( settings.launcher.isEnabled ) {
		return null;
	}
	return (
		<Notice status="success" isDismissible={ false }>
			{ createInterpolateElement(
				__(
					'The assistant is ready. Add the “Docent assistant” block to <a>a new page</a>, or switch on the button on every page in step 5.',
					'docent'
				),
				{
					// The content of the link comes from the sentence.
					// eslint-disable-next-line jsx-a11y/anchor-has-content
					a: <a href="post-new.php?post_type=page" />,
				}
			) }
		</Notice>
	);
}
