import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalog } from '../../../proxy/src/models/catalog.ts';
import { createShutdownWatch } from '../../../proxy/src/models/shutdown-watch.ts';
import { openAiProvider } from '../../../proxy/src/upstream/provider-config.ts';
import { createProviders } from '../../../proxy/src/upstream/providers.ts';
import { createHandClock } from '../../support/clock.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { catalogFile, chatModel } from './catalog-file.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The simulated provider announces the end of gpt-4o-mini for 2027-01-14; this catalog knows nothing of it. */
const file = () =>
	catalogFile( {
		models: {
			'gpt-4o-mini': { shutdownDate: null, successor: 'gpt-6-luna' },
			'small-talk': chatModel( {
				upstreamId: 'gpt-4.1-mini',
				successor: 'gpt-6-luna',
			} ),
			ended: chatModel( { shutdownDate: '2026-11-25' } ),
		},
		tiers: {
			economy: [ 'gpt-4o-mini', 'small-talk' ],
			standard: [ 'ended', 'gpt-6.1-terra' ],
		},
		// Speech ends as well; here only chat is of interest.
		roles: { speech: 'gpt-realtime-2.1-mini' },
	} );

let provider: SimulatedProvider;
beforeAll( async () => {
	provider = await startSimulatedProvider();
} );
afterEach( () => provider.reset() );
afterAll( () => provider.close() );

const closers: Array< () => unknown > = [];
afterEach( async () => {
	for ( const close of closers.splice( 0 ) ) {
		await close();
	}
} );

interface Line {
	level: number;
	msg: string;
	modelId?: string;
}

function watchOver( {
	start = Date.UTC( 2026, 10, 20, 12 ),
	baseUrl = provider.baseUrl,
	random = () => 0.5,
}: { start?: number; baseUrl?: string; random?: () => number } = {} ) {
	const clock = createHandClock( start );
	const catalog = loadCatalog( file(), { clock } );
	const lines: Line[] = [];
	const log = pino(
		{ level: 'info' },
		{ write: ( line: string ) => lines.push( JSON.parse( line ) ) }
	);
	const providers = createProviders( [ openAiProvider( 'key', baseUrl ) ], {
		clock,
	} );
	const watch = createShutdownWatch( {
		catalog,
		providers,
		clock,
		log,
		random,
		schedule: clock.after,
	} );
	closers.push(
		() => watch.stop(),
		() => providers.close()
	);
	return { clock, catalog, lines, watch };
}

const polls = () =>
	provider.journal.entries.filter( ( { path } ) => path === '/v1/models' )
		.length;

