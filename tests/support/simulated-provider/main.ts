/**
 * Runs the simulated provider as a process of its own and prints one line of JSON when it is ready.
 *
 * `--port N` (default: any), `--chunks N` prebuilt streams for load runs, or with `--chunk-delay-ms N` paced ones that are
 * written down in the journal. `--echo` sends the audio of prebuilt calls straight back; `--tones` lets tones stand for
 * speech; `--pace realtime` (or a number) sends speech that fast.
 */
import { parseArgs } from 'node:util';
import {
	type SimulatedProviderOptions,
	startSimulatedProvider,
} from './index.ts';

const { values } = parseArgs( {
	options: {
		port: { type: 'string', default: '0' },
		chunks: { type: 'string' },
		'chunk-delay-ms': { type: 'string' },
		text: { type: 'string' },
		echo: { type: 'boolean', default: false },
		tones: { type: 'boolean', default: false },
		pace: { type: 'string' },
	},
} );

const chunks =
	values.chunks === undefined ? undefined : Number( values.chunks );
const chunkDelayMs = values[ 'chunk-delay-ms' ];
const options: SimulatedProviderOptions = {
	port: Number( values.port ),
	hasRealSpeech: ! values.tones,
	...( values.pace === undefined
		? {}
		: {
				pace:
					values.pace === 'fast' || values.pace === 'realtime'
						? values.pace
						: Number( values.pace ),
			} ),
};
if ( chunks !== undefined && chunkDelayMs === undefined ) {
	options.fast = { chunks, isEcho: values.echo };
} else {
	options.behaviour = {
		...( chunks === undefined ? {} : { chunks } ),
		...( chunkDelayMs === undefined
			? {}
			: { chunkDelayMs: Number( chunkDelayMs ) } ),
		...( values.text === undefined ? {} : { text: values.text } ),
	};
}

const provider = await startSimulatedProvider( options );
process.stdout.write(
	JSON.stringify( {
		ready: true,
		pid: process.pid,
		port: provider.port,
		baseUrl: provider.baseUrl,
	} ) + '\n'
);
const stop = (): void => {
	void provider.close().then( () => process.exit( 0 ) );
};
process.on( 'SIGTERM', stop );
process.on( 'SIGINT', stop );
