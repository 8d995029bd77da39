/**
 * Holds every configured provider by its name, each with its gate.
 */
import type { Logger } from 'pino';
import type { Clock } from '../types.ts';
import type { ChatProvider } from './chat.ts';
import { createFailureLog, type TargetFailure } from './failure-log.ts';
import { createGate } from './gate.ts';
import { createLazyChat } from './lazy-chat.ts';
import { createLazyVoice } from './lazy-voice.ts';
import type { ProviderCalls } from './provider-calls.ts';
import type { ProviderConfig } from './provider-config.ts';
import type { VoiceProvider } from './voice.ts';

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
	/** Returns what hears and speaks with a provider, through the same gate; undefined for a name that is not configured. */
	voice( name: string ): VoiceProvider | undefined;
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
			let loading: Promise< ProviderCalls > | undefined;
			const calls = () =>
				( loading ??= import( './provider-calls.ts' ).then(
					( { createProviderCalls } ) =>
						createProviderCalls( config, {
							gate,
							failures,
							log,
							silenceMs,
						} )
				) );
			const chat = createLazyChat( async () => {
				const { createOpenAiChat } = await import( './openai-chat.ts' );
				return createOpenAiChat( await calls() );
			} );
			const voice = createLazyVoice( async () => {
				const { createOpenAiVoice } =
					await import( './openai-voice.ts' );
				return createOpenAiVoice( await calls() );
			} );
			return [ config.name, { gate, chat, voice } ];
		} )
	);
	return {
		names: [ ...entries.keys() ],
		chat: ( name ) => entries.get( name )?.chat,
		voice: ( name ) => entries.get( name )?.voice,
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
				[ ...entries.values() ].flatMap( ( { chat, voice } ) => [
					chat.close(),
					voice.close(),
				] )
			);
		},
	};
}
