/**
 * The chaos run (`npm run test:chaos`): 200 visitors ask, and others speak, while proxies, the provider and Redis are killed, cut, stalled
 * and restarted. At the end every visitor has an answer, the bill is within the limit, and the ledger agrees with it.
 *
 * `--seconds N` sets how long the trouble lasts on each store (default 45), `--only sqlite` or `--only redis` runs one of them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stopAllProcesses } from '../../dev/processes.ts';
import { inSeconds, say } from '../../dev/terminal.ts';
import type { Stores } from '../../proxy/src/stores/stores.ts';
import { startFaultProxy } from '../support/fault-proxy/index.ts';
import {
	signRequest,
	SITE_ID,
	SITE_ORIGIN,
	SITE_SECRET,
} from '../support/proxy/credentials.ts';
import { SHOP } from '../support/proxy/shop.ts';
import { startRedis } from '../support/redis/index.ts';
import { startSimulatedProvider } from '../support/simulated-provider/index.ts';
import { startCluster } from './cluster.ts';
import { speakUntil, type Spoken } from './speakers.ts';
import { makeTrouble } from './trouble.ts';
import { judge, type Verdict } from './verdict.ts';
import { askUntilAnswered, type Answered } from './visitor.ts';

const VISITORS = 200;

/** Those who ask aloud, and those who hold live conversations. */
const SPEAKERS = 30;
const TALKERS = 6;

/** So much may be spent: too little for everybody, so that the limit is reached in the middle of the trouble. */
const LIMIT_NANO_USD = 1_500_000_000;

/** How long visitors may wait for their answers after the trouble is over, in milliseconds. */
const CALM_MS = 40_000;

const { values: options } = parseArgs( {
	options: {
		seconds: { type: 'string', default: '45' },
		only: { type: 'string' },
	},
} );
const troubleMs = Number( options.seconds ) * 1_000;

interface Scene {
	name: 'sqlite' | 'redis';
	proxies: number;
}

const SCENES: readonly Scene[] = [
	{ name: 'sqlite', proxies: 2 },
	{ name: 'redis', proxies: 4 },
];

async function play( { name, proxies }: Scene ): Promise< string[] > {
	const ends: Array< () => Promise< unknown > > = [];
	try {
		const dataDir = await mkdtemp( join( tmpdir(), 'docent-chaos-' ) );
		ends.push( () => rm( dataDir, { recursive: true, force: true } ) );
		let recordings = 0;
		const usual = { firstChunkDelayMs: 30, chunkDelayMs: 8 };
		const provider = await startSimulatedProvider( {
			behaviour: usual,
			// What is heard and said is not what matters here, and real voices take real time.
			hasRealSpeech: false,
		} );
		provider.setDefault( {
			for: 'transcription',
			text: () =>
				`How much does shipping cost above ${ 1e6 + ++recordings } euros?`,
		} );
		ends.push( provider.close );
		const upstream = await startFaultProxy( {
			target: { port: provider.port },
		} );
		ends.push( upstream.close );
		const redis = name === 'redis' ? await startRedis() : undefined;
		if ( redis ) {
			ends.push( redis.stop );
		}
		const cluster = await startCluster( proxies, {
			DOCENT_DATA_DIR: dataDir,
			DOCENT_SITE_ID: SITE_ID,
			DOCENT_SITE_SECRET: SITE_SECRET,
			DOCENT_SITE_ORIGINS: SITE_ORIGIN,
			OPENAI_API_KEY: 'test-key',
			OPENAI_BASE_URL: `http://127.0.0.1:${ upstream.port }/v1`,
			...( redis ? { REDIS_URL: redis.url } : {} ),
		} );
		ends.push( cluster.stop );
		const urls = cluster.members.map( ( { url } ) => url );
		await asSite( urls[ 0 ] ?? '', '/v1/site/documents', {
			documents: SHOP,
		} );
		await asSite( urls[ 0 ] ?? '', '/v1/site/settings', {
			limits: {
				siteDayNanoUsd: LIMIT_NANO_USD,
				siteMonthNanoUsd: LIMIT_NANO_USD,
				visitorDayNanoUsd: LIMIT_NANO_USD,
				voiceSecondsDay: 1_000_000,
				timeZone: 'UTC',
			},
			modalities: { voice: true, realtime: true },
			rateLimits: {
				visitorPerMinute: 100_000,
				addressPerMinute: 100_000,
				sitePerMinute: 100_000,
			},
		} );

		const startedAt = performance.now();
		const troubleEndsAt = startedAt + troubleMs;
		const [ counts, visits, speaking ] = await Promise.all( [
			makeTrouble(
				{ cluster, provider, upstream, redis, usual },
				troubleEndsAt
			),
			Promise.allSettled(
				Array.from( { length: VISITORS }, ( _, visitor ) =>
					visit( visitor, {
						urls,
						isShared: redis !== undefined,
						troubleEndsAt,
					} )
				)
			),
			Promise.allSettled(
				Array.from( { length: SPEAKERS + TALKERS }, ( _, index ) =>
					speakUntil( troubleEndsAt, {
						urls,
						endsAt: troubleEndsAt + CALM_MS,
						isLive: index >= SPEAKERS,
					} )
				)
			),
		] );
		await cluster.stop();
		const verdict = await withStores( dataDir, redis?.url, ( stores ) =>
			judge( stores, provider.bill, LIMIT_NANO_USD )
		);
		const answers = visits.flatMap( ( visit ) =>
			visit.status === 'fulfilled' ? visit.value : []
		);
		const unanswered = [ ...visits, ...speaking ].flatMap( ( visit ) =>
			visit.status === 'rejected' ? [ explain( visit.reason ) ] : []
		);
		report( name, {
			answers,
			spoken: speaking.flatMap( ( visit ) =>
				visit.status === 'fulfilled' ? visit.value : []
			),
			counts,
			verdict,
			starts: cluster.members.reduce(
				( sum, { starts } ) => sum + starts,
				0
			),
			durationMs: performance.now() - startedAt,
		} );
		if ( unanswered.length > 0 ) {
			for ( const { url, complaints } of cluster.members ) {
				say(
					`${ url } complained last:\n${ complaints.join( '\n' ) }`
				);
			}
		}
		const disorder = answers.reduce(
			( sum, answer ) => sum + answer.disorder,
			0
		);
		return [
			...verdict.problems,
			...unanswered,
			...( disorder > 0
				? [ `${ disorder } events came twice or out of order.` ]
				: [] ),
		].map( ( problem ) => `${ name }: ${ problem }` );
	} finally {
		for ( const end of ends.reverse() ) {
			await end();
		}
	}
}

