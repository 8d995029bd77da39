/**
 * Holds every configured provider by its name.
 */
import type { ChatProvider } from './chat.ts';
import { createLazyChat } from './lazy-chat.ts';
import type { ProviderConfig } from './provider-config.ts';

/** How busy a provider is at this moment. */
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
	close(): Promise< void >;
}

/** Makes the providers; nothing is loaded or connected before the first call. `silenceMs` bounds how long one may be silent. */
export function createProviders(
	configs: readonly ProviderConfig[],
	{ silenceMs }: { silenceMs?: number | undefined } = {}
): Providers {
	const chats = new Map< string, ChatProvider >(
		configs.map( ( config ) => [
			config.name,
			createLazyChat( async () => {
				const { createOpenAiChat } = await import( './openai-chat.ts' );
				return createOpenAiChat( config, { silenceMs } );
			} ),
		] )
	);
	return {
		names: [ ...chats.keys() ],
		chat: ( name ) => chats.get( name ),
		load: () => ( { inFlight: 0, waiting: 0 } ),
		async close() {
			await Promise.all(
				[ ...chats.values() ].map( ( chat ) => chat.close() )
			);
		},
	};
}
