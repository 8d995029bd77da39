/**
 * Recognises questions that carry somebody's own data, which must not be kept for others.
 */

const EMAIL = /[^\s@]+@[^\s@]+\.[^\s@]+/;
/** Phone, order, card and account numbers: six digits or more, with the usual separators. */
const LONG_NUMBER = /\d(?:[\s./-]?\d){5,}/;

/** Tells whether a question holds an e-mail address or a long number. */
export function isPersonal( question: string ): boolean {
	return EMAIL.test( question ) || LONG_NUMBER.test( question );
}
