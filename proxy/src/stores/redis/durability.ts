/**
 * Looks how well a Redis keeps what it is given, and warns the operator.
 */
import type { Logger } from 'pino';
import type { RedisConnection } from './connection.ts';

/** Says what is wrong with how a server keeps data, from its own report (`INFO`). */
export function durabilityProblems( info: string ): string[] {
	const valueOf = ( name: string ): string | undefined =>
		new RegExp( `^${ name }:(.*?)\\r?$`, 'm' ).exec( info )?.[ 1 ];
	const problems: string[] = [];
	if ( valueOf( 'aof_enabled' ) === '0' ) {
		problems.push(
			'Redis does not write every step to disk: a crash of its machine may lose the last answers, and spending pauses until the proxies have told what they remember. Set appendonly yes.'
		);
	}
	const policy = valueOf( 'maxmemory_policy' );
	if ( policy !== undefined && policy !== 'noeviction' ) {
		problems.push(
			`Redis may throw data away when its memory is full (maxmemory-policy ${ policy }), the ledger included. Set maxmemory-policy noeviction.`
		);
	}
	return problems;
}

/** Looks after every connect, and says each problem once. */
export function watchDurability(
	connection: RedisConnection,
	log: Pick< Logger, 'warn' >
): void {
	const said = new Set< string >();
	const look = async (): Promise< void > => {
		const parts = await Promise.all(
			[ 'persistence', 'memory' ].map( ( section ) =>
				connection.command< string >( [ 'INFO', section ] )
			)
		);
		for ( const problem of durabilityProblems( parts.join( '\n' ) ) ) {
			if ( ! said.has( problem ) ) {
				said.add( problem );
				log.warn( problem );
			}
		}
	};
	// A server that does not tell (some hosted ones) is not asked again before the next connect.
	const lookQuietly = () => void look().catch( () => undefined );
	connection.onChange( ( { kind } ) => {
		if ( kind === 'ready' ) {
			lookQuietly();
		}
	} );
	if ( connection.state.kind === 'ready' ) {
		lookQuietly();
	}
}
