/**
 * Edits the languages that always get a class of their own.
 */
import { SelectControl } from '@wordpress/components';
import { useMemo } from '@wordpress/element';
import { __, sprintf } from '@wordpress/i18n';
import { screenLocale } from '../format.ts';
import { languageOptions, nameIn } from '../models/languages.ts';
import { isRepeated, type LanguageRow } from '../models/routing-form.ts';
import { tierOptions } from '../models/tier-name.ts';
import { RowList } from './row-list.tsx';

/** Renders the languages. */
export function LanguageList( {
	languages,
	onChange,
}: {
	languages: LanguageRow[];
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
						help={ problemOf( languages, index ) }
						aria-invalid={
							problemOf( languages, index ) !== undefined
						}
						options={ options }
						value={ row.language }
						onChange={ ( language ) =>
							change( { ...row, language } )
						}
					/>
					<SelectControl
						__next40pxDefaultSize
						__nextHasNoMarginBottom
						className="docent-rows__tier"
						label={ __( 'Class', 'docent' ) }
						options={ tierOptions() }
						value={ row.tier }
						onChange={ ( tier ) => change( { ...row, tier } ) }
					/>
				</>
			) }
		</RowList>
	);
}

function problemOf( languages: LanguageRow[], index: number ) {
	if ( languages[ index ]?.language === '' ) {
		return (
			<span className="docent-field__problem">
				{ __( 'Choose a language.', 'docent' ) }
			</span>
		);
	}
	return isRepeated( languages, index ) ? (
		<span className="docent-field__problem">
			{ __( 'This language is in the list already.', 'docent' ) }
		</span>
	) : undefined;
}
