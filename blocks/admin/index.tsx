/**
 * Starts the settings app on Settings → Docent.
 */
import { createRoot } from '@wordpress/element';
import { __ } from '@wordpress/i18n';

const container = document.getElementById( 'docent-settings' );
if ( container ) {
	createRoot( container ).render( <h1>{ __( 'Docent', 'docent' ) }</h1> );
}
