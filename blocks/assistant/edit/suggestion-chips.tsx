/**
 * Shows the suggested questions above the composer; each is edited in place.
 */
import { __, sprintf } from '@wordpress/i18n';
import { useUndoLevel } from './block-editor.ts';
import { PlainField } from './plain-field.tsx';
import {
	addSuggestion,
	changeSuggestion,
	MAX_SUGGESTIONS,
	removeSuggestion,
} from './suggestions.ts';

interface SuggestionChipsProps {
	suggestions: string[];
	isSelected: boolean;
	onChange: ( suggestions: string[] ) => void;
}

/** Renders the questions, and a button for one more while the block is selected. */
export function SuggestionChips( {
	suggestions,
	isSelected,
	onChange,
}: SuggestionChipsProps ) {
	const markUndoLevel = useUndoLevel();
	const change = ( next: string[] ) => {
		markUndoLevel();
		onChange( next );
	};
	// Visitors never see empty ones.
	const isShown = isSelected
		? suggestions.length > 0
		: suggestions.some( ( suggestion ) => suggestion.trim() !== '' );
	const canAdd = isSelected && suggestions.length < MAX_SUGGESTIONS;
	if ( ! isShown && ! canAdd ) {
		return null;
	}
	return (
		<ul className="docent-suggestions">
			{ suggestions.slice( 0, MAX_SUGGESTIONS ).map(
				( suggestion, index ) =>
					( isSelected || suggestion.trim() !== '' ) && (
						<li key={ index }>
							<PlainField
								tagName="span"
								className="docent-chip"
								label={ sprintf(
									/* translators: %d: number of the question. */
									__( 'Suggested question %d', 'docent' ),
									index + 1
								) }
								placeholder={ __(
									'Write a question',
									'docent'
								) }
								value={ suggestion }
								onChange={ ( text ) =>
									onChange(
										changeSuggestion(
											suggestions,
											index,
											text
										)
									)
								}
								onRemove={ () =>
									change(
										removeSuggestion( suggestions, index )
									)
								}
							/>
						</li>
					)
			) }
			{ canAdd && (
				<li>
					<button
						type="button"
						className="docent-chip docent-chip--add"
						onClick={ () => change( addSuggestion( suggestions ) ) }
					>
						{ __( 'Add a question', 'docent' ) }
					</button>
				</li>
			) }
		</ul>
	);
}
