/**
 * Holds the few sentences that the proxy itself says in a live conversation, in the languages it speaks.
 */

const PHRASES = {
	en: {
		timeNearlyOver: 'We have about half a minute left.',
		limitNearlyReached: 'We can only talk for a little longer today.',
		timeOver:
			'Our time for talking is over. You can go on asking here. Goodbye!',
		limitReached:
			'Today’s limit for conversations is reached. You can go on in writing. Goodbye!',
		again: 'Sorry, I did not catch that. Could you say it again?',
		economy: 'Live conversations are not available at the moment.',
		reconnecting: 'The connection was lost. One moment, please.',
	},
	zh: {
		timeNearlyOver: '我们还剩大约半分钟。',
		limitNearlyReached: '今天我们只能再聊一小会儿了。',
		timeOver: '通话时间到了。您可以在这里继续提问。再见！',
		limitReached: '今天的通话额度已用完。您可以继续用文字提问。再见！',
		again: '抱歉，我没听清。可以再说一遍吗？',
		economy: '目前无法进行实时对话。',
		reconnecting: '连接中断了，请稍等。',
	},
	de: {
		timeNearlyOver: 'Wir haben noch etwa eine halbe Minute.',
		limitNearlyReached: 'Wir können heute nur noch kurz sprechen.',
		timeOver:
			'Unsere Gesprächszeit ist um. Sie können hier weiter fragen. Auf Wiederhören!',
		limitReached:
			'Das heutige Limit für Gespräche ist erreicht. Schriftlich geht es weiter. Auf Wiederhören!',
		again: 'Das habe ich leider nicht verstanden. Sagen Sie es bitte noch einmal?',
		economy: 'Gespräche sind zurzeit nicht möglich.',
		reconnecting: 'Die Verbindung ist abgerissen. Einen Moment, bitte.',
	},
	fr: {
		timeNearlyOver: 'Il nous reste environ une demi-minute.',
		limitNearlyReached:
			'Nous ne pouvons plus parler très longtemps aujourd’hui.',
		timeOver:
			'Notre temps de parole est écoulé. Vous pouvez continuer ici. Au revoir !',
		limitReached:
			'La limite du jour pour les conversations est atteinte. Vous pouvez continuer par écrit. Au revoir !',
		again: 'Désolé, je n’ai pas compris. Pouvez-vous répéter ?',
		economy:
			'Les conversations en direct ne sont pas possibles pour le moment.',
		reconnecting: 'La connexion a été perdue. Un instant, s’il vous plaît.',
	},
	es: {
		timeNearlyOver: 'Nos queda aproximadamente medio minuto.',
		limitNearlyReached: 'Hoy solo podemos hablar un poco más.',
		timeOver:
			'Se nos ha acabado el tiempo. Puede seguir preguntando aquí. ¡Hasta luego!',
		limitReached:
			'Se ha alcanzado el límite de hoy para conversaciones. Puede seguir por escrito. ¡Hasta luego!',
		again: 'Perdón, no lo he entendido. ¿Puede repetirlo?',
		economy:
			'Las conversaciones en directo no son posibles en este momento.',
		reconnecting: 'Se ha perdido la conexión. Un momento, por favor.',
	},
} as const;

/** A sentence by its name. */
export type LivePhrase = keyof ( typeof PHRASES )[ 'en' ];

/** Returns a sentence in the given language (BCP 47), or in English when the proxy does not speak it. */
export function livePhrase( name: LivePhrase, language: string ): string {
	const base = language.toLowerCase().split( /[-_]/ )[ 0 ] ?? 'en';
	const phrases = Object.hasOwn( PHRASES, base )
		? PHRASES[ base as keyof typeof PHRASES ]
		: PHRASES.en;
	return phrases[ name ];
}
