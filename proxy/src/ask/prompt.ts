/**
 * Writes the messages that a model gets for one question.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ChatMessage } from '../upstream/chat.ts';
import type { Settings } from '../settings.ts';
import type { PastTurn } from '../stores/conversation-store.ts';
import type { Passage } from '../types.ts';

const TEMPLATE = readFileSync(
	new URL( './prompt.md', import.meta.url ),
	'utf8'
);

/** Identifies the wording of the prompt: an answer given under another wording is not served again. */
export const PROMPT_VERSION = createHash( 'sha256' )
	.update( TEMPLATE )
	.digest( 'hex' )
	.slice( 0, 12 );

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
}: {
	assistant: Settings[ 'assistant' ];
	history: PastTurn[];
	passages: Passage[];
	question: string;
} ): ChatMessage[] {
	return [
		{ role: 'system', content: systemMessage( assistant ) },
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
			content: `${ passages.map( toBlock ).join( '\n' ) }\n\nQuestion of the visitor:\n${ question }`,
		},
	];
}

function systemMessage( assistant: Settings[ 'assistant' ] ): string {
	const instructions = assistant.instructions.trim();
	return TEMPLATE.replace(
		'{{name}}',
		() => assistant.name || 'Docent'
	).replace( '{{instructions}}', () =>
		instructions === ''
			? ''
			: `What the site's owner asks of you\n${ instructions }\n\n`
	);
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
