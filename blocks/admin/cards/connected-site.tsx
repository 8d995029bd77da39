/**
 * Shows the connection, tests it from end to end and ends it.
 */
import { Button } from '@wordpress/components';
import { useCallback, useEffect, useState } from '@wordpress/element';
import { __ } from '@wordpress/i18n';
import { disconnect, testConnection } from '../api.ts';
import type { Check } from '../types.ts';
import { useAction } from '../use-action.ts';
import type { SettingsAccess } from '../use-settings.ts';
import { CheckList } from './check-list.tsx';
import { Confirmation } from './confirmation.tsx';
import { CardError } from './step-card.tsx';

/** Renders the connection of a connected site. */
export function ConnectedSite( {
	access,
	isNext,
	isTestedAtOnce,
}: {
	access: SettingsAccess;
	/** Whether testing is what to do next, because something is wrong. */
	isNext: boolean;
	/** Whether the connection is so new that nobody should have to ask for its test. */
	isTestedAtOnce: boolean;
} ) {
	const { proxyUrl, siteId, source } = access.settings.connection;
	const [ checks, setChecks ] = useState< Check[] >();
	const { run, isBusy, error } = useAction();

	const startTest = useCallback(
		() =>
			run( async () => {
				setChecks( undefined );
				setChecks( await testConnection() );
			} ),
		[ run ]
	);
	useEffect( () => {
		if ( isTestedAtOnce ) {
			startTest();
		}
	}, [ isTestedAtOnce, startTest ] );

	return (
		<>
			<dl className="docent-facts">
				<div>
					<dt>{ __( 'Proxy', 'docent' ) }</dt>
					<dd>
						<code>{ proxyUrl }</code>
					</dd>
				</div>
				<div>
					<dt>{ __( 'Site', 'docent' ) }</dt>
					<dd>
						<code>{ siteId }</code>
					</dd>
				</div>
				{ source === 'constant' && (
					<div>
						<dt>{ __( 'Set in', 'docent' ) }</dt>
						<dd>
							{ __(
								'wp-config.php, by DOCENT_CONNECTION or by DOCENT_PROXY_URL, DOCENT_SITE_ID and DOCENT_SITE_SECRET. Change or remove it there.',
								'docent'
							) }
						</dd>
					</div>
				) }
			</dl>
			<div aria-live="polite">
				{ checks && <CheckList checks={ checks } /> }
			</div>
			<CardError error={ error } />
			<div className="docent-step__actions">
				<Button
					__next40pxDefaultSize
					accessibleWhenDisabled
					variant={ isNext ? 'primary' : 'secondary' }
					isBusy={ isBusy }
					disabled={ isBusy }
					onClick={ startTest }
				>
					{ isBusy
						? __( 'Testing…', 'docent' )
						: __( 'Test the connection', 'docent' ) }
				</Button>
				{ source === 'option' && <Disconnect access={ access } /> }
			</div>
		</>
	);
}

function Disconnect( { access }: { access: SettingsAccess } ) {
	const [ isAsking, setIsAsking ] = useState( false );
	const { run, isBusy, error } = useAction();
	return (
		<>
			<Button
				__next40pxDefaultSize
				isDestructive
				variant="tertiary"
				onClick={ () => setIsAsking( true ) }
			>
				{ __( 'Disconnect', 'docent' ) }
			</Button>
			{ isAsking && (
				<Confirmation
					title={ __( 'Disconnect this site?', 'docent' ) }
					action={ __( 'Disconnect', 'docent' ) }
					isBusy={ isBusy }
					error={ error }
					onConfirm={ () =>
						run( async () =>
							access.replace(
								await disconnect(),
								__( 'Disconnected.', 'docent' )
							)
						)
					}
					onCancel={ () => setIsAsking( false ) }
				>
					{ __(
						'Visitors will see that the assistant is not available. What the proxy holds stays there. To connect again you need the connection string.',
						'docent'
					) }
				</Confirmation>
			) }
		</>
	);
}
