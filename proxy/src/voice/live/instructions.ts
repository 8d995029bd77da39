/**
 * Writes what a realtime model is told: once for the session, and with the passages for every answer.
 */
import { readFileSync } from 'node:fs';
import type { Settings } from '../../settings.ts';

const TEMPLATE = readFileSync(
	new URL( './instructions.md', import.meta.url ),
	'utf8'
);

/** Writes the instructions of a session; `manner` says how the voice speaks, in words. */
export function sessionInstructions(
	assistant: Settings[ 'assistant' ],
	manner: string
): string {
	const owner = assistant.instructions.trim();
	return TEMPLATE.replace( '{{name}}', () => assistant.name || 'Docent' )
		.replace( '{{voice}}', () =>
			manner.trim() === '' ? '' : `\nYour voice\n${ manner.trim() }\n`
		)
		.replace( '{{owner}}', () =>
			owner === ''
				? ''
				: `\nWhat the site's owner asks of you\n${ owner }\n`
		);
}

/** Adds the passages for one question, and the question as it was understood. */
export function answerInstructions(
	instructions: string,
	material: string,
	question: string
): string {
	return `${ instructions }\nPassages for the last question\n${ material }\n\nQuestion of the visitor, as it was heard:\n${ question.replaceAll( '<', '‹' ).replaceAll( '>', '›' ) }\n`;
}

/** Says that the input is to be read aloud; as short as it can be, because it is paid for every time. */
export const VERBATIM =
	'Say the text of the last message aloud, word for word, in its language, and nothing else.';
