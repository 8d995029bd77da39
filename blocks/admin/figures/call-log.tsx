/**
 * Shows the call log: filtered, page by page, and as a file to take away.
 */
import { Button, SelectControl, Spinner } from '@wordpress/components';
import { useCallback, useState } from '@wordpress/element';
import { __ } from '@wordpress/i18n';
import { CardError } from '../cards/step-card.tsx';
import { useAction } from '../use-action.ts';
import { CallTable } from './call-table.tsx';
import { exportCalls, readCalls } from './read-figures.ts';
import { saveFile } from './save-file.ts';
import type { CallFilter } from './types.ts';
import { useLoaded } from './use-loaded.ts';
import { outcomeWords, tierWords } from './words.ts';

const EVERYTHING: CallFilter = { outcome: '', tier: '' };

/** Renders the log with its filters. */
export function CallLog() {
	const [ filter, setFilter ] = useState( EVERYTHING );
	/** Where the pages up to this one began; the first begins nowhere. */
	const [ cursors, setCursors ] = useState< Array< string | undefined > >( [
		undefined,
	] );
	const cursor = cursors.at( -1 );
	const page = useLoaded(
		useCallback( () => readCalls( filter, cursor ), [ filter, cursor ] )
	);
	const download = useAction();
	const choose = ( part: Partial< CallFilter > ) => {
		setFilter( { ...filter, ...part } );
		setCursors( [ undefined ] );
	};
	const isFiltered = filter.outcome !== '' || filter.tier !== '';
	const next = page.value?.nextCursor;

	return (
		<>
			<div className="docent-calls__filters">
				<SelectControl
					__next40pxDefaultSize
					__nextHasNoMarginBottom
					label={ __( 'What happened', 'docent' ) }
					value={ filter.outcome }
					options={ choices( outcomeWords() ) }
					onChange={ ( outcome ) => choose( { outcome } ) }
				/>
				<SelectControl
					__next40pxDefaultSize
					__nextHasNoMarginBottom
					label={ __( 'Class', 'docent' ) }
					value={ filter.tier }
					options={ choices( tierWords() ) }
					onChange={ ( tier ) => choose( { tier } ) }
				/>
				<Button
					__next40pxDefaultSize
					variant="secondary"
					isBusy={ download.isBusy }
					disabled={ download.isBusy }
					onClick={ () =>
						download.run( async () =>
							saveFile(
								await exportCalls( filter ),
								'docent-calls.csv'
							)
						)
					}
				>
					{ __( 'Download as CSV', 'docent' ) }
				</Button>
			</div>
			<CardError error={ download.error } />
			<CardError error={ page.error } onRetry={ page.retry } />
			<div aria-busy={ page.isLoading }>
				{ page.isLoading && ! page.value && <Spinner /> }
				{ page.value && page.value.calls.length === 0 && (
					<p className="docent-step__note" role="status">
						{ isFiltered
							? __( 'No call fits this choice.', 'docent' )
							: __(
									'Nobody has asked anything yet. Every question will stand here, with who answered it and what it cost. The words of the question are not kept in this list.',
									'docent'
								) }
					</p>
				) }
				{ page.value && page.value.calls.length > 0 && (
					<CallTable calls={ page.value.calls } />
				) }
			</div>
			{ ( cursors.length > 1 || next ) && (
				<div className="docent-step__actions">
					<Button
						__next40pxDefaultSize
						variant="secondary"
						disabled={ cursors.length === 1 || page.isLoading }
						accessibleWhenDisabled
						onClick={ () => setCursors( cursors.slice( 0, -1 ) ) }
					>
						{ __( 'Newer', 'docent' ) }
					</Button>
					<Button
						__next40pxDefaultSize
						variant="secondary"
						disabled={ ! next || page.isLoading }
						accessibleWhenDisabled
						onClick={ () =>
							next && setCursors( [ ...cursors, next ] )
						}
					>
						{ __( 'Older', 'docent' ) }
					</Button>
				</div>
			) }
		</>
	);
}

function choices( words: Record< string, string > ) {
	return [
		{ value: '', label: __( 'All', 'docent' ) },
		...Object.entries( words ).map( ( [ value, label ] ) => ( {
			value,
			label,
		} ) ),
	];
}
