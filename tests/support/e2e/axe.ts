/**
 * Lets axe-core look at a page.
 */

import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const script = createRequire( import.meta.url ).resolve(
	'axe-core/axe.min.js'
);

interface AxeResults {
	violations: Array< {
		id: string;
		help: string;
		nodes: Array< { html: string; failureSummary: string } >;
	} >;
}

/** WCAG 2.2 A and AA, and axe's best practices. */
const rules = [
	'wcag2a',
	'wcag2aa',
	'wcag21a',
	'wcag21aa',
	'wcag22aa',
	'best-practice',
];

/** WordPress's own menu: its list of pages is not well-formed. */
const elsewhere = [ '.wp-block-navigation' ];

/** Returns one line for each thing axe finds wrong on the page as it stands: on the whole page, or in the part that a selector names. */
export async function findBarriers(
	page: Page,
	{ hasForcedColors = false, within = 'html' } = {}
): Promise< string[] > {
	if ( ! ( await page.evaluate( () => 'axe' in window ) ) ) {
		await page.addScriptTag( { path: script } );
	}
	const options = {
		resultTypes: [ 'violations' ],
		runOnly: rules,
		rules: {
			// Forced colours are the browser's own pairs; axe reads the ones that the page asked for.
			'color-contrast': { enabled: ! hasForcedColors },
		},
	};
	const { violations } = await page.evaluate(
		( [ what, how ] ) =>
			(
				window as unknown as {
					axe: {
						run( what: object, how: object ): Promise< AxeResults >;
					};
				}
			 ).axe.run( what, how ),
		[ { include: [ within ], exclude: elsewhere }, options ] as const
	);
	return violations.flatMap( ( { id, help, nodes } ) =>
		nodes.map(
			( { html, failureSummary } ) =>
				`${ id }: ${ help }\n${ html }\n${ failureSummary }`
		)
	);
}
