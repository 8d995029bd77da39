/**
 * Edits the owner's own rules: questions that contain these words go to that class.
 */
import { TextControl } from '@wordpress/components';
import { __, sprintf } from '@wordpress/i18n';
import { formatNumber } from '../format.ts';
import { MAX_RULES, type RuleRow } from '../models/routing-form.ts';
import {
	MAX_WORD_LENGTH,
	MAX_WORDS,
	readWords,
	type WordsProblem,
} from '../models/rule-words.ts';
import { RowList } from './row-list.tsx';
import { TierSelect } from './tier-select.tsx';

/** Renders the rules. */
export function RuleList( {
	rules,
	isRefused,
	onChange,
}: {
	rules: RuleRow[];
	/** Whether saving was tried; a row that waits for its words is a mistake only then. */
	isRefused: boolean;
	onChange: ( rules: RuleRow[] ) => void;
} ) {
	return (
		<RowList
			title={ __( 'Your own rules', 'docent' ) }
			description={ __(
				'Questions that contain one of the words go to the class you choose; the first rule that fits decides. Only while the assistant saves does the cheapest class answer all the same.',
				'docent'
			) }
			rows={ rules }
			onChange={ onChange }
			newRow={
				rules.length < MAX_RULES
					? { words: '', tier: 'standard' }
					: undefined
			}
			words={ {
				add: __( 'Add a rule', 'docent' ),
				empty: __(
					'No rules yet. An example: questions with “refund” always go to Standard.',
					'docent'
				),
				remove: ( _, index ) =>
					/* translators: %d: number of the rule. */
					sprintf( __( 'Remove rule %d', 'docent' ), index + 1 ),
				moveUp: ( index ) =>
					/* translators: %d: number of the rule. */
					sprintf( __( 'Move rule %d up', 'docent' ), index + 1 ),
				moveDown: ( index ) =>
					/* translators: %d: number of the rule. */
					sprintf( __( 'Move rule %d down', 'docent' ), index + 1 ),
				removed: __(
					'Rule removed. Save to let that take effect.',
					'docent'
				),
			} }
		>
			{ ( row, index, change ) => (
				<RuleFields
					row={ row }
					index={ index }
					isRefused={ isRefused }
					onChange={ change }
				/>
			) }
		</RowList>
	);
}

function RuleFields( {
	row,
	index,
	isRefused,
	onChange,
}: {
	row: RuleRow;
	index: number;
	isRefused: boolean;
	onChange: ( row: RuleRow ) => void;
} ) {
	const parsed = readWords( row.words );
	const problem =
		parsed.isValid || ( parsed.problem === 'empty' && ! isRefused )
			? undefined
			: parsed.problem;
	return (
		<>
			<TextControl
				__next40pxDefaultSize
				__nextHasNoMarginBottom
				className="docent-rows__field"
				label={ sprintf(
					/* translators: %d: number of the rule. */
					__( 'Rule %d: question contains', 'docent' ),
					index + 1
				) }
				help={
					problem === undefined ? (
						__( 'Words or phrases, with commas between.', 'docent' )
					) : (
						<span className="docent-field__problem">
							{ problemSentence( problem ) }
						</span>
					)
				}
				dir="auto"
				autoComplete="off"
				aria-invalid={ problem !== undefined }
				value={ row.words }
				onChange={ ( words ) => onChange( { ...row, words } ) }
			/>
			<TierSelect
				tier={ row.tier }
				onChange={ ( tier ) => onChange( { ...row, tier } ) }
			/>
		</>
	);
}

function problemSentence( problem: WordsProblem ): string {
	switch ( problem ) {
		case 'empty':
			return __( 'Write at least one word.', 'docent' );
		case 'too-many':
			return sprintf(
				/* translators: %s: number of words. */
				__(
					'These are more than %s words. Make a second rule of some of them.',
					'docent'
				),
				formatNumber( MAX_WORDS )
			);
		case 'too-long':
			return sprintf(
				/* translators: %s: number of characters. */
				__(
					'A word or phrase may have %s characters. Put commas between, or shorten it.',
					'docent'
				),
				formatNumber( MAX_WORD_LENGTH )
			);
	}
}
