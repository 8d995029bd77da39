/**
 * Reads whole numbers that people type.
 */

/** The numbers a field takes. */
export interface NumberRange {
	min: number;
	max: number;
}

/** Reads a whole number; undefined when it is none of the range. */
export function readWhole(
	typed: string,
	{ min, max }: NumberRange
): number | undefined {
	const text = typed.trim();
	const value = /^\d{1,10}$/.test( text ) ? Number( text ) : NaN;
	return value >= min && value <= max ? value : undefined;
}
