/**
 * Says how a provider that is not OpenAI differs on the wire, so that the simulated provider can speak like it.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Refusal, WireUsage } from './behaviour.ts';

/** Which part of a stream a chunk is. */
export type ChunkPart =
	'role' | 'thought' | 'content' | 'refusal' | 'finish' | 'usage';

/** A chunk as OpenAI sends it, before a dialect changes it. */
export interface PlainChunk {
	choices: Array< {
		index: number;
		delta: Record< string, unknown >;
		finish_reason: string | null;
		[ name: string ]: unknown;
	} >;
	usage?: WireUsage | null;
	[ name: string ]: unknown;
}

/** One way to speak. Everything that is left out is as with OpenAI. */
export interface Dialect {
	/** What comes before `/chat/completions` and `/models`. */
	basePath: string;
	/** Fields of a request that are taken; any other is refused, as far as the provider does refuse. */
	takes?: readonly string[];
	/** Fields that are taken and have no effect. */
	ignores?: readonly string[];
	/** Whether the request carries a key in the right place. */
	hasKey?( headers: IncomingHttpHeaders ): boolean;
	/** The path of the chat route below the base, and what the model is then called. */
	chatPath?: RegExp;
	/** Headers of every reply besides the usual ones; a value of `null` takes a usual one away. */
	headers?: Record< string, string | null >;
	/** The body of a refusal. */
	errorBody?( refusal: Refusal ): unknown;
	/** A refusal of the dialect's own for a request, for example of an unknown role. */
	refuses?( body: Record< string, unknown > ): Refusal | undefined;
	/** Text before the first chunk: comments, or frames of its own. */
	preamble?: string;
	/** Shapes a chunk, or splits or swallows it. `usage` is what the whole stream will report. */
	shape?(
		part: ChunkPart,
		chunk: PlainChunk,
		usage: WireUsage | null
	): object[];
	/** The list of models. */
	models?( ids: string[] ): unknown;
	/** A route that answers only with a valid key; the list of models then answers everybody. */
	keyPath?: string;
}

/** Returns the refusal of a field that a dialect does not take. */
export function refuseUnknownFields(
	{ takes, ignores = [] }: Dialect,
	body: Record< string, unknown >
): Refusal | undefined {
	const unknown = takes
		? Object.keys( body ).find(
				( name ) =>
					! takes.includes( name ) && ! ignores.includes( name )
			)
		: undefined;
	return unknown === undefined
		? undefined
		: {
				kind: 'refusal',
				status: 400,
				error: {
					message: `Unrecognized request argument supplied: ${ unknown }`,
					type: 'invalid_request_error',
					code: 'unknown_parameter',
					param: unknown,
				},
			};
}
