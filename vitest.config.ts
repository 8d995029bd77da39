/**
 * Tells vitest which tests there are. `npm test` runs the projects one after another; `npx vitest --project unit` runs one.
 */

import { defineConfig } from 'vitest/config';

/**
 * In CI a test that fails is run once more: real servers, browsers and processes on a busy machine miss a deadline once in some thousand steps.
 * `npm test` names every test that needed it, so that none stays unnoticed.
 */
const retry = process.env.CI === 'true' ? 1 : 0;

/** Stories that are heard: speech takes the time it takes, and what a browser does with sound does not depend on WordPress. */
const SOUND = [
	'tests/e2e/listen*',
	'tests/e2e/live-*',
	'tests/e2e/playback*',
	'tests/e2e/voice-*',
];

/** What the oldest WordPress is not asked again, because only the browser and the proxy have a part in it. */
const notAgain =
	process.env.DOCENT_TEST_WORDPRESS === '6.8'
		? [
				'tests/e2e/conversation*',
				'tests/e2e/faults*',
				'tests/e2e/hostile*',
				'tests/e2e/keyboard*',
			]
		: [];

export default defineConfig( {
	test: {
		projects: [
			{
				test: {
					name: 'unit',
					include: [ 'tests/**/*.test.{ts,tsx}' ],
					exclude: [ 'tests/e2e/**', 'tests/plugin/**' ],
					environment: 'node',
					// Most of these wait for servers, clocks and sockets rather than for a core.
					maxWorkers: 2,
					retry,
					testTimeout: 20_000,
					hookTimeout: 60_000,
					sequence: { groupOrder: 0 },
				},
			},
			{
				test: {
					name: 'e2e',
					include: [ 'tests/e2e/**/*.test.ts' ],
					exclude: [ 'tests/e2e/playground*', ...SOUND, ...notAgain ],
					environment: 'node',
					// Each file starts a site and a browser: two at a time would only slow each other down.
					fileParallelism: false,
					maxWorkers: 1,
					retry,
					testTimeout: 60_000,
					hookTimeout: 180_000,
					sequence: { groupOrder: 1 },
				},
			},
			{
				test: {
					name: 'sound',
					include: SOUND.map( ( path ) => `${ path }.test.ts` ),
					environment: 'node',
					// They wait for what is being said, and leave the cores to each other.
					maxWorkers: 2,
					retry,
					testTimeout: 60_000,
					hookTimeout: 180_000,
					sequence: { groupOrder: 3 },
				},
			},
			{
				test: {
					name: 'playground',
					include: [ 'tests/e2e/playground*.test.ts' ],
					environment: 'node',
					retry,
					testTimeout: 120_000,
					hookTimeout: 240_000,
					sequence: { groupOrder: 2 },
				},
			},
		],
	},
} );
