/**
 * Recognises a bare greeting or thanks, which no page answers and no model need be asked about.
 */
import type { Phrase } from './phrases.ts';

/** What people say, by language and by the phrase that answers it. */
const SAID: Record< string, { greeting: string; welcome: string } > = {
	en: {
		greeting: 'hi|hello|hey|good (morning|afternoon|evening)',
		welcome: 'thanks|thanks a lot|thank you|thank you very much|thx',
	},
	zh: { greeting: '你好|您好|嗨', welcome: '谢谢|谢谢你|谢谢您|多谢' },
	de: {
		greeting: 'hallo|moin|guten (morgen|tag|abend)',
		welcome: 'danke|danke schön|vielen dank',
	},
	fr: { greeting: 'bonjour|bonsoir|salut', welcome: 'merci|merci beaucoup' },
	es: {
		greeting: 'hola|buenos días|buenas (tardes|noches)',
		welcome: 'gracias|muchas gracias',
	},
};

const PATTERNS = Object.entries( SAID ).flatMap( ( [ language, said ] ) =>
	( [ 'greeting', 'welcome' ] as const ).map( ( name ) => ( {
		language,
		phrase: name satisfies Phrase,
		pattern: new RegExp( `^(${ said[ name ] })$`, 'i' ),
	} ) )
);

/** The longest small talk, in characters. */
const MAX_LENGTH = 40;

/** Returns the phrase that answers small talk and its language, or undefined for everything else. */
export function smallTalk(
	question: string
): { phrase: Phrase; language: string } | undefined {
	if ( question.length > MAX_LENGTH ) {
		return undefined;
	}
	const words = question.replace( /[\p{P}\p{S}\s]+/gu, ' ' ).trim();
	return PATTERNS.find( ( { pattern } ) => pattern.test( words ) );
}
