/**
 * Measures a site of 1,000 passages in Redis beside the same site in SQLite: searching, changing, memory, and how long one script keeps
 * the server. Run it by itself: `node tests/bench/redis-knowledge.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKnowledge } from '../../proxy/src/knowledge/knowledge.ts';
import type { KnowledgeStore } from '../../proxy/src/stores/knowledge-store.ts';
import { connectRedis } from '../../proxy/src/stores/redis/connection.ts';
import { createRedisKnowledgeStore } from '../../proxy/src/stores/redis/redis-knowledge-store.ts';
import { openDatabase } from '../../proxy/src/stores/sqlite/database.ts';
import { createSqliteKnowledgeStore } from '../../proxy/src/stores/sqlite/sqlite-knowledge-store.ts';
import type { SiteDocument } from '../../proxy/src/types.ts';
import { startRedis } from '../support/redis/index.ts';

const SITE = 'bench';
const DOCUMENTS = 100;
const PASSAGES_EACH = 10;
const WORDS_EACH = 90;
const VOCABULARY = 12_000;

/** Searches that are counted, after as many that are not. */
const SEARCHES = 1_000;

/** Makes numbers from 0 to 1, the same every time. */
function createRandom( seed: number ): () => number {
	let state = seed;
	return () => {
		state = ( Math.imul( state, 1_664_525 ) + 1_013_904_223 ) >>> 0;
		return state / 2 ** 32;
	};
}

/** Picks words as texts do: the n-th word of the vocabulary comes 1/n times as often as the first. */
function createWords( random: () => number ): () => string {
	return () => {
		const rank = Math.floor( VOCABULARY ** random() );
		let name = '';
		for (
			let rest = rank + 600;
			rest > 0;
			rest = Math.floor( rest / 20 )
		) {
			name +=
				'bcdfghklmnprstvwz'[ rest % 17 ]! +
				'aeiou'[ ( rest >> 2 ) % 5 ]!;
		}
		return name;
	};
}

function makeDocument( index: number, word: () => string ): SiteDocument {
	const text = Array.from(
		{ length: PASSAGES_EACH },
		() =>
			`## ${ word() } ${ word() }\n${ Array.from( { length: WORDS_EACH }, word ).join( ' ' ) }.`
	).join( '\n\n' );
	return {
		id: `post-${ index }`,
		url: `https://shop.example/${ index }/`,
		title: `${ word() } ${ word() }`,
		language: 'en',
		type: 'page',
		modifiedAt: '2026-11-01T10:00:00Z',
		hash: `${ index } ${ text.length } ${ word() }`,
		text,
	};
}

function median( values: number[] ): number {
	return values.sort( ( a, b ) => a - b )[ values.length >> 1 ] ?? Number.NaN;
}

/** Runs work many times; returns the median and the 99th percentile in milliseconds. */
async function time(
	times: number,
	work: ( index: number ) => Promise< unknown >
): Promise< string > {
	const taken: number[] = [];
	for ( let index = 0; index < times; index++ ) {
		const begin = performance.now();
		await work( index );
		taken.push( performance.now() - begin );
	}
	const middle = median( taken );
	return `p50 ${ middle.toFixed( 3 ) } ms, p99 ${ taken[ Math.floor( times * 0.99 ) ]?.toFixed( 3 ) } ms`;
}

async function measure( name: string, store: KnowledgeStore ) {
	const random = createRandom( 7 );
	const word = createWords( random );
	const documents = Array.from( { length: DOCUMENTS }, ( _, index ) =>
		makeDocument( index, word )
	);
	const knowledge = createKnowledge( { store, clock: Date.now } );
	const begin = performance.now();
	await knowledge.putDocuments( SITE, documents );
	const putMs = performance.now() - begin;

	const questions = Array.from( { length: SEARCHES * 2 }, () =>
		Array.from( { length: 4 }, word ).join( ' ' )
	);
	const search = ( query: string ) =>
		knowledge.search( SITE, { query, language: 'en' } );
	for ( const question of questions.slice( SEARCHES ) ) {
		await search( question );
	}
	const passages = ( await store.site( SITE ) ).passageCount;
	process.stdout.write(
		[
			`${ name }, ${ passages } passages`,
			`  100 documents in one call        ${ putMs.toFixed( 0 ) } ms`,
			`  search, other words every time   ${ await time( SEARCHES, ( at ) => search( questions[ at ] ?? '' ) ) }`,
			`  search, the same question        ${ await time( SEARCHES, () => search( questions[ 0 ] ?? '' ) ) }`,
			`  search by a proxy just started   ${ await time( 200, ( at ) => createKnowledge( { store, clock: Date.now } ).search( SITE, { query: questions[ at ] ?? '', language: 'en' } ) ) }`,
			`  one document changed             ${ await time( 100, ( at ) => knowledge.putDocuments( SITE, [ { ...makeDocument( at, word ), hash: `new ${ at }` } ] ) ) }`,
			'',
		].join( '\n' )
	);
}

async function measureSqlite(): Promise< void > {
	const folder = mkdtempSync( join( tmpdir(), 'docent-bench-' ) );
	const database = openDatabase( folder );
	await measure( 'SQLite', createSqliteKnowledgeStore( database ) );
	database.close();
	rmSync( folder, { recursive: true } );
}

async function measureRedis(): Promise< void > {
	const server = await startRedis( { isDurable: false } );
	const redis = await connectRedis( { url: server.url } );
	const memory = async () =>
		Number(
			/used_memory:(\d+)/.exec(
				await server.command( 'INFO', 'memory' )
			)?.[ 1 ]
		);
	const before = await memory();
	await server.command( 'CONFIG', 'SET', 'slowlog-log-slower-than', '1000' );
	await measure( 'Redis', createRedisKnowledgeStore( redis ) );
	const slow = await server.command<
		Array< [ id: number, at: number, us: number, args: string[] ] >
	>( 'SLOWLOG', 'GET', '1000' );
	const [ longest ] = slow.sort( ( a, b ) => b[ 2 ] - a[ 2 ] );
	process.stdout.write(
		[
			`  memory                           ${ ( ( ( await memory() ) - before ) / 1e6 ).toFixed( 2 ) } MB`,
			`  the longest that the server was kept by one command  ${ longest ? `${ longest[ 2 ] / 1_000 } ms (${ longest[ 3 ][ 0 ] } ${ longest[ 3 ][ 1 ]?.slice( 0, 40 ) })` : 'under 1 ms' }`,
			'',
		].join( '\n' )
	);
	for ( const key of await server.command< string[] >( 'KEYS', '*' ) ) {
		process.stdout.write(
			`    ${ key }  ${ await server.command( 'MEMORY', 'USAGE', key, 'SAMPLES', '0' ) } bytes\n`
		);
	}
	await redis.close();
	await server.stop();
}

await measureSqlite();
await measureRedis();
