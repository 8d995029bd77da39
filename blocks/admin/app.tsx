/**
 * Shows the settings page: one card for each step from connecting to a finished assistant.
 */
import { Button, Notice, Spinner } from '@wordpress/components';
import { useEffect, useState } from '@wordpress/element';
import { __ } from '@wordpress/i18n';
import { AssistantCard } from './cards/assistant-card.tsx';
import { ConnectionCard } from './cards/connection-card.tsx';
import { ContentCard } from './cards/content-card.tsx';
import { LimitsCard } from './cards/limits-card.tsx';
import { ModelsCard } from './cards/models-card.tsx';
import { SyncCard } from './cards/sync-card.tsx';
import { VoiceCard } from './cards/voice-card.tsx';
import { FiguresView } from './figures/figures-view.tsx';
import { ReadyNotice } from './ready-notice.tsx';
import { nextStep } from './setup-steps.ts';
import { Snackbars } from './snackbars.tsx';
import { Tabs, shownTab } from './tabs.tsx';
import { useSettings, type SettingsAccess } from './use-settings.ts';
import { useSync } from './use-sync.ts';

/** Renders the settings page. */
export function App() {
	const tab = shownTab( location.search );
	return (
		<div className="docent-settings" data-view={ tab }>
			<div className="docent-settings__header">
				<h1>{ __( 'Docent', 'docent' ) }</h1>
				<p>
					{ __(
						'An assistant that answers visitors from the content of this site and never spends more than you allow.',
						'docent'
					) }
				</p>
			</div>
			<Tabs shown={ tab } />
			{ tab === 'figures' ? <FiguresView /> : <Setup /> }
			<Snackbars />
		</div>
	);
}

function Setup() {
	const state = useSettings();
	return (
		<>
			{ state.status === 'loading' && <Loading /> }
			{ state.status === 'failed' && (
				<Notice status="error" isDismissible={ false }>
					<p>{ state.error }</p>
					<Button
						__next40pxDefaultSize
						variant="secondary"
						onClick={ state.retry }
					>
						{ __( 'Try again', 'docent' ) }
					</Button>
				</Notice>
			) }
			{ state.status === 'ready' && <Cards access={ state } /> }
		</>
	);
}

function Cards( { access }: { access: SettingsAccess } ) {
	const { settings } = access;
	const { isConnected } = settings.connection;
	const sync = useSync( isConnected );
	const next = nextStep( settings, sync.state.sync );
	const isRunning = sync.state.sync?.status === 'running';
	const [ hasSynced, setHasSynced ] = useState( false );
	// The hint belongs to the moment a sync ends; on later visits it would only be in the way.
	useEffect( () => {
		if ( isRunning ) {
			setHasSynced( true );
		}
	}, [ isRunning ] );
	const shared = { access, next };
	return (
		<>
			{ next === undefined && hasSynced && (
				<ReadyNotice settings={ settings } />
			) }
			<ConnectionCard { ...shared } />
			<ContentCard { ...shared } />
			<SyncCard { ...shared } sync={ sync } />
			<LimitsCard { ...shared } />
			<ModelsCard { ...shared } />
			<AssistantCard { ...shared } />
			<VoiceCard { ...shared } />
		</>
	);
}

function Loading() {
	return (
		<p className="docent-settings__loading" role="status">
			<Spinner />
			{ __( 'Reading the settings…', 'docent' ) }
		</p>
	);
}
