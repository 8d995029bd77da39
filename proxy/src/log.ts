/**
 * Makes the structured log on standard output. Secrets never reach it: nothing logs headers, bodies or keys.
 */
import { pino, type Logger } from 'pino';

/** Makes the log; `level` is one of pino's, or `silent`. */
export function createLog( level: string ): Logger {
	return pino( { level, base: { service: 'docent-proxy' } } );
}
