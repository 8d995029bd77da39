/**
 * Keeps conversations and their turns in SQLite.
 */
import type { SQLOutputValue } from 'node:sqlite';
import type {
	ConversationStore,
	FinishedTurn,
	PersonTurn,
	Rating,
} from '../conversation-store.ts';
import type { CacheOutcome } from '../../types.ts';
import type { Database } from './database.ts';

type Row = Record< string, SQLOutputValue >;

/** Makes a {@link ConversationStore} on an open database. */
export function createSqliteConversationStore(
	database: Database
): ConversationStore {
	const { prepare, write, writeSoon } = database;
	return {
		async history( siteId, visitorId, conversationId, limit ) {
			const rows = prepare(
				`SELECT question, answer, rating FROM conversations JOIN turns ON conversation_id = conversations.id
				WHERE conversations.id = ? AND site_id = ? AND visitor_id = ? ORDER BY turns.rowid DESC LIMIT ?`
			).all( conversationId, siteId, visitorId, limit );
			return rows.length === 0
				? undefined
				: rows.reverse().map( ( { question, answer, rating } ) => ( {
						question: String( question ),
						answer: String( answer ),
						...( rating === null
							? {}
							: { rating: rating as Rating } ),
					} ) );
		},

		addTurn: ( conversation, turn ) =>
			writeSoon( () => {
				prepare(
					`INSERT INTO conversations (id, site_id, visitor_id, user, last_turn_at) VALUES (?, ?, ?, ?, ?)
					ON CONFLICT (id) DO UPDATE SET last_turn_at = excluded.last_turn_at`
				).run(
					conversation.id,
					conversation.siteId,
					conversation.visitorId,
					conversation.user ?? null,
					turn.askedAt
				);
				prepare(
					`INSERT INTO turns (id, conversation_id, question, answer, sources, finish_reason, cache, events, cost_nano_usd, asked_at)
					VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
				).run(
					turn.id,
					turn.conversationId,
					turn.question,
					turn.answer,
					JSON.stringify( turn.sources ),
					turn.finishReason,
					turn.cache,
					turn.events.join( '' ),
					turn.costNanoUsd,
					turn.askedAt
				);
			} ),

		async findTurn( siteId, visitorId, turnId ) {
			const row = prepare(
				`SELECT turns.* FROM turns JOIN conversations ON conversations.id = conversation_id
				WHERE turns.id = ? AND site_id = ? AND visitor_id = ?`
			).get( turnId, siteId, visitorId );
			return row ? toTurn( row ) : undefined;
		},

		rate: ( siteId, visitorId, turnId, rating, remark ) =>
			write(
				() =>
					prepare(
						`UPDATE turns SET rating = ?, remark = ? WHERE id = ? AND conversation_id IN
						(SELECT id FROM conversations WHERE site_id = ? AND visitor_id = ?)`
					).run( rating, remark, turnId, siteId, visitorId ).changes >
					0
			),

		forget: ( siteId, visitorId, conversationId ) =>
			write(
				() =>
					prepare(
						'DELETE FROM conversations WHERE id = ? AND site_id = ? AND visitor_id = ?'
					).run( conversationId, siteId, visitorId ).changes > 0
			),

		forgetOlderThan: ( siteId, time ) =>
			write( () =>
				Number(
					prepare(
						'DELETE FROM conversations WHERE site_id = ? AND last_turn_at < ?'
					).run( siteId, time ).changes
				)
			),

		async exportPerson( siteId, user ) {
			return prepare(
				`SELECT turns.* FROM turns JOIN conversations ON conversations.id = conversation_id
				WHERE site_id = ? AND user = ? ORDER BY turns.rowid`
			)
				.all( siteId, user )
				.map( toPersonTurn );
		},

		erasePerson: ( siteId, user ) =>
			write( () =>
				Number(
					prepare(
						'DELETE FROM conversations WHERE site_id = ? AND user = ?'
					).run( siteId, user ).changes
				)
			),

		async countAnswers( siteId, since ) {
			return prepare(
				`SELECT cache, finish_reason, count(*) AS count FROM turns JOIN conversations ON conversations.id = conversation_id
				WHERE site_id = ? AND asked_at >= ? GROUP BY cache, finish_reason`
			)
				.all( siteId, since )
				.map( ( row ) => ( {
					cache: String( row.cache ) as CacheOutcome,
					finishReason: String( row.finish_reason ),
					count: Number( row.count ),
				} ) );
		},
	};
}

function toTurn( row: Row ): FinishedTurn {
	return {
		id: String( row.id ),
		conversationId: String( row.conversation_id ),
		question: String( row.question ),
		answer: String( row.answer ),
		sources: JSON.parse( String( row.sources ) ),
		finishReason: String( row.finish_reason ),
		cache: String( row.cache ) as CacheOutcome,
		// Every event ends with an empty line, which no event holds.
		events: String( row.events ).split( /(?<=\n\n)/ ),
		costNanoUsd: Number( row.cost_nano_usd ),
		askedAt: Number( row.asked_at ),
	};
}

function toPersonTurn( row: Row ): PersonTurn {
	return {
		conversationId: String( row.conversation_id ),
		turnId: String( row.id ),
		question: String( row.question ),
		answer: String( row.answer ),
		rating: row.rating as PersonTurn[ 'rating' ],
		remark: row.remark === null ? null : String( row.remark ),
		askedAt: Number( row.asked_at ),
	};
}
