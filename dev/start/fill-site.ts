/**
 * Makes a running WordPress the demo shop: plugin active, content imported, launcher on, knowledge sent.
 */

import { UserFacingError, say, sayFailure, step } from '../terminal.ts';
import { callPlugin, syncKnowledge } from './sync-knowledge.ts';
import type { RunPhp } from './sync-knowledge.ts';

/**
 * Brings the site up to date; quick when it is already. `devPath` is where the site's PHP sees this clone's `dev` folder.
 * A sync that fails is told and does not end the start: the settings page can repeat it.
 */
export async function fillSite(
	runPhp: RunPhp,
	devPath: string
): Promise< void > {
	const printed = await runPhp(
		`require '${ devPath }/wordpress/prepare-site.php';`
	);
	// Notices of plugins under development may come before the line.
	const prepared = JSON.parse(
		printed.trim().split( '\n' ).at( -1 ) ?? ''
	) as { problem: string };
	if ( prepared.problem !== '' ) {
		throw new UserFacingError(
			`WordPress could not activate the plugin: ${ prepared.problem }`
		);
	}
	const imported = await step( 'Filling the shop', async () =>
		runPhp( `require '${ devPath }/demo/import.php';` )
	);
	// Switched on once: what a developer chooses afterwards stays.
	if ( imported.includes( 'imported' ) ) {
		const { status, data } = await callPlugin< { message?: string } >(
			runPhp,
			'PUT',
			'/settings',
			{
				launcher: { isEnabled: true, position: 'end' },
				contentTypes: [ 'page', 'post', 'product' ],
			}
		);
		if ( status >= 400 ) {
			say(
				`! The plugin refused the shop's settings (${ status }): ${ data.message }`
			);
		}
	}
	try {
		const sync = await step(
			"Sending the site's content to the proxy",
			( report ) => syncKnowledge( runPhp, report )
		);
		if ( sync.status !== 'done' || sync.failed > 0 ) {
			say(
				`! ${ sync.failed } of ${ sync.total } pages did not arrive: ${ sync.message }`
			);
		}
		// The proxy may have a key by now that it had not: reading its settings tells the site what may be offered.
		await callPlugin( runPhp, 'GET', '/settings' );
	} catch ( error ) {
		sayFailure( error );
		say(
			'! The site runs, but its content did not reach the proxy. Settings → Docent says more.'
		);
	}
}