describe( 'the watch over shutdown dates', () => {
	it( 'takes the dates that the provider announces, by the provider’s own names', async () => {
		const { catalog, watch } = watchOver();
		expect( catalog.succession( 'gpt-4o-mini' )?.shutdownDate ).toBe(
			undefined
		);
		await watch.poll();
		expect( catalog.succession( 'gpt-4o-mini' )?.shutdownDate ).toBe(
			'2027-01-14'
		);
		expect( catalog.succession( 'small-talk' )?.shutdownDate ).toBe(
			'2027-01-14'
		);
		// What the provider says nothing about keeps the catalog's date.
		expect( catalog.succession( 'ended' )?.shutdownDate ).toBe(
			'2026-11-25'
		);
		expect( watch.notices() ).toContainEqual( {
			modelId: 'gpt-4o-mini',
			shutdownDate: '2027-01-14',
			daysLeft: 55,
			level: 'notice',
			successor: 'gpt-6-luna',
			tiers: [ 'economy' ],
			roles: [],
		} );
	} );

	it( 'asks nobody while the proxy starts, then once a day, never quite at the same time', async () => {
		let dice = 0;
		const { clock, watch } = watchOver( {
			random: () => [ 0, 1, 0, 0.5 ][ dice++ % 4 ] ?? 0,
		} );
		watch.start();
		await clock.advance( 2 * MINUTE - 1 );
		expect( polls() ).toBe( 0 );
		await clock.advance( 1 );
		expect( polls() ).toBe( 1 );
		// The second came a tenth of a day late, the third a tenth early.
		await clock.advance( 1.1 * DAY - 1 );
		expect( polls() ).toBe( 1 );
		await clock.advance( 1 );
		expect( polls() ).toBe( 2 );
		await clock.advance( 0.9 * DAY );
		expect( polls() ).toBe( 3 );
	} );

	it( 'asks again in an hour when a provider does not answer, and keeps what it knew', async () => {
		const short = await startSimulatedProvider();
		const { clock, catalog, watch } = watchOver( {
			baseUrl: short.baseUrl,
		} );
		await watch.poll();
		await short.close();
		watch.start();
		await clock.advance( 7 * MINUTE );
		expect( catalog.succession( 'gpt-4o-mini' )?.shutdownDate ).toBe(
			'2027-01-14'
		);
		expect( clock.pending ).toBe( 1 );
		const revived = await startSimulatedProvider( { port: short.port } );
		closers.push( () => revived.close() );
		await clock.advance( 60 * MINUTE );
		expect( revived.journal.entries ).toHaveLength( 1 );
	} );

	it( 'says each step in the log once, on its day', async () => {
		const { clock, catalog, lines, watch } = watchOver();
		watch.start();
		const about = ( id: string ) =>
			lines
				.filter( ( { modelId } ) => modelId === id )
				.map( ( { level, msg } ) => [ level, msg ] );
		await clock.advance( 10 * MINUTE );
		expect( about( 'ended' ) ).toHaveLength( 1 );
		expect( about( 'gpt-4o-mini' ) ).toHaveLength( 1 );

		// Through the day on which "ended" goes without a successor.
		await clock.advance( 6 * DAY );
		expect( about( 'ended' ).at( -1 ) ).toEqual( [
			50,
			'ended (tier standard) was switched off on 2026-11-25, and no successor is named: nothing answers in its place.',
		] );
		expect( about( 'ended' ) ).toHaveLength( 2 );
		expect( catalog.targets( 'standard' ).map( ( { id } ) => id ) ).toEqual(
			[ 'gpt-6.1-terra' ]
		);

		await clock.advance( 50 * DAY );
		expect( about( 'gpt-4o-mini' ) ).toEqual( [
			[ 40, expect.stringContaining( 'in 55 days' ) ],
			[ 40, expect.stringContaining( 'in 30 days' ) ],
			[ 40, expect.stringContaining( 'in 7 days' ) ],
			[
				40,
				'gpt-4o-mini (tier economy) was switched off on 2027-01-14; gpt-6-luna answers in its place.',
			],
		] );
		expect( catalog.targets( 'economy' ).map( ( { id } ) => id ) ).toEqual(
			[ 'gpt-6-luna' ]
		);
	} );

	it( 'leaves nothing behind when it stops', async () => {
		const { clock, watch } = watchOver();
		watch.start();
		watch.start();
		expect( clock.pending ).toBe( 1 );
		watch.stop();
		expect( clock.pending ).toBe( 0 );
		await clock.advance( 3 * DAY );
		expect( polls() ).toBe( 0 );
	} );

	it( 'does not believe that a model which is still listed ended long ago', async () => {
		const liar = createServer( ( _, response ) => {
			response.setHeader( 'content-type', 'application/json' );
			response.end(
				JSON.stringify( {
					object: 'list',
					data: [
						{ id: 'gpt-4o-mini', shutdown_date: '1970-01-01' },
						{ id: 'gpt-6.1-terra', shutdown_date: '2026-99-99' },
						{ id: '__proto__', shutdown_date: '2026-12-01' },
						{ id: 'gpt-4.1-mini', shutdown_date: '2026-12-01' },
					],
				} )
			);
		} ).listen( 0, '127.0.0.1' );
		await once( liar, 'listening' );
		closers.push( () => liar.close() );
		const { port } = liar.address() as AddressInfo;
		const { catalog, watch } = watchOver( {
			baseUrl: `http://127.0.0.1:${ port }/v1`,
		} );
		await watch.poll();
		expect(
			[ 'gpt-4o-mini', 'gpt-6.1-terra', 'small-talk' ].map(
				( id ) => catalog.succession( id )?.shutdownDate
			)
		).toEqual( [ undefined, undefined, '2026-12-01' ] );
	} );
} );
