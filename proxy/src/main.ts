/**
 * Runs the proxy: reads the configuration, wires the services, serves, and shuts down cleanly on SIGTERM.
 */
import { readConfig } from './config.ts';
import { ConfigError } from './errors.ts';
import { createLog } from './log.ts';
import { releaseMemoryWhenQuiet } from './quiet-memory.ts';
import { serve } from './server.ts';
import { createServices } from './services.ts';

const TIDY_EVERY_MS = 60_000;

async function run(): Promise< void > {
	const config = readConfig( process.env );
	const log = createLog( config.logLevel );
	const services = await createServices( config, log );
	const tidy = () =>
		services.tidy().catch( ( error: unknown ) => {
			log.error( { err: error }, 'tidying up failed; reading goes on' );
		} );
	await tidy();

	const server = await serve( services );
	log.info(
		{
			address: server.address,
			port: server.port,
			sites: config.sites.length,
			mode: services.models ? 'model' : 'extractive',
		},
		'the proxy is ready'
	);
	const tidying = setInterval( tidy, TIDY_EVERY_MS );
	services.shutdowns?.start();
	const resting = releaseMemoryWhenQuiet( {
		countRequests: () => server.requestCount,
		countRunning: () => services.turns.count,
	} );

	let isStopping = false;
	const stop = async () => {
		if ( ! isStopping ) {
			isStopping = true;
			log.info(
				{ turns: services.turns.count },
				'the proxy is stopping'
			);
			clearInterval( tidying );
			resting.stop();
			await server.close();
		}
	};
	process.on( 'SIGTERM', stop );
	process.on( 'SIGINT', stop );
}

/** Says in one sentence why the proxy cannot start, and what to do. */
function explain( error: unknown ): string {
	if ( error instanceof ConfigError ) {
		return error.message;
	}
	const { code, message } = error as NodeJS.ErrnoException;
	if ( code === 'EADDRINUSE' ) {
		return `The proxy cannot start: its port is taken. Set PORT, or DOCENT_OPERATOR_PORT, to another one. (${ message })`;
	}
	return `The proxy cannot start: ${ message }`;
}

/** Runs the proxy until it is told to stop; says why and exits with 1 when it cannot start. */
export async function main(): Promise< void > {
	try {
		await run();
	} catch ( error ) {
		process.stderr.write( `${ explain( error ) }\n` );
		process.exit( 1 );
	}
}
