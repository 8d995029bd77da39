/**
 * Tells sounds of listening ("uh-huh", "ok") from words that want an answer.
 */

/** What people say to show that they listen, without wanting to speak; compared after letters alone are left. */
const SOUNDS = new Set( [
	...[ 'uh', 'uhhuh', 'huh', 'mm', 'mmm', 'mhm', 'mmhmm', 'hm', 'hmm' ],
	...[ 'ah', 'aha', 'oh', 'ok', 'okay', 'yeah', 'yep', 'right', 'isee' ],
	...[ 'um', 'er', 'erm', 'aja', 'achso', 'genau', 'ouais', 'daccord' ],
	...[ 'vale', 'ya', 'ähm', 'äh', 'hein', 'euh', 'alright', 'uhuh' ],
	...[ '嗯', '嗯嗯', '哦', '噢', '啊', '好', '好的', '对', '是的', '唔' ],
] );

/** Tells whether nothing was said, or nothing but a sound of listening. */
export function isBackchannel( words: string ): boolean {
	const parts = words
		.toLowerCase()
		.replace( /['’-]/g, '' )
		.split( /[^\p{L}\p{N}]+/u )
		.filter( ( part ) => part !== '' );
	return (
		SOUNDS.has( parts.join( '' ) ) ||
		parts.every( ( part ) => SOUNDS.has( part ) )
	);
}
