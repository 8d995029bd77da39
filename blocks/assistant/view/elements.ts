/**
 * Makes elements: the only place where the panel creates any, and text enters them as text.
 */

type Attributes = Record<
	string,
	string | number | boolean | null | undefined
>;

/** Creates an element; `false`, `null` and `undefined` leave an attribute out, `true` sets it empty. */
export function make< Tag extends keyof HTMLElementTagNameMap >(
	tag: Tag,
	attributes: Attributes = {},
	...children: Array< Node | string | null >
): HTMLElementTagNameMap[ Tag ] {
	const element = document.createElement( tag );
	setAttributes( element, attributes );
	keepEmoji( element );
	element.append( ...children.filter( ( child ) => child !== null ) );
	return element;
}

/**
 * Keeps emoji text. WordPress replaces them by pictures from another host in whatever is added to a page, except in elements of this class; it looks
 * at each added element alone, so every one carries it.
 */
export function keepEmoji( element: Element ): void {
	element.classList.add( 'wp-exclude-emoji' );
}

/** Sets attributes by the same rules, removing the ones left out. */
export function setAttributes(
	element: Element,
	attributes: Attributes
): void {
	for ( const [ name, value ] of Object.entries( attributes ) ) {
		if ( value === false || value === null || value === undefined ) {
			element.removeAttribute( name );
		} else {
			element.setAttribute( name, value === true ? '' : String( value ) );
		}
	}
}

const SHAPES = {
	copy: 'M9 9V5.5A1.5 1.5 0 0 1 10.5 4h8A1.5 1.5 0 0 1 20 5.5v8a1.5 1.5 0 0 1-1.5 1.5H15M5.5 9h8a1.5 1.5 0 0 1 1.5 1.5v8a1.5 1.5 0 0 1-1.5 1.5h-8A1.5 1.5 0 0 1 4 18.5v-8A1.5 1.5 0 0 1 5.5 9Z',
	check: 'm5 12.5 4.5 4.5L19 7.5',
	'thumb-up':
		'M4 11h3v9H4zM7 11l4-7.5a2 2 0 0 1 2 2V9.500h5.500a1.500 1.500 0 0 1 1.500 1.800l-1.300 7.200A1.800 1.800 0 0 1 16.900 20H7',
	'thumb-down':
		'M4 13h3V4H4zM7 13l4 7.500a2 2 0 0 0 2-2V14.500h5.500a1.500 1.500 0 0 0 1.500-1.800l-1.300-7.200A1.800 1.800 0 0 0 16.900 4H7',
	edit: 'M5 19h3.500L19 8.500 15.500 5 5 15.500ZM13 7.500l3.500 3.500',
	close: 'm6.500 6.500 11 11m0-11-11 11',
	speaker:
		'M5 9.500h3l4.500-4v13l-4.500-4H5ZM16 9a4.200 4.200 0 0 1 0 6M18.500 6.500a8 8 0 0 1 0 11',
	pause: 'M8.500 6v12M15.500 6v12',
	down: 'M12 5v13.500M6 12.500l6 6 6-6',
};

export type IconName = keyof typeof SHAPES;

/** Draws an icon in the colour of the text around it. */
export function icon( name: IconName ): SVGSVGElement {
	const namespace = 'http://www.w3.org/2000/svg';
	const svg = document.createElementNS( namespace, 'svg' );
	setAttributes( svg, {
		class: 'docent-icon',
		viewBox: '0 0 24 24',
		width: 24,
		height: 24,
		'aria-hidden': 'true',
		focusable: 'false',
	} );
	const path = document.createElementNS( namespace, 'path' );
	path.setAttribute( 'd', SHAPES[ name ] );
	svg.append( path );
	return svg;
}

/** Makes a small button that is known by its icon and named for those who do not see it. */
export function iconButton(
	hook: string,
	label: string,
	name: IconName
): HTMLButtonElement {
	return make(
		'button',
		{
			type: 'button',
			class: 'docent-tool',
			'data-docent': hook,
			'aria-label': label,
			title: label,
		},
		icon( name )
	);
}
