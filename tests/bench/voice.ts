/**
 * Measures voice in a browser: spoken questions, stored answers and live conversations.
 */
import { ensureSystemPackages } from '../../dev/system-packages.ts';
import type { Figure } from './figures.ts';
import { measureLive } from './voice-live.ts';
import { measureSpokenQuestions } from './voice-questions.ts';
import { startVoiceSite } from './voice-site.ts';

/** Measures all of it; says why where the machine lacks what that takes. */
export async function measureVoice( {
	runs,
	report,
}: {
	/** Questions, and interruptions. */
	runs: number;
	report( detail: string ): void;
} ): Promise< Figure[] > {
	const missing = await ensureSystemPackages( [
		'php',
		'mariadb',
		'chromium',
	] );
	if ( missing.size > 0 ) {
		return [
			{
				id: 'voice',
				title: 'voice in a browser',
				value: undefined,
				unit: 'ms',
				note: `this machine lacks ${ [ ...missing.values() ].join( '; ' ) }`,
			},
		];
	}
	report( 'starting WordPress, proxy and browser' );
	const site = await startVoiceSite();
	try {
		return [
			...( await measureSpokenQuestions( site, { runs, report } ) ),
			...( await measureLive( site, { turns: runs, report } ) ),
		];
	} finally {
		await site.close();
	}
}
