/**
 * Prints progress so that a person can follow it in a terminal and in a log file alike.
 */

const isTerminal = process.stdout.isTTY === true;

/** A failure that the reader can mend: its message says what happened and what to do, so no stack is shown. */
export class UserFacingError extends Error {
	override name = 'UserFacingError';
}

/** Writes one line to stdout. */
export function say( line = '' ): void {
	process.stdout.write( `${ line }\n` );
}

/** Formats a duration in milliseconds for people, for example `3.1 s`. */
export function inSeconds( ms: number ): string {
	return `${ ( ms / 1000 ).toFixed( 1 ) } s`;
}

/**
 * Runs one step of work: names it while it runs, then says how long it took.
 *
 * The work may report details (`120 of 400`): a terminal shows them in place, a log gets one line every five seconds.
 */
export async function step< T >(
	title: string,
	work: ( report: ( detail: string ) => void ) => Promise< T >
): Promise< T > {
	const startedAt = performance.now();
	let lastReportAt = startedAt;
	if ( isTerminal ) {
		process.stdout.write( `… ${ title }` );
	} else {
		say( `… ${ title }` );
	}
	const report = ( detail: string ): void => {
		if ( isTerminal ) {
			process.stdout.write( `\r\x1b[K… ${ title }: ${ detail }` );
		} else if ( performance.now() - lastReportAt > 5000 ) {
			lastReportAt = performance.now();
			say( `  ${ detail }` );
		}
	};
	const back = isTerminal ? '\r\x1b[K' : '';
	try {
		const result = await work( report );
		say(
			`${ back }✓ ${ title } (${ inSeconds(
				performance.now() - startedAt
			) })`
		);
		return result;
	} catch ( error ) {
		say( `${ back }✗ ${ title }` );
		throw error;
	}
}

/** Prints a failure: only the sentence when the reader can mend it, everything otherwise. */
export function sayFailure( error: unknown ): void {
	if ( error instanceof UserFacingError ) {
		process.stderr.write( `\n${ error.message }\n` );
	} else {
		process.stderr.write(
			`\n${
				error instanceof Error
					? ( error.stack ?? error.message )
					: String( error )
			}\n`
		);
	}
}
