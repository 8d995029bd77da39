/**
 * Gives live conversations what written questions have: the search, the polite words, the thread of the conversation.
 */
import type { Unanswered } from '../answers/unanswered.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { detectLanguage } from '../knowledge/language.ts';
import type { Settings } from '../settings.ts';
import type { ConversationStore } from '../stores/conversation-store.ts';
import type {
	LiveFinding,
	LiveQuestion,
	LiveServices,
} from '../voice/live/live-services.ts';
import type { ModelServices } from './model-services.ts';
import { MAX_PAST_TURNS } from './history.ts';
import { phrase } from './phrases.ts';
import { toMaterial } from './prompt.ts';
import { isWorthAsking, searchSite } from './search-site.ts';
import { smallTalk } from './small-talk.ts';
import { toSources } from './sources.ts';
import { wireEvent } from './turn.ts';

/** How many passages a spoken answer rests on: they are paid for as words, and heard as few. */
const MAX_PASSAGES = 4;

/** Makes what live conversations need. */
export function createLiveServices(
	models: ModelServices,
	{
		sites,
		knowledge,
		unanswered,
		conversations,
		mayType,
	}: {
		sites: { settings( siteId: string ): Promise< Settings > };
		knowledge: Pick< Knowledge, 'search' >;
		unanswered: Pick< Unanswered, 'log' >;
		conversations: Pick< ConversationStore, 'history' | 'addTurn' >;
		mayType: LiveServices[ 'mayType' ];
	}
): LiveServices {
	const { log } = models;
	return {
		...models,
		settings: ( siteId ) => sites.settings( siteId ),
		mayType,

		async find( question ) {
			const finding = await findAloud( knowledge, question );
			if ( finding.kind === 'sentence' && finding.isAbstention ) {
				unanswered
					.log( question.siteId, question.text )
					.catch( ( error: unknown ) => {
						log.error( { err: error }, 'a question was not noted' );
					} );
			}
			return finding;
		},

		thread: {
			history: ( { siteId, visitorId }, conversationId ) =>
				conversations.history(
					siteId,
					visitorId,
					conversationId,
					MAX_PAST_TURNS
				),

			async save( { siteId, visitorId, user, settings }, turn ) {
				const { id, conversationId, answer, sources } = turn;
				const events = [
					wireEvent( 'turn', { turnId: id, conversationId } ),
					wireEvent( 'transcript', {
						text: turn.question,
						language: detectLanguage( turn.question ) ?? '',
					} ),
					wireEvent( 'text', { delta: answer } ),
					wireEvent( 'sources', sources ),
					wireEvent( 'done', {
						finishReason: turn.finishReason,
						cache: 'miss',
						tier: 'none',
						mood: 'neutral',
						confident: turn.finishReason !== 'abstained',
						handoff: false,
					} ),
				].map( ( event, at ) => `id: ${ at + 1 }\n${ event }` );
				try {
					await conversations.addTurn(
						{ id: conversationId, siteId, visitorId, user },
						{ ...turn, cache: 'miss', events },
						settings.retention.conversationHours * 3_600_000
					);
				} catch ( error ) {
					log.error(
						{ turnId: id, err: error },
						'a turn was not saved'
					);
				}
			},
		},
	};
}

async function findAloud(
	knowledge: Pick< Knowledge, 'search' >,
	question: LiveQuestion
): Promise< LiveFinding > {
	const polite = smallTalk( question.text );
	if ( polite ) {
		return {
			kind: 'sentence',
			text: phrase( polite.phrase, polite.language ),
			language: polite.language,
			sources: [],
			isAbstention: false,
		};
	}
	const language = detectLanguage( question.text ) ?? question.language;
	const found = await searchSite( knowledge, { ...question, language } );
	if ( ! isWorthAsking( found ) ) {
		const sources = toSources( found.nearest, undefined );
		return {
			kind: 'sentence',
			text: phrase(
				sources.length > 0 ? 'abstainedNear' : 'abstained',
				language
			),
			language,
			sources,
			isAbstention: true,
		};
	}
	const passages = found.passages.slice( 0, MAX_PASSAGES );
	return {
		kind: 'found',
		material: toMaterial( passages ),
		language,
		sources: toSources( passages, undefined ),
	};
}
