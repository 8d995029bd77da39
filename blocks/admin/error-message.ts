/**
 * Says in one sentence what went wrong with a request and what to do about it.
 */
import { __ } from '@wordpress/i18n';

/** Turns whatever a request threw into a sentence for the owner. */
export function errorMessage( error: unknown ): string {
	const { code, message } = fields( error );
	switch ( code ) {
		case 'fetch_error':
		case 'offline_error':
			return __(
				'This site did not answer. Check your network connection, then try again.',
				'docent'
			);
		case 'invalid_json':
			return __(
				'This site answered with something unreadable. Look for a PHP error in the server’s error log, then try again.',
				'docent'
			);
		case 'rest_cookie_invalid_nonce':
			return __(
				'You have been logged out. Copy what you have not saved, then reload this page and log in.',
				'docent'
			);
		case 'rest_forbidden':
			return __(
				'Only an administrator of this site can do that.',
				'docent'
			);
		case 'rest_no_route':
			return __(
				'Docent’s part of the REST API is missing. Deactivate and activate the plugin, then reload this page.',
				'docent'
			);
	}
	return (
		message ??
		__( 'That did not work. Reload this page and try again.', 'docent' )
	);
}

function fields( error: unknown ): { code?: unknown; message?: string } {
	if ( typeof error !== 'object' || error === null ) {
		return {};
	}
	const { code, message } = error as { code?: unknown; message?: unknown };
	return typeof message === 'string' && message !== ''
		? { code, message }
		: { code };
}
