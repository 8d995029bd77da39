/**
 * Carries plain text through RichText, which speaks HTML.
 */

const ENTITIES: Record< string, string > = {
	'&lt;': '<',
	'&gt;': '>',
	'&quot;': '"',
	'&#039;': "'",
	'&#39;': "'",
	'&nbsp;': ' ',
	'&amp;': '&',
};

/** Writes text as HTML. */
export function textToHtml( text: string ): string {
	return text
		.replaceAll( '&', '&amp;' )
		.replaceAll( '<', '&lt;' )
		.replaceAll( '>', '&gt;' );
}

/** Reads the text of what RichText gives back; line breaks and pasted markup become spaces or nothing. */
export function htmlToText( html: string ): string {
	return html
		.replace( /<br\s*\/?>|\n/gi, ' ' )
		.replace( /<[^>]*>/g, '' )
		.replace(
			/&(?:lt|gt|quot|#0?39|nbsp|amp);/g,
			( entity ) => ENTITIES[ entity ] ?? entity
		);
}
