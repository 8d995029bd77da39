/**
 * Edits the languages that always get a class of their own.
 */
import { SelectControl } from '@wordpress/components';
import { useMemo } from '@wordpress/element';
import { __, sprintf } from '@wordpress/i18n';
import { screenLocale } from '../format.ts';
import {
	languageOptions,
	nameIn,
	type LanguageOption,
} from '../models/languages.ts';
import { isRepeated, type LanguageRow } from '../models/routing-form.ts';
import { RowList } from './row-list.tsx';
import { TierSelect } from './tier-select.tsx';

/** Renders the languages. */
export function LanguageList( {
	languages,
	isRefused,
	onChange,
}: {
	languages: LanguageRow[];
	/** Whether saving was tried; a row that waits for its language is a mistake only then. */
	isRefused: boolean;
	onChange: ( languages: LanguageRow[] ) => void;
} ) {
	const used = languages.map( ( { language } ) => language ).join( ' ' );
	const options = useMemo(
		() => [
			{ value: '', label: __( 'Choose a language', 'docent' ) },
			...languageOptions( used.split( ' ' ), screenLocale() ),
		],
		[ used ]
	);
	return (
		<RowList
			title={ __( 'Languages', 'docent' ) }
			description={ __(
				'Answers in these languages always come from the class you choose, unless a rule of yours fits.',
				'docent'
			) }
			rows={ languages }
			onChange={ onChange }
			newRow={
				languages.length < options.length - 1
					? { language: '', tier: 'standard' }
					: undefined
			}
			words={ {
				add: __( 'Add a language', 'docent' ),
				empty: __(
					'No language has a class of its own. Add one if cheap models do not write it well enough.',
					'docent'
				),
				remove: ( { language }, index ) =>
					language === ''
						? sprintf(
								/* translators: %d: number of the row. */
								__( 'Remove language %d', 'docent' ),
								index + 1
							)
						: sprintf(
								/* translators: %s: name of a language. */
								__( 'Remove %s', 'docent' ),
								nameIn( screenLocale() )( language )
							),
				removed: __(
					'Language removed. Save to let that take effect.',
					'docent'
				),
			} }
		>
			{ ( row, index, change ) => (
				<LanguageFields
					row={ row }
					index={ index }
					options={ options }
					problem={ problemOf( languages, index, isRefused ) }
					onChange={ change }
				/>
			) }
		</RowList>
	);
}

function LanguageFields( {
	row,
	index,
	options,
	problem,
	onChange,
}: {
	row: LanguageRow;
	index: number;
	options: LanguageOption[];
	problem: string | undefined;
	onChange: ( row: LanguageRow ) => void;
} ) {
	return (
		<>
			<SelectControl
				__next40pxDefaultSize
				__nextHasNoMarginBottom
				className="docent-rows__field"
				label={ sprintf(
					/* translators: %d: number of the row. */
					__( 'Language %d', 'docent' ),
					index + 1
				) }
				help={
					problem && (
						<span className="docent-field__problem">
							{ problem }
						</span>
					)
				}
				aria-invalid={ problem !== undefined }
				options={ options }
				value={ row.language }
				onChange={ ( language ) => onChange( { ...row, language } ) }
			/>
			<TierSelect
				tier={ row.tier }
				onChange={ ( tier ) => onChange( { ...row, tier } ) }
			/>
		</>
	);
}

/** Says what is wrong with the language of a row. */
function problemOf(
	languages: LanguageRow[],
	index: number,
	isRefused: boolean
): string | undefined {
	if ( languages[ index ]?.language === '' ) {
		return isRefused ? __( 'Choose a language.', 'docent' ) : undefined;
	}
	return isRepeated( languages, index )
		? __( 'This language is in the list already.', 'docent' )
		: undefined;
}
