/**
 * Makes the structured log on standard output. Secrets never reach it: nothing logs headers, bodies or keys.
 */
import { pino, type Logger } from 'pino';

/** Lines wait so long for company before they are written, in milliseconds; a line that is written alone costs more than making it. */
const FLUSH_EVERY_MS = 200;

/** Makes the log; `level` is one of pino's, or `silent`. */
export function createLog( level: string ): Logger {
	return pino(
		{ level, base: { service: 'docent-proxy' } },
		pino.destination( {
			sync: false,
			minLength: 4_096,
			periodicFlush: FLUSH_EVERY_MS,
		} )
	);
}
