/**
 * Copies the chosen content to the proxy and shows how far that has come.
 */
import { Button, Notice, ProgressBar } from '@wordpress/components';
import { __, _n, sprintf } from '@wordpress/i18n';
import { formatNumber, formatTime } from '../format.ts';
import type { SetupStep } from '../setup-steps.ts';
import { announcedPercent, hasGivenUp, syncShare } from '../sync-progress.ts';
import type { Sync } from '../types.ts';
import type { SyncAccess } from '../use-sync.ts';
import type { SettingsAccess } from '../use-settings.ts';
import { CardError, StepCard } from './step-card.tsx';

interface SyncCardProps {
	access: SettingsAccess;
	next: SetupStep | undefined;
	sync: SyncAccess;
}

/** Renders the third card. */
export function SyncCard( { access, next, sync: syncAccess }: SyncCardProps ) {
	const { state, load } = syncAccess;
	const isWaiting = next === 'connect' || next === 'content';
	return (
		<StepCard
			step={ 3 }
			title={ __( 'Sync', 'docent' ) }
			description={ __(
				'Sends a text copy of the chosen content to your proxy. Later changes are sent by themselves.',
				'docent'
			) }
			isDone={ ! isWaiting && state.sync?.status === 'done' }
			isWaiting={ isWaiting }
		>
			{ state.sync ? (
				<Progress
					sync={ state.sync }
					access={ syncAccess }
					isNext={ next === 'sync' }
					chosen={ countChosen( access ) }
				/>
			) : (
				<>
					{ state.error === undefined && (
						<p role="status">
							{ __( 'Reading the state of the sync…', 'docent' ) }
						</p>
					) }
					<CardError error={ state.error } onRetry={ load } />
				</>
			) }
		</StepCard>
	);
}

interface ProgressProps {
	sync: Sync;
	access: SyncAccess;
	isNext: boolean;
	chosen: number;
}

function Progress( { sync, access, isNext, chosen }: ProgressProps ) {
	const { state, start, stop } = access;
	const isRunning = sync.status === 'running';
	const isStopping = state.request === 'stop';
	const isStarting = state.request === 'start';
	const canGoOn = ! isRunning || hasGivenUp( state );
	const isRetrying = ! canGoOn && state.error !== undefined;
	const share = syncShare( sync );
	return (
		<div className="docent-sync">
			{ isRunning && (
				<ProgressBar
					className="docent-sync__bar"
					aria-label={ __( 'Sync', 'docent' ) }
					{ ...( share !== undefined && { value: share * 100 } ) }
				/>
			) }
			<p className="docent-sync__status">
				{ statusSentence( sync, chosen ) }
			</p>
			<p className="screen-reader-text" role="status">
				{ isRunning
					? sprintf(
							/* translators: %d: percentage. */
							__( 'Sync: %d%% done', 'docent' ),
							announcedPercent( sync )
						)
					: statusSentence( sync, chosen ) }
			</p>
			<Failures sync={ sync } />
			{ isRetrying ? (
				<Notice status="warning" isDismissible={ false }>
					{ state.error } { __( 'Trying again…', 'docent' ) }
				</Notice>
			) : (
				<CardError error={ state.error } />
			) }
			<div className="docent-step__actions">
				{ canGoOn && (
					<Button
						__next40pxDefaultSize
						accessibleWhenDisabled
						variant={ isNext ? 'primary' : 'secondary' }
						isBusy={ isStarting }
						disabled={ isStarting }
						onClick={ start }
					>
						{ startLabel( sync, state.error !== undefined ) }
					</Button>
				) }
				{ isRunning && (
					<Button
						__next40pxDefaultSize
						accessibleWhenDisabled
						variant="secondary"
						isBusy={ isStopping }
						disabled={ isStopping }
						onClick={ stop }
					>
						{ isStopping
							? __( 'Stopping…', 'docent' )
							: __( 'Stop', 'docent' ) }
					</Button>
				) }
			</div>
		</div>
	);
}

function Failures( { sync }: { sync: Sync } ) {
	if ( sync.status === 'failed' ) {
		return (
			<Notice status="error" isDismissible={ false }>
				{ sync.message ||
					__(
						'The sync could not go on. Test the connection in step 1, then try again.',
						'docent'
					) }
			</Notice>
		);
	}
	if ( sync.failed === 0 ) {
		// A running sync that waits for the proxy says so.
		return sync.status === 'running' && sync.message ? (
			<Notice status="warning" isDismissible={ false }>
				{ sync.message }
			</Notice>
		) : null;
	}
	return (
		<Notice status="warning" isDismissible={ false }>
			{ sprintf(
				/* translators: %s: number of entries. */
				_n(
					'%s entry could not be sent.',
					'%s entries could not be sent.',
					sync.failed,
					'docent'
				),
				formatNumber( sync.failed )
			) }{ ' ' }
			{ sync.message }
		</Notice>
	);
}

function statusSentence( sync: Sync, chosen: number ): string {
	switch ( sync.status ) {
		case 'idle':
			return sprintf(
				/* translators: %s: number of entries. */
				_n(
					'Nothing has been sent yet. %s entry is waiting.',
					'Nothing has been sent yet. %s entries are waiting.',
					chosen,
					'docent'
				),
				formatNumber( chosen )
			);
		case 'running':
			return sync.total === 0
				? __( 'Counting the entries…', 'docent' )
				: sprintf(
						/* translators: 1: entries sent, 2: entries in all, 3: percentage. */
						__( '%1$s of %2$s entries sent (%3$d%%)', 'docent' ),
						formatNumber( sync.sent ),
						formatNumber( sync.total ),
						Math.floor( ( syncShare( sync ) ?? 0 ) * 100 )
					);
		case 'stopped':
		case 'failed':
			return sprintf(
				/* translators: 1: entries sent, 2: entries in all. */
				__(
					'Stopped after %1$s of %2$s entries. The assistant answers from what was sent.',
					'docent'
				),
				formatNumber( sync.sent ),
				formatNumber( sync.total )
			);
		case 'done':
			return [
				sprintf(
					/* translators: %s: number of entries. */
					_n(
						'%s entry is ready for the assistant.',
						'%s entries are ready for the assistant.',
						sync.sent,
						'docent'
					),
					formatNumber( sync.sent )
				),
				leftOutSentence( sync ),
				sync.finishedAt &&
					sprintf(
						/* translators: %s: date and time. */
						__( 'Last full sync: %s.', 'docent' ),
						formatTime( sync.finishedAt )
					),
			]
				.filter( Boolean )
				.join( ' ' );
	}
}

/** Entries without words of their own, such as a page with nothing but a picture, are not sent. */
function leftOutSentence( { total, sent, failed }: Sync ): string {
	const leftOut = total - sent - failed;
	return leftOut > 0
		? sprintf(
				/* translators: %s: number of entries. */
				_n(
					'%s entry has no text and was left out.',
					'%s entries have no text and were left out.',
					leftOut,
					'docent'
				),
				formatNumber( leftOut )
			)
		: '';
}

function startLabel( sync: Sync, hasError: boolean ): string {
	if ( sync.status === 'failed' || hasError ) {
		return __( 'Try again', 'docent' );
	}
	if ( sync.status === 'stopped' ) {
		return __( 'Go on', 'docent' );
	}
	return sync.status === 'done'
		? __( 'Sync again', 'docent' )
		: __( 'Sync now', 'docent' );
}

function countChosen( { settings }: SettingsAccess ): number {
	return settings.contentTypes.reduce(
		( sum, { count, isSelected } ) => sum + ( isSelected ? count : 0 ),
		0
	);
}
