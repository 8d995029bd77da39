/**
 * Holds every configured provider by its name, each with its gate.
 */
import type { Logger } from 'pino';
import type { Clock } from '../types.ts';
import type { ChatProvider } from './chat.ts';
import { createFailureLog, type TargetFailure } from './failure-log.ts';
import { createGate } from './gate.ts';
import { createLazyChat } from './lazy-chat.ts';
import type { ProviderConfig } from './provider-config.ts';

/** How busy a provider is at this moment, in this process. */
export interface ProviderLoad {
	/** Calls that were sent and have not ended. */
	inFlight: number;
	/** Calls in our own queue. */
	waiting: number;
}

/** All providers that may be asked. */
export interface Providers {
	/** In the order of the configuration, the default one first. */
	readonly names: string[];
	/** Returns undefined for a name that is not configured. */
	chat( name: string ): ChatProvider | undefined;
	/** Returns how busy a provider is; nothing is, where the name is not configured. */
	load( name: string ): ProviderLoad;
	/** Lists how calls failed within the last day, newest first. */
	failures(): TargetFailure[];
	close(): Promise< void >;
}

/** Makes the providers; nothing is loaded or connected before the first call. `silenceMs` bounds how long one may be silent. */
export function createProviders(
	configs: readonly ProviderConfig[],
	{
		silenceMs,
		clock = Date.now,
		log,
	}: {
		silenceMs?: number | undefined;
		clock?: Clock;
		log?: Pick< Logger, 'warn' > | undefined;
	} = {}
): Providers {
	const failures = createFailureLog( clock );
	const entries = new Map(
		configs.map( ( config ) => {
			const gate = createGate( config );
			const chat = createLazyChat( async () => {
				const { createOpenAiChat } = await import( './openai-chat.ts' );
				return createOpenAiChat( config, {
					gate,
					failures,
					log,
					silenceMs,
				} );
			} );
			return [ config.name, { gate, chat } ];
		} )
	);
	return {
		names: [ ...entries.keys() ],
		chat: ( name ) => entries.get( name )?.chat,
		load( name ) {
			const gate = entries.get( name )?.gate;
			return {
				inFlight: gate?.inFlight ?? 0,
				waiting: gate?.waiting ?? 0,
			};
		},
		failures: () => failures.list(),
		async close() {
			await Promise.all(
				[ ...entries.values() ].map( ( { chat } ) => chat.close() )
			);
		},
	};
}
