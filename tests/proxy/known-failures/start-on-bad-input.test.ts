/**
 * Proxies that are started, as processes, on data of another version and on a catalog that leads nowhere.
 */
import {
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../proxy/src/stores/sqlite/database.ts';
import { createSqliteLedgerStore } from '../../../proxy/src/stores/sqlite/sqlite-ledger-store.ts';
import { SITE_ID } from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { allEvents } from '../../support/proxy/sse.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { runProxy, type RunningProxy } from '../money/proxies.ts';

const MIGRATIONS = new URL(
	'../../../proxy/src/stores/sqlite/migrations/',
	import.meta.url
);
/** The schema of the first version that kept money. */
const OLD_SCHEMA = 3;

let provider: SimulatedProvider;
let dataDir: string;
let proxies: RunningProxy[];

beforeEach( async () => {
	provider = await startSimulatedProvider();
	dataDir = mkdtempSync( join( tmpdir(), 'docent-start-' ) );
	proxies = [];
} );
afterEach( async () => {
	await Promise.all( proxies.map( ( proxy ) => proxy.end() ) );
	await provider.close();
	rmSync( dataDir, { recursive: true, force: true } );
} );

async function run(
	env: Record< string, string > = {}
): Promise< RunningProxy > {
	const proxy = await runProxy( {
		dataDir,
		providerUrl: provider.baseUrl,
		env,
	} );
	proxies.push( proxy );
	return proxy;
}

/** Changes the file while no proxy has it open. */
function edit( work: ( file: DatabaseSync ) => void ): void {
	const file = new DatabaseSync( join( dataDir, 'docent.sqlite' ) );
	work( file );
	file.close();
}

const schemaOf = ( file: DatabaseSync ): number => {
	const row = file.prepare( 'PRAGMA user_version' ).get() ?? {};
	return Number( Object.values( row )[ 0 ] );
};

async function finishOf( proxy: RunningProxy ): Promise< string > {
	const events = await allEvents(
		await proxy.ask( 'How much is shipping?' )
	);
	return events.at( -1 )?.data.finishReason;
}

describe( 'two proxies that are started at the same moment', () => {
	it.each( [
		[ 'an empty folder', () => undefined ],
		[
			'the folder of an older version',
			() =>
				edit( ( file ) => {
					const names = readdirSync( MIGRATIONS )
						.filter( ( name ) => name.endsWith( '.sql' ) )
						.sort()
						.slice( 0, OLD_SCHEMA );
					for ( const name of names ) {
						file.exec(
							readFileSync( new URL( name, MIGRATIONS ), 'utf8' )
						);
					}
					file.exec( `PRAGMA user_version = ${ OLD_SCHEMA }` );
				} ),
		],
	] )(
		'on %s both answer, and their book adds up',
		async ( _folder, prepare ) => {
			prepare();
			const [ one, other ] = await Promise.all( [ run(), run() ] );
			await one.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
			await one.site( 'PUT', '/v1/site/settings', {
				cache: { enabled: false },
			} );
			expect( await finishOf( one ) ).toBe( 'stop' );
			expect( await finishOf( other ) ).toBe( 'stop' );
			await Promise.all( [ one.end(), other.end() ] );
			const database = openDatabase( dataDir );
			const store = createSqliteLedgerStore( database );
			expect( await store.check() ).toMatchObject( {
				openReservations: 0,
				problems: [],
			} );
			const settled = ( await store.entries( SITE_ID, 10 ) )
				.filter( ( { kind } ) => kind === 'settle' )
				.reduce( ( sum, { amounts } ) => sum + amounts.nanoUsd, 0 );
			expect( settled ).toBe( provider.bill.totalNanoUsd );
			database.close();
		},
		30_000
	);
} );

describe( 'a proxy that is started on the folder of a newer version', () => {
	it( 'says so and what to do, leaves with 1, and changes nothing', async () => {
		await ( await run() ).end();
		let newer = 0;
		edit( ( file ) => {
			newer = schemaOf( file ) + 1;
			file.exec( `PRAGMA user_version = ${ newer }` );
		} );
		const refused = await run();
		expect( refused.child.exitCode ).toBe( 1 );
		expect( refused.errors() ).toMatch(
			/newer version of Docent.*Update the proxy/s
		);
		edit( ( file ) => expect( schemaOf( file ) ).toBe( newer ) );
	}, 30_000 );
} );

const MODEL = {
	modalities: { in: [ 'text' ], out: [ 'text' ] },
	contextTokens: 1_000,
	maxOutputTokens: 100,
};
const PRICED = { ...MODEL, usdPerMillion: { textIn: 1, textOut: 2 } };

describe( 'a proxy that is started with a catalog that', () => {
	it.each( [
		[
			'has a circle of fallbacks',
			{
				models: {
					ping: { ...PRICED, fallback: [ 'pong' ] },
					pong: { ...PRICED, fallback: [ 'ping' ] },
				},
			},
			'models.ping.fallback leads back to itself (ping → pong → ping)',
		],
		[
			'has a model without a price',
			{ models: { unpriced: MODEL } },
			'models.unpriced',
		],
		[
			'has a model with half a price',
			{ models: { half: { ...MODEL, usdPerMillion: { textIn: 1 } } } },
			'models.half.usdPerMillion.textOut',
		],
		[ 'has an unknown tier', { tiers: { deluxe: [] } }, '"deluxe"' ],
		[
			'has an unknown model in a tier',
			{ tiers: { economy: [ 'nobody' ] } },
			'economy names nobody',
		],
	] )(
		'%s names the entry and leaves with 1',
		async ( _fault, catalog, named ) => {
			const file = join( dataDir, 'models.json' );
			writeFileSync( file, JSON.stringify( catalog ) );
			const { child, errors } = await run( { DOCENT_MODELS_FILE: file } );
			expect( child.exitCode ).toBe( 1 );
			expect( errors() ).toContain( named );
		},
		30_000
	);
} );
