/**
 * Leads from one view of the page to the other. Each has an address of its own, so that it can be kept and gone back to.
 */
import { __ } from '@wordpress/i18n';
import { addQueryArgs, removeQueryArgs } from '@wordpress/url';

/** The views of the page. */
export type Tab = 'setup' | 'figures';

/** Reads from a query which view is meant. */
export function shownTab( query: string ): Tab {
	return new URLSearchParams( query ).get( 'tab' ) === 'figures'
		? 'figures'
		: 'setup';
}

/** Renders the links to the views. */
export function Tabs( { shown }: { shown: Tab } ) {
	const names: Array< [ Tab, string ] > = [
		[ 'setup', __( 'Setup', 'docent' ) ],
		[ 'figures', __( 'Questions and cost', 'docent' ) ],
	];
	return (
		<nav
			className="nav-tab-wrapper wp-clearfix docent-tabs"
			aria-label={ __( 'Views', 'docent' ) }
		>
			{ names.map( ( [ tab, label ] ) => (
				<a
					key={ tab }
					href={
						tab === 'setup'
							? removeQueryArgs( location.href, 'tab' )
							: addQueryArgs( location.href, { tab } )
					}
					className={
						tab === shown ? 'nav-tab nav-tab-active' : 'nav-tab'
					}
					aria-current={ tab === shown ? 'page' : undefined }
				>
					{ label }
				</a>
			) ) }
		</nav>
	);
}
