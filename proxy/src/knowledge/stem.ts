/**
 * Cuts the endings off words, lightly, so that "returns", "returned" and "return" meet. Built on few rules on purpose: a
 * stem too short brings together what does not belong together, and then the assistant answers the wrong question.
 */

/** English words whose forms no ending explains. */
const IRREGULAR: ReadonlyMap< string, string > = new Map(
	Object.entries( {
		bought: 'buy',
		broke: 'break',
		broken: 'break',
		built: 'build',
		children: 'child',
		chose: 'choose',
		chosen: 'choose',
		feet: 'foot',
		froze: 'freeze',
		frozen: 'freeze',
		held: 'hold',
		kept: 'keep',
		lost: 'lose',
		made: 'make',
		men: 'man',
		paid: 'pay',
		sent: 'send',
		sold: 'sell',
		teeth: 'tooth',
		tore: 'tear',
		torn: 'tear',
		women: 'woman',
		wore: 'wear',
		worn: 'wear',
	} )
);

/** Endings by language, longest first; what is left keeps at least `keep` letters. */
const ENDINGS: Readonly< Record< string, { keep: number; endings: RegExp } > > =
	{
		de: { keep: 4, endings: /(?:ungen|ung|ern|en|er|em|es|e|n|s)$/ },
		fr: { keep: 4, endings: /(?:ements|ement|aux|ees|ee|es|er|ez|e|s|x)$/ },
		es: {
			keep: 4,
			endings:
				/(?:amiento|imiento|ciones|cion|as|os|es|ar|er|ir|a|o|e|s)$/,
		},
		it: { keep: 4, endings: /(?:zioni|zione|are|ere|ire|a|e|i|o)$/ },
		pt: { keep: 4, endings: /(?:coes|cao|as|os|es|ar|er|ir|a|o|e|s)$/ },
		nl: { keep: 4, endings: /(?:ingen|ing|en|e|s|t)$/ },
		ru: {
			keep: 3,
			endings:
				/(?:иями|ями|ами|ого|его|ому|ему|ыми|ими|иях|ях|ах|ов|ев|ей|ам|ям|ая|яя|ое|ее|ые|ие|ыи|ии|ои|ую|юю|ом|ем|ить|ать|еть|а|я|о|е|у|ю|ы|и|ь)$/,
		},
	};

/** Articles, prepositions, plurals and possessives that Arabic writes in one with the noun. */
const ARABIC_PREFIX = /^(?:وال|بال|كال|فال|لل|ال)(?=.{3})/;
const ARABIC_SUFFIX = /(?<=.{3})(?:ات|ون|ين|ها|ة)$/;

const VOWEL = /[aeiouy]/;

/** Returns the stem of a folded word. `language` is a base tag; languages without rules keep their words whole. */
export function stem( word: string, language: string ): string {
	if ( language === 'en' ) {
		return stemEnglish( word );
	}
	if ( language === 'ar' ) {
		return word.replace( ARABIC_PREFIX, '' ).replace( ARABIC_SUFFIX, '' );
	}
	const rule = ENDINGS[ language ];
	if ( ! rule || word.length <= rule.keep ) {
		return word;
	}
	const shorter = word.replace( rule.endings, '' );
	return shorter.length >= rule.keep ? shorter : word;
}

function stemEnglish( word: string ): string {
	const whole = IRREGULAR.get( word ) ?? word;
	if ( whole.length < 4 ) {
		return whole;
	}
	return cutEnd( cutVerbEnding( cutPlural( whole ) ) );
}

function cutPlural( word: string ): string {
	if ( ! word.endsWith( 's' ) || /(?:ss|us|is)$/.test( word ) ) {
		return word;
	}
	if ( word.endsWith( 'ies' ) ) {
		return word.length > 4
			? word.slice( 0, -3 ) + 'y'
			: word.slice( 0, -1 );
	}
	if (
		/(?:ves)$/.test( word ) &&
		/^(?:kni|li|wi|shel|hal|lea|wol)/.test( word )
	) {
		return word.slice( 0, -3 ) + 'f';
	}
	return /(?:x|ch|sh|ss|zz)es$/.test( word )
		? word.slice( 0, -2 )
		: word.slice( 0, -1 );
}

function cutVerbEnding( word: string ): string {
	for ( const ending of [ 'ing', 'ed' ] ) {
		const rest = word.slice( 0, -ending.length );
		if (
			word.endsWith( ending ) &&
			rest.length >= 3 &&
			VOWEL.test( rest ) &&
			! word.endsWith( 'eed' )
		) {
			return rest;
		}
	}
	return word;
}

function cutEnd( word: string ): string {
	let rest = word;
	if ( rest.endsWith( 'ability' ) && rest.length >= 11 ) {
		rest = rest.slice( 0, -7 );
	} else if ( rest.endsWith( 'able' ) && rest.length >= 8 ) {
		rest = rest.slice( 0, -4 );
	} else if ( rest.endsWith( 'ation' ) && rest.length >= 10 ) {
		rest = rest.slice( 0, -5 );
	} else if ( rest.endsWith( 'ion' ) && rest.length >= 7 ) {
		rest = rest.slice( 0, -3 );
	} else if ( rest.endsWith( 'ment' ) && rest.length >= 7 ) {
		rest = rest.slice( 0, -4 );
	} else if ( rest.endsWith( 'ly' ) && rest.length >= 6 ) {
		rest = rest.slice( 0, -2 );
	} else if ( rest.endsWith( 'ery' ) && rest.length >= 7 ) {
		rest = rest.slice( 0, -1 );
	}
	// "store" and "storing", "warranty" and "warranties", "cancel" and "cancelled" end alike only without these letters.
	if ( rest.length > 3 && rest.endsWith( 'e' ) ) {
		rest = rest.slice( 0, -1 );
	}
	if ( rest.length > 3 && rest.endsWith( 'y' ) ) {
		rest = rest.slice( 0, -1 ) + 'i';
	}
	return /([bdfglmnprt])\1$/.test( rest ) && rest.length > 3
		? rest.slice( 0, -1 )
		: rest;
}