/** Asks one question after the other while there is trouble; every fifth is one that others ask too. */
async function visit(
	visitor: number,
	{
		urls,
		isShared,
		troubleEndsAt,
	}: { urls: string[]; isShared: boolean; troubleEndsAt: number }
): Promise< Answered[] > {
	const answers: Answered[] = [];
	for ( let asked = 0; performance.now() < troubleEndsAt; asked++ ) {
		const question =
			( visitor + asked ) % 5 === 0
				? 'How much is shipping?'
				: `How much does shipping cost above ${ visitor * 1_000 + asked } euros?`;
		answers.push(
			await askUntilAnswered( question, {
				urls,
				isShared,
				endsAt: troubleEndsAt + CALM_MS,
			} )
		);
	}
	return answers;
}

async function asSite(
	url: string,
	path: string,
	body: unknown
): Promise< void > {
	const text = JSON.stringify( body );
	const response = await fetch( url + path, {
		method: 'PUT',
		headers: signRequest( 'PUT', path, text ),
		body: text,
	} );
	if ( ! response.ok ) {
		throw new Error( `${ path }: ${ await response.text() }` );
	}
}

async function withStores(
	dataDir: string,
	redisUrl: string | undefined,
	work: ( stores: Stores ) => Promise< Verdict >
): Promise< Verdict > {
	const stores = await openStores( dataDir, redisUrl );
	try {
		return await work( stores );
	} finally {
		await stores.close();
	}
}

async function openStores(
	dataDir: string,
	redisUrl: string | undefined
): Promise< Stores > {
	if ( redisUrl !== undefined ) {
		const { openRedisStores } =
			await import( '../../proxy/src/stores/redis/redis-stores.ts' );
		return openRedisStores( redisUrl );
	}
	const { openSqliteStores } =
		await import( '../../proxy/src/stores/sqlite/sqlite-stores.ts' );
	return openSqliteStores( dataDir );
}

function report(
	name: string,
	{
		answers,
		spoken,
		counts,
		verdict,
		starts,
		durationMs,
	}: {
		answers: Answered[];
		spoken: Spoken[];
		counts: Record< string, number >;
		verdict: Verdict;
		starts: number;
		durationMs: number;
	}
): void {
	const usd = ( nanoUsd: number ) =>
		`$${ ( nanoUsd / 1_000_000_000 ).toFixed( 6 ) }`;
	const by = ( key: 'finishReason' | 'cache' ) =>
		Object.entries( Object.groupBy( answers, ( one ) => one[ key ] ) )
			.map( ( [ value, list ] ) => `${ value } ${ list?.length }` )
			.join( ', ' );
	const attempts = answers.reduce( ( sum, one ) => sum + one.attempts, 0 );
	say( `\n── ${ name } (${ inSeconds( durationMs ) })` );
	say(
		`trouble: ${ Object.entries( counts )
			.map( ( [ what, count ] ) => `${ what } ${ count }` )
			.join( ', ' ) }; proxies were started ${ starts } times`
	);
	say(
		`${ answers.length } answers to ${ VISITORS } visitors over ${ attempts } streams; ended: ${ by( 'finishReason' ) }; cache: ${ by( 'cache' ) }`
	);
	const sum = ( key: keyof Spoken ) =>
		spoken.reduce( ( total, one ) => total + one[ key ], 0 );
	say(
		`spoken by ${ SPEAKERS + TALKERS } more: ${ sum( 'answered' ) } answers, ${ sum( 'heard' ) } of them heard; ${ sum( 'toType' ) } had to be typed; ${ sum( 'live' ) } live conversations with a word`
	);
	say(
		`bill ${ usd( verdict.billNanoUsd ) } of ${ usd( verdict.limitNanoUsd ) }; ledger ${ usd( verdict.ledgerNanoUsd ) }; ${ verdict.settledExactly } calls settled as billed, ${ verdict.settledHigher } at an upper bound, which counts ${ usd( verdict.unknownNanoUsd ) } more than was billed`
	);
}

/** Writes an error with everything that caused it. */
function explain( reason: unknown ): string {
	const lines: string[] = [];
	for (
		let error: unknown = reason;
		error !== undefined;
		error = error instanceof Error ? error.cause : undefined
	) {
		lines.push( error instanceof Error ? error.message : String( error ) );
	}
	return lines.join( ': ' );
}

const problems: string[] = [];
for ( const scene of SCENES ) {
	if ( options.only === undefined || options.only === scene.name ) {
		problems.push( ...( await play( scene ) ) );
	}
}
await stopAllProcesses();
for ( const problem of problems.slice( 0, 20 ) ) {
	say( `✗ ${ problem }` );
}
say(
	problems.length === 0
		? '\nEvery visitor was answered, and the books agree.'
		: `\n${ problems.length } problems.`
);
process.exitCode = problems.length === 0 ? 0 : 1;
