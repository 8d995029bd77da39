/**
 * Logs settled calls that were billed far from their estimate, without being in the way of anything.
 */
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Model } from '../models/catalog.ts';
import type { Clock } from '../types.ts';
import {
	estimateImages,
	findDrift,
	roughTokens,
	type Drift,
	type EstimatedImage,
	type TokenCounter,
} from './estimate.ts';
import type { CountReply, CountRequest } from './estimate-worker.ts';
import type { Usage } from './usage.ts';

type Messages = Parameters< TokenCounter[ 'chat' ] >[ 0 ];

/** A call that was settled with what the provider reported. */
export interface SettledCall {
	model: Pick< Model, 'id' | 'imageTokens' >;
	messages: Messages;
	images?: readonly EstimatedImage[];
	usage: Usage;
}

export interface EstimateCheck {
	/** Resolves to what was logged, or undefined. Never rejects. */
	check( call: SettledCall ): Promise< Drift | undefined >;
	/** Ends the thread, if one runs. */
	close(): Promise< void >;
}

/** A model that is billed otherwise than thought is so at every call; one line in this time says it. */
const QUIET_MS = 60_000;

/**
 * Makes the check. Most calls are found in order by their length alone; what remains is counted by the tokenizer in a thread of its own, for
 * one call of a model in a minute.
 */
export function createEstimateCheck( {
	log,
	clock,
	countTokens = createThreadCounter(),
}: {
	log: Pick< Logger, 'warn' >;
	clock: Clock;
	countTokens?: ThreadCounter;
} ): EstimateCheck {
	const quietUntil = new Map< string, number >();

	const look = async ( {
		model,
		messages,
		images = [],
		usage,
	}: SettledCall ): Promise< Drift | undefined > => {
		const imageTokens = estimateImages( model, images );
		if ( ! findDrift( roughTokens( messages ) + imageTokens, usage ) ) {
			return undefined;
		}
		const now = clock();
		if ( now < ( quietUntil.get( model.id ) ?? 0 ) ) {
			return undefined;
		}
		quietUntil.set( model.id, now + QUIET_MS );
		const drift = findDrift(
			( await countTokens.count( messages ) ) + imageTokens,
			usage
		);
		if ( drift ) {
			log.warn(
				{ model: model.id, ...drift },
				'the provider billed an input far from its estimate'
			);
		}
		return drift;
	};

	return {
		async check( call ) {
			try {
				return await look( call );
			} catch ( error ) {
				log.warn(
					{ model: call.model.id, err: error },
					'the estimate of a call cannot be checked'
				);
				return undefined;
			}
		},
		close: () => countTokens.close(),
	};
}

/** Counts the tokens of messages elsewhere. */
export interface ThreadCounter {
	count( messages: Messages ): Promise< number >;
	close(): Promise< void >;
}

/** So long the thread waits for another call before it ends and gives its memory back. */
const IDLE_MS = 10_000;

/** A running thread and those who wait for it. */
interface Thread {
	worker: Worker;
	waiting: Map<
		number,
		{ resolve( tokens: number ): void; reject( error: Error ): void }
	>;
}

/** Makes the counter; its thread is started when it is needed, and keeps no process alive. */
export function createThreadCounter( idleMs = IDLE_MS ): ThreadCounter {
	let thread: Thread | undefined;
	let idle: NodeJS.Timeout | undefined;
	let lastId = 0;

	const end = async () => {
		clearTimeout( idle );
		const ending = thread;
		thread = undefined;
		await ending?.worker.terminate();
	};
	const start = (): Thread => {
		const worker = new Worker(
			new URL( './estimate-worker.ts', import.meta.url )
		);
		const started: Thread = { worker, waiting: new Map() };
		const fail = ( error: Error ) => {
			if ( thread === started ) {
				thread = undefined;
			}
			for ( const { reject } of started.waiting.values() ) {
				reject( error );
			}
			started.waiting.clear();
		};
		worker.unref();
		worker.on( 'message', ( { id, tokens }: CountReply ) => {
			started.waiting.get( id )?.resolve( tokens );
			started.waiting.delete( id );
			if ( started.waiting.size === 0 && thread === started ) {
				idle = setTimeout( () => void end(), idleMs );
				idle.unref();
			}
		} );
		worker.on( 'error', fail );
		worker.on( 'exit', () =>
			fail( new Error( 'the thread that counts tokens has ended' ) )
		);
		return started;
	};

	return {
		count: ( messages ) =>
			new Promise( ( resolve, reject ) => {
				clearTimeout( idle );
				thread ??= start();
				const id = ++lastId;
				thread.waiting.set( id, { resolve, reject } );
				thread.worker.postMessage( {
					id,
					messages,
				} satisfies CountRequest );
			} ),
		close: end,
	};
}
