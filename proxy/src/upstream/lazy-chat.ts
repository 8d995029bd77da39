/**
 * Loads a provider at the first question: its connections take memory that an idle proxy does not need.
 */
import type { ChatPiece, ChatProvider, ChatRequest } from './chat.ts';

/** Makes a provider that `load` replaces as soon as it is needed. */
export function createLazyChat(
	load: () => Promise< ChatProvider >
): ChatProvider {
	let loaded: ChatProvider | undefined;
	let loading: Promise< ChatProvider > | undefined;
	const provider = async () => {
		loading ??= load();
		loaded = await loading;
		return loaded;
	};
	async function* firstStream(
		request: ChatRequest
	): AsyncGenerator< ChatPiece[] > {
		yield* ( await provider() ).stream( request );
	}
	return {
		stream: ( request ) =>
			loaded ? loaded.stream( request ) : firstStream( request ),
		decide: async ( request ) => ( await provider() ).decide( request ),
		listModels: async ( signal ) =>
			( await provider() ).listModels( signal ),
		close: async () => {
			await ( await loading )?.close();
		},
	};
}
