/**
 * Edits the suggested questions in the sidebar: write, order, add, remove.
 */
import { Button, PanelBody, TextControl } from '@wordpress/components';
import { useEffect, useRef } from '@wordpress/element';
import { __, sprintf } from '@wordpress/i18n';
import { chevronDown, chevronUp, trash } from '@wordpress/icons';
import { useUndoLevel } from './block-editor.ts';
import {
	addSuggestion,
	changeSuggestion,
	MAX_SUGGESTIONS,
	moveSuggestion,
	removeSuggestion,
} from './suggestions.ts';

interface SuggestionListProps {
	suggestions: string[];
	onChange: ( suggestions: string[] ) => void;
}

/** Which control of which row takes the focus after a change. */
interface Focus {
	index: number;
	control: 'text' | 'up' | 'down';
}

/** Renders the list. */
export function SuggestionList( {
	suggestions,
	onChange,
}: SuggestionListProps ) {
	const markUndoLevel = useUndoLevel();
	const list = useRef< HTMLUListElement >( null );
	const nextFocus = useRef< Focus >();

	useEffect( () => {
		if ( nextFocus.current ) {
			const { index, control } = nextFocus.current;
			nextFocus.current = undefined;
			list.current?.children[ index ]
				?.querySelector< HTMLElement >(
					control === 'text' ? 'input' : `[data-move="${ control }"]`
				)
				?.focus();
		}
	}, [ suggestions ] );

	const change = ( next: string[], focus: Focus ) => {
		nextFocus.current = focus;
		markUndoLevel();
		onChange( next );
	};
	const move = ( index: number, by: -1 | 1 ) =>
		change( moveSuggestion( suggestions, index, by ), {
			index: index + by,
			control: by === -1 ? 'up' : 'down',
		} );

	return (
		<PanelBody title={ __( 'Suggested questions', 'docent' ) }>
			<ul ref={ list } className="docent-suggestion-list">
				{ suggestions.map( ( suggestion, index ) => (
					<li key={ index } className="docent-suggestion-list__row">
						<TextControl
							__next40pxDefaultSize
							__nextHasNoMarginBottom
							hideLabelFromVision
							label={ sprintf(
								/* translators: %d: number of the question. */
								__( 'Suggested question %d', 'docent' ),
								index + 1
							) }
							placeholder={ __( 'Write a question', 'docent' ) }
							maxLength={ 200 }
							value={ suggestion }
							onChange={ ( text ) =>
								onChange(
									changeSuggestion( suggestions, index, text )
								)
							}
						/>
						<div className="docent-suggestion-list__tools">
							<Button
								size="small"
								accessibleWhenDisabled
								data-move="up"
								icon={ chevronUp }
								label={ __( 'Move up', 'docent' ) }
								disabled={ index === 0 }
								onClick={ () => move( index, -1 ) }
							/>
							<Button
								size="small"
								accessibleWhenDisabled
								data-move="down"
								icon={ chevronDown }
								label={ __( 'Move down', 'docent' ) }
								disabled={ index === suggestions.length - 1 }
								onClick={ () => move( index, 1 ) }
							/>
							<Button
								size="small"
								icon={ trash }
								label={ __( 'Remove', 'docent' ) }
								onClick={ () =>
									change(
										removeSuggestion( suggestions, index ),
										{
											index: Math.min(
												index,
												suggestions.length - 2
											),
											control: 'text',
										}
									)
								}
							/>
						</div>
					</li>
				) ) }
			</ul>
			{ suggestions.length < MAX_SUGGESTIONS ? (
				<Button
					__next40pxDefaultSize
					variant="secondary"
					onClick={ () =>
						change( addSuggestion( suggestions ), {
							index: suggestions.length,
							control: 'text',
						} )
					}
				>
					{ __( 'Add a question', 'docent' ) }
				</Button>
			) : (
				<p>
					{ sprintf(
						/* translators: %d: number of questions. */
						__(
							'%d questions are the most a visitor takes in at a glance.',
							'docent'
						),
						MAX_SUGGESTIONS
					) }
				</p>
			) }
		</PanelBody>
	);
}
