/**
 * Makes the structured log on standard output. Secrets never reach it: nothing logs headers, bodies or keys.
 */
import { pino, type Logger } from 'pino';

export function createLog( level: string ): Logger {
	return pino( { level, base: { service: 'docent-proxy' } } );
}
