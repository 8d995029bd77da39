/**
 * Keeps answers in Redis.
 */
import { createHash } from 'node:crypto';
import type { Mood, Source } from '../../types.ts';
import type {
	AnswerKey,
	AnswerStatus,
	AnswerStore,
	HitCount,
	NewAnswer,
	StoredAnswer,
} from '../answer-store.ts';
import type { RedisConnection } from './connection.ts';
import { siteKey } from './redis-site-key.ts';
import { defineScript, readScript, type RedisScript } from './script.ts';

/** What a script needs that drops answers. */
export const ANSWER_ENTRIES = readScript(
	new URL( './redis-answer-entries.lua', import.meta.url )
).source;

function readStep( name: string ): RedisScript {
	const { source } = readScript(
		new URL( `./redis-answer-${ name }.lua`, import.meta.url )
	);
	return defineScript( `${ ANSWER_ENTRIES }\n${ source }` );
}

const DELETE = readStep( 'delete' );
const EXPIRE = readStep( 'expire' );
const FIND = readStep( 'find' );
const HITS = readStep( 'hits' );
const OWN = readStep( 'own' );
const REMEMBER = readStep( 'remember' );

/** Names every site that has answers, so that expired ones can be looked for. */
const SITES_KEY = 'docent:sites-with-answers';

/** How many answers one script lets expire, so that others get their turn in between. */
const EXPIRED_AT_ONCE = 200;

/** What is stored of an answer as text; the rest is counted beside it. */
interface Body {
	status: AnswerStatus;
	question: string;
	language: string;
	text: string;
	sources: Source[];
	mood?: Mood | undefined;
	createdAt: number;
	expiresAt?: number;
}

/** An answer as scripts return it. */
type Entry = [ id: string, stored: string, hits: string, lastUsedAt: string ];

