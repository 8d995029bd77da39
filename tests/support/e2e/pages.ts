/**
 * Holds the pages of the site that the browser tests visit, and puts them into WordPress.
 */

import type { NativeWordPress } from '../wordpress/native.ts';

export interface SitePage {
	slug: string;
	/** Default: a page. */
	type?: 'page' | 'post';
	/** HTML, as WordPress keeps titles. */
	title: string;
	/** Block markup. */
	content: string;
}

/** Writes the markup of a page: lines with `## ` become headings, all others paragraphs. */
export function prose( ...lines: string[] ): string {
	return lines
		.map( ( line ) =>
			line.startsWith( '## ' )
				? `<!-- wp:heading --><h2 class="wp-block-heading">${ line.slice( 3 ) }</h2><!-- /wp:heading -->`
				: `<!-- wp:paragraph --><p>${ line }</p><!-- /wp:paragraph -->`
		)
		.join( '\n' );
}

/** Writes the markup of the assistant's block; WordPress's own way of keeping a comment's end out of its attributes. */
export function assistantBlock(
	attributes: Record< string, unknown > = {}
): string {
	const json = JSON.stringify( attributes )
		.replaceAll( '--', '\\u002d\\u002d' )
		.replaceAll( '<', '\\u003c' )
		.replaceAll( '>', '\\u003e' )
		.replaceAll( '&', '\\u0026' )
		.replaceAll( '\\"', '\\u0022' );
	return `<!-- wp:docent/assistant ${ json } /-->`;
}

export const suggestions = [
	'How long does delivery take?',
	'May I return boots that I wore outside?',
];

/** What the site says. */
export const shopPages: SitePage[] = [
	{
		slug: 'shipping',
		title: 'Shipping',
		content: prose(
			'## Delivery times',
			'Orders within Germany arrive in two to three working days. Deliveries to Austria and France take four to six working days.',
			'## Shipping costs',
			'Shipping costs 4.90 euros. Orders above 80 euros are delivered free of charge.'
		),
	},
	{
		slug: 'returns',
		title: 'Returns',
		content: prose(
			'## How long',
			'You can return unused gear within 60 days of delivery. Boots that were worn outside cannot be taken back.',
			'## Refunds',
			'The refund reaches your account within five working days after the parcel has arrived at our warehouse.'
		),
	},
	{
		slug: 'opening-hours',
		title: 'Opening hours',
		content: prose(
			'The shop opens at ten and closes at six. On Sundays the shop is closed.'
		),
	},
	{
		slug: 'ask',
		title: 'Ask us',
		content: [
			prose( 'Ask the assistant, or read on.' ),
			assistantBlock( {
				greeting: 'Ask about shipping, returns or opening hours.',
				suggestions,
			} ),
			prose(
				'You can also write to <a href="/opening-hours/">the shop</a>.'
			),
		].join( '\n' ),
	},
];

/** Publishes pages and returns their ids by slug. */
export async function publishPages(
	wordpress: NativeWordPress,
	pages: SitePage[]
): Promise< Record< string, number > > {
	const encoded = Buffer.from( JSON.stringify( pages ) ).toString( 'base64' );
	const printed = await wordpress.runPhp( `
		wp_set_current_user( 1 );
		$ids = array();
		foreach ( json_decode( base64_decode( '${ encoded }' ), true ) as $page ) {
			$ids[ $page['slug'] ] = wp_insert_post(
				wp_slash(
					array(
						'post_type'    => $page['type'] ?? 'page',
						'post_status'  => 'publish',
						'post_name'    => $page['slug'],
						'post_title'   => $page['title'],
						'post_content' => $page['content'],
					)
				)
			);
		}
		echo "\\n", wp_json_encode( $ids );
	` );
	return JSON.parse( printed.trimEnd().split( '\n' ).at( -1 ) ?? '' );
}
