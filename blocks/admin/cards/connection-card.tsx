/**
 * Connects this site to a proxy, tests the connection and ends it.
 */
import { useEffect, useRef } from '@wordpress/element';
import { __ } from '@wordpress/i18n';
import type { SetupStep } from '../setup-steps.ts';
import type { SettingsAccess } from '../use-settings.ts';
import { ConnectForm } from './connect-form.tsx';
import { ConnectedSite } from './connected-site.tsx';
import { StepCard } from './step-card.tsx';

/** Renders the first card. */
export function ConnectionCard( {
	access,
	next,
}: {
	access: SettingsAccess;
	next: SetupStep | undefined;
} ) {
	const { isConnected } = access.settings.connection;
	const heading = useRef< HTMLHeadingElement >( null );
	const wasConnected = useRef( isConnected );

	// Connecting and disconnecting replace the button that was pressed.
	useEffect( () => {
		if ( wasConnected.current !== isConnected ) {
			wasConnected.current = isConnected;
			heading.current?.focus();
		}
	}, [ isConnected ] );

	return (
		<StepCard
			step={ 1 }
			title={ __( 'Connect', 'docent' ) }
			description={ __(
				'A Docent proxy keeps the key of your AI provider, so that WordPress never holds it.',
				'docent'
			) }
			isDone={ isConnected }
			headingRef={ heading }
		>
			{ isConnected ? (
				<ConnectedSite access={ access } />
			) : (
				<ConnectForm access={ access } isNext={ next === 'connect' } />
			) }
		</StepCard>
	);
}
