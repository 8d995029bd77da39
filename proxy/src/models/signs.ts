/**
 * Finds signs that a question takes more than looking one thing up, from its wording alone.
 */

/** What makes a question hard for a small model, with how much it weighs. */
const WEIGHTS = {
	/** Two things are to be weighed against each other. */
	comparison: 2,
	/** More than one question is asked at once. */
	several: 2,
	/** Numbers are to be combined, not only quoted. */
	calculation: 2,
	/** Reasons or a way in several steps are asked for. */
	reasoning: 2,
	/** The answer depends on a case that the visitor sets. */
	condition: 1,
	/** What holds without something, or what does not hold. */
	negation: 1,
} as const;

/** A sign of difficulty. */
export type Sign = keyof typeof WEIGHTS;

/** Every sign, in the order in which they are listed. */
export const SIGNS = Object.keys( WEIGHTS ) as Sign[];

/** Words of one language stand between letters of no script; `\b` knows only ASCII. */
const words = ( alternatives: string ) =>
	`(?<![\\p{L}\\p{N}])(?:${ alternatives })(?![\\p{L}\\p{N}])`;

const COMPARISON = new RegExp(
	words(
		[
			'compare[ds]?|comparison|versus|vs|difference between|(?:better|cheaper|lighter|faster|warmer|stronger|more \\p{L}+) than',
			'better|pros and cons|is it \\p{L}+er (?:to|if|when)|(?:rather|other) than|which (?:one )?(?:of|is|would|should)[^?]* or|should i[^?]* or',
			'vergleich\\p{L}*|verglichen|unterschied\\p{L}*|besser|(?:günstiger|leichter|schneller|wärmer|billiger|mehr|weniger) als|vor- und nachteile|statt|lieber|ist es \\p{L}+er,? (?:wenn|zu|mit)',
			'compar\\p{L}*|différence\\p{L}*|mieux|meilleure?|plutôt|plus \\p{L}+ que|diferencia\\p{L}*|mejor|más \\p{L}+ que',
		].join( '|' )
	) +
		'|比较|相比|对比|区别|不同|哪个更|哪一?[个款种].*更|更好|还是|优缺点|相較|比較|區別',
	'iu'
);

const CALCULATION = new RegExp(
	words(
		[
			'calculate|altogether|in total|total (?:cost|price|weight|amount)|add(?:ed)? up|sum of|how much (?:would|will|do) [^?]*\\d|times as|twice as|per (?:person|day|night|month|year|head)',
			'berechne\\p{L}*|rechne|ausrechnen|insgesamt|zusammen|summe|pro (?:person|tag|nacht|monat|jahr)|doppelt so|wie viel[^?]*\\d',
			'calcul\\p{L}*|au total|en tout|somme|par (?:personne|jour|nuit|mois|an)|en total|suma|por (?:persona|día|noche|mes|año)',
		].join( '|' )
	) +
		'|总共|一共|合计|总价|总计|计算|算一?下|百分之|打几?折|平均|每人|每天.*多少|換算|换算|總共|計算',
	'iu'
);

const REASONING = new RegExp(
	words(
		[
			'why|explain|step by step|walk me through|in detail|what happens (?:if|when)|how come|reasons?|how does [^?]* work|how (?:do|can|should) (?:i|we|you) [^?]*,? (?:and|then) ',
			'warum|weshalb|wieso|erklär\\p{L}*|schritt für schritt|begründ\\p{L}*|im detail|was passiert,? wenn|wie genau|gründe|grund dafür',
			'pourquoi|expliqu\\p{L}*|étape par étape|en détail|por qué|expli(?:ca|que)\\p{L}*|paso a paso|en detalle',
		].join( '|' )
	) +
		'|为什么|为何|為什麼|为啥|怎么会|解释|解釋|逐步|一步一?步|详细|原因|理由',
	'iu'
);

const CONDITION = new RegExp(
	words(
		[
			'if|in case|assuming|suppose|provided that|unless|depending on|when i (?:have|am|was|live)',
			'wenn|falls|sofern|angenommen|vorausgesetzt|es sei denn|abhängig',
			'si|au cas où|à condition|sauf si|en caso de|suponiendo|a menos que',
		].join( '|' )
	) + '|如果|假如|要是|倘若|假设|若是|取决于|的情况下|的話|的话',
	'iu'
);

const NEGATION = new RegExp(
	words(
		[
			"not|never|no longer|without|except|neither|nor|excluding|\\p{L}+n[’']t",
			'nicht|kein\\p{L}*|ohne|außer|ausser|niemals|weder|nie',
			'sans|sauf|jamais|aucune?|ne \\p{L}+ pas|sin|nunca|excepto|tampoco|ningún|ninguna',
		].join( '|' )
	) +
		'|没有|沒有|不能|不会|不會|不可以|无法|無法|除了|除非|并非|从不|不需要|不含|不用(?!户)',
	'iu'
);

/** Two question marks, or a second question that an "and" brings. */
const SEVERAL = new RegExp(
	'[?？][^?？]*\\p{L}[^?？]*[?？]|' +
		words(
			'and (?:how|what|when|where|which|who|why|do|does|can|is|are|will)|also|as well as|und (?:wie|was|wann|wo|welche\\p{L}*|wer|warum|kann|ist|sind|gibt)|außerdem|et (?:comment|quand|où|quel\\p{L}*|combien)|y (?:cómo|cuándo|dónde|cuál\\p{L}*|cuánto\\p{L}*)'
		) +
		'|另外|还有.*[吗呢？?]|以及.*[吗呢？?]|同时',
	'iu'
);

/** Two numbers in one question mostly want to be combined; 4.90 is one. */
const TWO_NUMBERS = /\d[.,]*[^\d.,]\D*\d/u;

const PATTERNS: Record< Sign, RegExp > = {
	comparison: COMPARISON,
	several: SEVERAL,
	calculation: CALCULATION,
	reasoning: REASONING,
	condition: CONDITION,
	negation: NEGATION,
};

/** How much of a question is looked at, in characters: the signs of a long one are its length. */
const LOOKED_AT = 1_000;

/** Lists the signs in a question; English, German and Chinese well, French and Spanish the plain ones. */
export function findSigns( question: string ): Sign[] {
	const text = question.slice( 0, LOOKED_AT );
	return SIGNS.filter(
		( sign ) =>
			PATTERNS[ sign ].test( text ) ||
			( sign === 'calculation' && TWO_NUMBERS.test( text ) )
	);
}

/** Adds up how much the signs weigh. */
export function weighSigns( signs: readonly Sign[] ): number {
	return signs.reduce( ( sum, sign ) => sum + WEIGHTS[ sign ], 0 );
}
