/**
 * Holds the few sentences that the proxy itself says to a visitor, in the languages it speaks.
 */

const PHRASES = {
	en: {
		greeting: 'Hello! What would you like to know about this site?',
		welcome: 'You are welcome.',
		abstained: 'I could not find that on this site.',
		abstainedNear:
			'I could not find that on this site. These pages are close:',
		limitReached:
			'We have reached today’s limit for new answers. Here is what the site says:',
		answeredFromSite: 'Here is what the site says:',
		economy: 'Answers are kept short at the moment.',
		shortened: 'The answer was shortened.',
		cut: 'The answer was cut off. Please ask again.',
	},
	zh: {
		greeting: '您好！关于本网站，您想了解什么？',
		welcome: '不客气。',
		abstained: '我在本网站上没有找到相关内容。',
		abstainedNear: '我在本网站上没有找到相关内容。以下页面比较接近：',
		limitReached: '今天的新回答额度已用完。以下是网站上的内容：',
		answeredFromSite: '以下是网站上的内容：',
		economy: '目前的回答会比较简短。',
		shortened: '回答已被缩短。',
		cut: '回答中断了，请再问一次。',
	},
	de: {
		greeting: 'Guten Tag! Was möchten Sie über diese Website wissen?',
		welcome: 'Gern geschehen.',
		abstained: 'Das habe ich auf dieser Website nicht gefunden.',
		abstainedNear:
			'Das habe ich auf dieser Website nicht gefunden. Diese Seiten kommen dem nahe:',
		limitReached:
			'Das heutige Limit für neue Antworten ist erreicht. Das sagt die Website:',
		answeredFromSite: 'Das sagt die Website:',
		economy: 'Antworten sind zurzeit kurz gehalten.',
		shortened: 'Die Antwort wurde gekürzt.',
		cut: 'Die Antwort wurde unterbrochen. Bitte fragen Sie noch einmal.',
	},
	fr: {
		greeting: 'Bonjour ! Que souhaitez-vous savoir sur ce site ?',
		welcome: 'Je vous en prie.',
		abstained: 'Je n’ai pas trouvé cela sur ce site.',
		abstainedNear:
			'Je n’ai pas trouvé cela sur ce site. Ces pages s’en approchent :',
		limitReached:
			'La limite du jour pour les nouvelles réponses est atteinte. Voici ce que dit le site :',
		answeredFromSite: 'Voici ce que dit le site :',
		economy: 'Les réponses sont brèves en ce moment.',
		shortened: 'La réponse a été raccourcie.',
		cut: 'La réponse a été interrompue. Veuillez reposer la question.',
	},
	es: {
		greeting: '¡Hola! ¿Qué le gustaría saber sobre este sitio?',
		welcome: 'De nada.',
		abstained: 'No he encontrado eso en este sitio.',
		abstainedNear:
			'No he encontrado eso en este sitio. Estas páginas se acercan:',
		limitReached:
			'Hemos alcanzado el límite de hoy para respuestas nuevas. Esto dice el sitio:',
		answeredFromSite: 'Esto dice el sitio:',
		economy: 'Las respuestas son breves por el momento.',
		shortened: 'La respuesta se ha acortado.',
		cut: 'La respuesta se interrumpió. Pregunte de nuevo, por favor.',
	},
} as const;

export type Phrase = keyof ( typeof PHRASES )[ 'en' ];

/** Returns a sentence in the given language (BCP 47), or in English when the proxy does not speak it. */
export function phrase( name: Phrase, language: string ): string {
	const base = language.toLowerCase().split( '-' )[ 0 ] ?? 'en';
	const phrases = Object.hasOwn( PHRASES, base )
		? PHRASES[ base as keyof typeof PHRASES ]
		: PHRASES.en;
	return phrases[ name ];
}
