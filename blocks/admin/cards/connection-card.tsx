/**
 * Connects this site to a proxy, tests the connection and ends it.
 */
import { useEffect, useRef, useState } from '@wordpress/element';
import { __ } from '@wordpress/i18n';
import type { SetupStep } from '../setup-steps.ts';
import { useAction } from '../use-action.ts';
import type { SettingsAccess } from '../use-settings.ts';
import { ConnectForm } from './connect-form.tsx';
import { ConnectedSite } from './connected-site.tsx';
import { CardError, StepCard } from './step-card.tsx';

/** Renders the first card. */
export function ConnectionCard( {
	access,
	next,
}: {
	access: SettingsAccess;
	next: SetupStep | undefined;
} ) {
	const { isConnected, source } = access.settings.connection;
	const heading = useRef< HTMLHeadingElement >( null );
	const wasConnected = useRef( isConnected );
	const [ isNew, setIsNew ] = useState( false );

	// Connecting and disconnecting replace the button that was pressed.
	useEffect( () => {
		if ( wasConnected.current !== isConnected ) {
			wasConnected.current = isConnected;
			setIsNew( isConnected );
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
			isDone={ isConnected && next !== 'repair' }
			headingRef={ heading }
		>
			{ isConnected && (
				<ConnectedSite
					key={ String( isNew ) }
					access={ access }
					isNext={ next === 'repair' }
					isTestedAtOnce={ isNew }
				/>
			) }
			{ ! isConnected && source === 'constant' && (
				<UnusableConstant access={ access } />
			) }
			{ ! isConnected && source !== 'constant' && (
				<ConnectForm access={ access } isNext={ next === 'connect' } />
			) }
		</StepCard>
	);
}

/** A constant wins over whatever is pasted here, so it has to be corrected where it is. */
function UnusableConstant( { access }: { access: SettingsAccess } ) {
	const { run, error } = useAction();
	return (
		<>
			<CardError
				error={ [
					access.settings.connection.error,
					__(
						'The connection is set in wp-config.php, by DOCENT_CONNECTION or by DOCENT_PROXY_URL, DOCENT_SITE_ID and DOCENT_SITE_SECRET. Correct it there, or remove it to connect on this page.',
						'docent'
					),
				]
					.filter( Boolean )
					.join( ' ' ) }
				onRetry={ () => run( access.reload ) }
			/>
			<CardError error={ error } />
		</>
	);
}
