/**
 * Proves with 200 visitors and a lot of trouble that nothing is overspent and nobody stays without an answer: `npm run test:chaos`.
 */

import { ensureSystemPackages } from './system-packages.ts';
import { sayFailure } from './terminal.ts';

const missing = await ensureSystemPackages( [ 'redis' ] );
if ( missing.size > 0 ) {
	sayFailure(
		new Error(
			`This machine lacks ${ [ ...missing.values() ].join( '; ' ) }.`
		)
	);
	process.exit( 1 );
}
// The run lives with the tests. It is loaded by address, so that the tools of this folder do not depend on the tests.
await import( new URL( '../tests/chaos/main.ts', import.meta.url ).href );