/** Makes an answer store over a connection. */
export function createRedisAnswerStore( redis: RedisConnection ): AnswerStore {
	const answers = ( siteId: string ) => siteKey( siteId, 'answers' );

	return {
		async find( key ) {
			const [ cached, ...owned ] = await redis.script<
				[ Entry | null, ...Entry[] ]
			>(
				FIND,
				[ answers( key.siteId ) ],
				[ digest( key.normalised ), digestOfKey( key ) ]
			);
			return {
				owned: owned.map( readEntry ),
				cached: cached ? readEntry( cached ) : undefined,
			};
		},

		async remember( answer, maxEntries ) {
			const { siteId } = answer;
			// Both leave together, and are answered together.
			const [ , isStored ] = await Promise.all( [
				redis.command( [ 'SADD', SITES_KEY, siteId ] ),
				redis.script< number >(
					REMEMBER,
					[
						answers( siteId ),
						siteKey( siteId, 'knowledge' ),
						siteKey( siteId, 'documents:hashes' ),
					],
					[
						String( answer.knowledgeVersion ),
						JSON.stringify(
							answer.restsOn.map( ( { documentId, hash } ) => [
								documentId,
								hash,
							] )
						),
						answer.language,
						answer.id,
						`${ answer.costNanoUsd }\n${ JSON.stringify( bodyOf( answer ) ) }`,
						JSON.stringify( {
							key: digestOfKey( answer ),
							question: digest( answer.normalised ),
							language: answer.language,
							documents: answer.restsOn.map(
								( { documentId } ) => documentId
							),
						} ),
						answer.terms,
						String( answer.createdAt ),
						String( answer.expiresAt ),
						String( maxEntries ),
					]
				),
			] );
			return isStored === 1;
		},

		async putOwned( answer ) {
			const { siteId, id, normalised, ...body } = answer;
			await redis.script(
				OWN,
				[ answers( siteId ) ],
				[
					id,
					digest( normalised ),
					answer.language,
					JSON.stringify( body satisfies Body ),
					String( answer.createdAt ),
				]
			);
		},

		async list( siteId, limit ) {
			const key = answers( siteId );
			const [ hits, cached, owned ] = await redis.transaction<
				[
					Record< string, string >,
					Array< [ id: string, lastUsedAt: number ] >,
					Array< [ id: string, lastUsedAt: number ] >,
				]
			>( [
				[ 'HGETALL', `${ key }:hits` ],
				[ 'ZRANGE', `${ key }:cached`, '0', '-1', 'WITHSCORES' ],
				[ 'ZRANGE', `${ key }:owned-used`, '0', '-1', 'WITHSCORES' ],
			] );
			const first = [ ...cached, ...owned ]
				.map( ( [ id, lastUsedAt ] ) => ( {
					id,
					lastUsedAt,
					hits: Number( hits[ id ] ?? 0 ),
				} ) )
				.sort(
					( a, b ) => b.hits - a.hits || b.lastUsedAt - a.lastUsedAt
				)
				.slice( 0, limit );
			if ( first.length === 0 ) {
				return [];
			}
			const stored = await redis.command< Array< string | null > >( [
				'HMGET',
				key,
				...first.map( ( { id } ) => id ),
			] );
			return first.flatMap( ( { id, hits: times, lastUsedAt }, at ) => {
				const text = stored[ at ];
				return text
					? [
							readEntry( [
								id,
								text,
								String( times ),
								String( lastUsedAt ),
							] ),
						]
					: [];
			} );
		},

		async delete( siteId, id ) {
			const wasThere = await redis.script< number >(
				DELETE,
				[ answers( siteId ) ],
				[ id ]
			);
			return wasThere === 1;
		},

		async countHits( counts ) {
			await Promise.all(
				[ ...Map.groupBy( counts, ( { siteId } ) => siteId ) ].map(
					( [ siteId, ofSite ] ) =>
						redis.script(
							HITS,
							[ answers( siteId ) ],
							ofSite.flatMap( writeHits )
						)
				)
			);
		},

		async deleteExpired( now ) {
			let deleted = 0;
			for ( const siteId of await redis.command< string[] >( [
				'SMEMBERS',
				SITES_KEY,
			] ) ) {
				let some: number;
				do {
					some = await redis.script< number >(
						EXPIRE,
						[ answers( siteId ) ],
						[ String( now ), String( EXPIRED_AT_ONCE ) ]
					);
					deleted += some;
				} while ( some === EXPIRED_AT_ONCE );
			}
			return deleted;
		},
	};
}

/** Questions are as long as people like; what stands for them is 22 characters. */
function digest( ...parts: string[] ): string {
	return createHash( 'sha256' )
		.update( JSON.stringify( parts ) )
		.digest( 'base64url' )
		.slice( 0, 22 );
}

function digestOfKey( {
	normalised,
	language,
	scopeKey,
	assistantVersion,
}: AnswerKey ): string {
	return digest( normalised, language, scopeKey, assistantVersion );
}

function bodyOf( answer: NewAnswer ): Body {
	return {
		status: 'cached',
		question: answer.question,
		language: answer.language,
		text: answer.text,
		sources: answer.sources,
		mood: answer.mood,
		createdAt: answer.createdAt,
		expiresAt: answer.expiresAt,
	};
}

function writeHits( { id, hits, lastUsedAt }: HitCount ): string[] {
	return [ id, String( hits ), String( lastUsedAt ) ];
}

function readEntry( [ id, stored, hits, lastUsedAt ]: Entry ): StoredAnswer {
	const lineBreak = stored.indexOf( '\n' );
	const costNanoUsd = Number( stored.slice( 0, lineBreak ) );
	const body = JSON.parse( stored.slice( lineBreak + 1 ) ) as Body;
	return {
		id,
		...body,
		mood: body.mood,
		expiresAt: body.expiresAt,
		costNanoUsd,
		hits: Number( hits ),
		savedNanoUsd: Number( hits ) * costNanoUsd,
		lastUsedAt: Number( lastUsedAt ),
	};
}
