/**
 * Edits plain text where the visitor will see it.
 */
import { RichText } from '@wordpress/block-editor';
import { useIsPreview } from './block-editor.ts';
import { htmlToText, textToHtml } from './plain-text.ts';

interface PlainFieldProps {
	tagName: 'p' | 'div' | 'span';
	className: string;
	/** What the field is for; read by screen readers. */
	label: string;
	/** What visitors see while the text is empty. */
	placeholder: string;
	value: string;
	onChange: ( text: string ) => void;
	/** Called when Backspace is pressed in the empty field. */
	onRemove?: () => void;
}

/** Renders text without formats or line breaks. */
export function PlainField( {
	label,
	value,
	onChange,
	onRemove,
	...props
}: PlainFieldProps ) {
	const isPreview = useIsPreview();
	const { tagName: Tag, className, placeholder } = props;
	if ( isPreview ) {
		// Here RichText would leave out the standard words.
		return <Tag className={ className }>{ value || placeholder }</Tag>;
	}
	return (
		<RichText
			{ ...props }
			{ ...( onRemove && { onRemove } ) }
			aria-label={ label }
			allowedFormats={ [] }
			disableLineBreaks
			withoutInteractiveFormatting
			value={ textToHtml( value ) }
			onChange={ ( html ) => onChange( htmlToText( html ) ) }
		/>
	);
}
