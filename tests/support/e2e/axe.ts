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

/**
 * Returns one line for each thing axe finds wrong on the page as it stands: WCAG 2.2 A and AA, and axe's best practices. The whole
 * page is looked at, except for WordPress's own menu, whose list of pages is not well-formed.
 */
export async function findBarriers( page: Page ): Promise< string[] > {
	if ( ! ( await page.evaluate( () => 'axe' in window ) ) ) {
		await page.addScriptTag( { path: script } );
	}
	const { violations } = await page.evaluate( () =>
		(
			window as unknown as {
				axe: {
					run(
						context: object,
						options: object
					): Promise< AxeResults >;
				};
			}
		 ).axe.run(
			{ exclude: [ '.wp-block-navigation' ] },
			{
				resultTypes: [ 'violations' ],
				runOnly: [
					'wcag2a',
					'wcag2aa',
					'wcag21a',
					'wcag21aa',
					'wcag22aa',
					'best-practice',
				],
			}
		)
	);
	return violations.flatMap( ( { id, help, nodes } ) =>
		nodes.map(
			( { html, failureSummary } ) =>
				`${ id }: ${ help }\n${ html }\n${ failureSummary }`
		)
	);
}
