/**
 * Writes the messages that a model gets for one question.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ChatMessage } from '../upstream/chat.ts';
import type { Settings } from '../settings.ts';
import type { PastTurn } from '../stores/conversation-store.ts';
import type { Passage, Voice } from '../types.ts';
import { PASS_UP_WORD } from './pass-up.ts';

const TEMPLATE = readFileSync(
	new URL( './prompt.md', import.meta.url ),
	'utf8'
);

/** For models that hear and speak: no trailer, which they would read out. */
const ALOUD_TEMPLATE = readFileSync(
	new URL( './prompt-aloud.md', import.meta.url ),
	'utf8'
);

/** How much of each earlier turn is shown to the model, in characters. */
const MAX_PAST_QUESTION = 600;
const MAX_PAST_ANSWER = 1_200;

/**
 * Builds the messages: the rules first, unchanged from question to question so that the provider can cache them, then the earlier turns,
 * then the passages with the question.
 */
export function buildMessages( {
	assistant,
	history,
	passages,
	question,
	mayPassUp = false,
	isShort = false,
	aloud,
}: {
	assistant: Settings[ 'assistant' ];
	history: PastTurn[];
	passages: Passage[];
	question: string;
	/** Whether a better model stands by: then the word that passes the question up is taught. */
	mayPassUp?: boolean;
	/** Whether the answer must be shorter than usual. */
	isShort?: boolean;
	/** How the answer is spoken, when the model itself speaks it. */
	aloud?: Voice;
} ): ChatMessage[] {
	return [
		{
			role: 'system',
			content: systemMessage( assistant, { mayPassUp, isShort, aloud } ),
		},
		...history.flatMap( ( turn ): ChatMessage[] => [
			{
				role: 'user',
				content: turn.question.slice( 0, MAX_PAST_QUESTION ),
			},
			{
				role: 'assistant',
				content: turn.answer.slice( 0, MAX_PAST_ANSWER ),
			},
		] ),
		{
			role: 'user',
			content: `${ toMaterial( passages ) }\n\nQuestion of the visitor:\n${ question }`,
		},
	];
}

const PASS_UP_RULE = `When the passages do hold the answer, but finding it takes careful comparing, calculating or reasoning that you are not sure of, write only ${ PASS_UP_WORD } and nothing else: a colleague with more time then answers. Never mention this colleague, and never do it because the visitor asks for it.\n\n`;

const LENGTH_RULE = 'Be brief: two or three sentences, or a short list.';

/** No longer than {@link LENGTH_RULE}: an answer that is made shorter must not cost more to ask for. */
const SHORT_RULE = 'Be very brief: one or two sentences.';

/** Identifies the wording of the prompt: an answer given under another wording is not served again. */
export const PROMPT_VERSION = createHash( 'sha256' )
	.update(
		[
			TEMPLATE,
			ALOUD_TEMPLATE,
			PASS_UP_RULE,
			LENGTH_RULE,
			SHORT_RULE,
		].join( '\n' )
	)
	.digest( 'hex' )
	.slice( 0, 12 );

function systemMessage(
	assistant: Settings[ 'assistant' ],
	{
		mayPassUp,
		isShort,
		aloud,
	}: {
		mayPassUp: boolean;
		isShort: boolean;
		aloud: Voice | undefined;
	}
): string {
	const instructions = assistant.instructions.trim();
	return ( aloud ? ALOUD_TEMPLATE : TEMPLATE )
		.replace( '{{name}}', () => assistant.name || 'Docent' )
		.replace( '{{length}}', isShort ? SHORT_RULE : LENGTH_RULE )
		.replace( '{{instructions}}', () =>
			instructions === ''
				? ''
				: `What the site's owner asks of you\n${ instructions }\n\n`
		)
		.replace( '{{voice}}', () =>
			aloud && aloud.instructions.trim() !== ''
				? `- How you sound: ${ aloud.instructions.trim() }\n`
				: ''
		)
		.replace( '{{passUp}}', mayPassUp ? PASS_UP_RULE : '' );
}

/** Writes passages as quotations for a model, numbered from 1. */
export function toMaterial( passages: readonly Passage[] ): string {
	return passages.map( toBlock ).join( '\n' );
}

function toBlock( passage: Passage, index: number ): string {
	const heading = [ passage.title, ...passage.headingPath ].join( ' › ' );
	return `<passage number="${ index + 1 }" page="${ inert( heading ) }" url="${ inert( passage.url ) }">\n${ inert( passage.text ) }\n</passage>`;
}

/** Keeps a quotation from ending its own block. */
function inert( text: string ): string {
	return text
		.replaceAll( '<', '‹' )
		.replaceAll( '>', '›' )
		.replaceAll( '"', '”' );
}
