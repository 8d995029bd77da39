/**
 * Starts the settings app on Settings → Docent.
 */
import { createRoot } from '@wordpress/element';
import { App } from './app.tsx';
import './admin.scss';

const container = document.getElementById( 'docent-settings' );
if ( container ) {
	createRoot( container ).render( <App /> );
}
