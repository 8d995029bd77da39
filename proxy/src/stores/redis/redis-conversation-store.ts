/**
 * Keeps conversations and their turns in Redis, where they expire by themselves should nobody tidy up.
 */
import type { CacheOutcome } from '../../types.ts';
import type {
	ConversationStore,
	FinishedTurn,
	PastTurn,
	PersonTurn,
	Rating,
} from '../conversation-store.ts';
import type { RedisConnection } from './connection.ts';
import { siteKey } from './redis-site-key.ts';
import { defineScript, readScript, type RedisScript } from './script.ts';

const KEYS = readScript(
	new URL( './redis-conversation-keys.lua', import.meta.url )
);

function readStep( name: string ): RedisScript {
	const { source } = readScript(
		new URL( `./redis-conversation-${ name }.lua`, import.meta.url )
	);
	return defineScript( `${ KEYS.source }\n${ source }` );
}

const ADD = readStep( 'add' );
const COUNT = readStep( 'count' );
const ERASE = readStep( 'erase' );
const EXPORT = readStep( 'export' );
const FORGET = readStep( 'forget' );
const HISTORY = readStep( 'history' );
const OLDER = readStep( 'older' );
const RATE = readStep( 'rate' );
const TURN = readStep( 'turn' );

/** The longest time that an owner can choose to keep conversations, in milliseconds. */
const LONGEST_KEEP_MS = 8_760 * 3_600_000;

/**
 * How much longer than its time a conversation stays should nobody tidy up, in milliseconds. Tidying every minute comes first, and
 * keeps the counts exact.
 */
const SLACK_MS = 600_000;

/** How many conversations one script forgets, so that others get their turn in between. */
const OLD_AT_ONCE = 200;

/** What was said in a turn, as stored. */
type Said = Omit< FinishedTurn, 'conversationId' | 'events' >;

/** Makes a {@link ConversationStore} over a connection. */
export function createRedisConversationStore(
	redis: RedisConnection
): ConversationStore {
	const run = < T >(
		script: RedisScript,
		siteId: string,
		...args: string[]
	): Promise< T > => redis.script< T >( script, [ siteKey( siteId ) ], args );

	return {
		async history( siteId, visitorId, conversationId, limit ) {
			const told = await run< Array< string | null > | null >(
				HISTORY,
				siteId,
				conversationId,
				visitorId,
				String( limit )
			);
			if ( ! told ) {
				return undefined;
			}
			const turns: PastTurn[] = [];
			for ( let at = 0; at < told.length; at += 2 ) {
				const { question, answer } = JSON.parse(
					told[ at ] ?? '{}'
				) as Said;
				const { rating } = readRating( told[ at + 1 ] );
				turns.push( {
					question,
					answer,
					...( rating === null ? {} : { rating } ),
				} );
			}
			return turns;
		},

		async addTurn(
			{ id, siteId, visitorId, user },
			{ conversationId: _, events, ...said },
			keepMs = LONGEST_KEEP_MS
		) {
			await run(
				ADD,
				siteId,
				id,
				visitorId,
				said.id,
				JSON.stringify( said satisfies Said ),
				events.join( '' ),
				`${ said.cache } ${ said.finishReason }`,
				String( said.askedAt ),
				String( keepMs + SLACK_MS ),
				...( user === undefined ? [] : [ user ] )
			);
		},

		async findTurn( siteId, visitorId, turnId ) {
			const found = await run<
				[ conversationId: string, said: string, events: string ] | null
			>( TURN, siteId, visitorId, turnId );
			if ( ! found ) {
				return undefined;
			}
			const [ conversationId, said, events ] = found;
			return {
				...( JSON.parse( said ) as Said ),
				conversationId,
				// Every event ends with an empty line, which no event holds.
				events: events.split( /(?<=\n\n)/ ),
			};
		},

		async rate( siteId, visitorId, turnId, rating, remark ) {
			const isKnown = await run< number >(
				RATE,
				siteId,
				visitorId,
				turnId,
				JSON.stringify( { rating, remark } )
			);
			return isKnown === 1;
		},

		async forget( siteId, visitorId, conversationId ) {
			const isKnown = await run< number >(
				FORGET,
				siteId,
				visitorId,
				conversationId
			);
			return isKnown === 1;
		},

		async forgetOlderThan( siteId, time ) {
			for ( let all = 0; ; ) {
				const [ seen, forgotten ] = await run<
					[ seen: number, forgotten: number ]
				>( OLDER, siteId, String( time ), String( OLD_AT_ONCE ) );
				all += forgotten;
				if ( seen < OLD_AT_ONCE ) {
					return all;
				}
			}
		},

		async exportPerson( siteId, user ) {
			const told = await run<
				Array<
					[
						conversationId: string,
						said: string,
						rating: string | null,
					]
				>
			>( EXPORT, siteId, user );
			return told
				.map( ( [ conversationId, said, rating ] ): PersonTurn => {
					const { id, question, answer, askedAt } = JSON.parse(
						said
					) as Said;
					return {
						conversationId,
						turnId: id,
						question,
						answer,
						...readRating( rating ),
						askedAt,
					};
				} )
				.sort( ( a, b ) => a.askedAt - b.askedAt );
		},

		erasePerson: ( siteId, user ) => run< number >( ERASE, siteId, user ),

		async countAnswers( siteId, since ) {
			const counts = await run< Array< string | number > >(
				COUNT,
				siteId,
				String( since )
			);
			const ways = [];
			for ( let at = 0; at < counts.length; at += 2 ) {
				const [ cache = '', finishReason = '' ] = String(
					counts[ at ]
				).split( ' ' );
				ways.push( {
					cache: cache as CacheOutcome,
					finishReason,
					count: Number( counts[ at + 1 ] ),
				} );
			}
			return ways;
		},
	};
}

function readRating( stored: string | null | undefined ): {
	rating: Rating | null;
	remark: string | null;
} {
	return stored ? JSON.parse( stored ) : { rating: null, remark: null };
}
