/**
 * Makes providers the way the proxy does, from a real providers file, and asks them one question.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../../proxy/src/config.ts';
import { loadCatalog, type Model } from '../../../proxy/src/models/catalog.ts';
import type { Usage } from '../../../proxy/src/ledger/usage.ts';
import type {
	ChatProvider,
	ChatRequest,
	FinishReason,
} from '../../../proxy/src/upstream/chat.ts';
import {
	createProviders,
	type Providers,
} from '../../../proxy/src/upstream/providers.ts';
import { UpstreamError } from '../../../proxy/src/upstream/upstream-error.ts';

/** A site, without which no configuration is complete. */
export const SITE_ENV = {
	DOCENT_SITE_ID: 'shop',
	DOCENT_SITE_SECRET: 'a'.repeat( 40 ),
	DOCENT_SITE_ORIGINS: 'https://shop.example',
};

/** The key of every provider in a file of {@link configure}. */
export const KEY = 'sk-live-0123456789abcdef';

/** Reads a providers file with these entries; an entry without `keyVariable` gets one that holds {@link KEY}. */
export function configure(
	entries: Record< string, object >,
	env: Record< string, string > = {}
) {
	const folder = mkdtempSync( join( tmpdir(), 'docent-providers-' ) );
	const path = join( folder, 'providers.json' );
	const providers = Object.fromEntries(
		Object.entries( entries ).map( ( [ name, entry ] ) => [
			name,
			{ keyVariable: 'TEST_KEY', ...entry },
		] )
	);
	writeFileSync( path, JSON.stringify( { providers } ) );
	try {
		return readConfig( {
			...SITE_ENV,
			TEST_KEY: KEY,
			...env,
			DOCENT_PROVIDERS_FILE: path,
		} ).providers;
	} finally {
		rmSync( folder, { recursive: true } );
	}
}

/** Makes providers from such a file. */
export function providersOf(
	entries: Record< string, object >,
	options: Parameters< typeof createProviders >[ 1 ] = {}
): Providers {
	return createProviders( configure( entries ), options );
}

/** Makes a model with the features of the shipped one, under another name. */
export function modelNamed(
	upstreamId: string,
	more: Partial< Model > = {}
): Model {
	const [ shipped ] = loadCatalog( undefined ).targets( 'economy' );
	if ( ! shipped ) {
		throw new Error( 'The shipped catalog has no economy tier.' );
	}
	return { ...shipped, id: upstreamId, upstreamId, ...more };
}

/** What came of one call. */
export interface Outcome {
	text: string;
	thoughtBytes: number;
	usage: Usage | undefined;
	finishReason: FinishReason | undefined;
	error: UpstreamError | undefined;
	queueMs: number | undefined;
}

/** Asks and reads the whole answer. */
export async function ask(
	chat: ChatProvider | undefined,
	more: Partial< ChatRequest > = {}
): Promise< Outcome > {
	const outcome: Outcome = {
		text: '',
		thoughtBytes: 0,
		usage: undefined,
		finishReason: undefined,
		error: undefined,
		queueMs: undefined,
	};
	if ( ! chat ) {
		throw new Error( 'There is no such provider.' );
	}
	try {
		const stream = chat.stream( {
			model: modelNamed( 'gpt-6-luna' ),
			messages: [
				{ role: 'system', content: 'Answer in one sentence.' },
				{ role: 'user', content: 'How long may I return a tent?' },
			],
			maxOutputTokens: 200,
			promptCacheKey: 'shop',
			priority: 'visitor',
			onStart: ( queueMs ) => ( outcome.queueMs = queueMs ),
			signal: new AbortController().signal,
			...more,
		} );
		for await ( const pieces of stream ) {
			for ( const piece of pieces ) {
				if ( piece.kind === 'text' ) {
					outcome.text += piece.delta;
				} else if ( piece.kind === 'thought' ) {
					outcome.thoughtBytes += piece.bytes;
				} else if ( piece.kind === 'usage' ) {
					outcome.usage = piece.usage;
				} else {
					outcome.finishReason = piece.finishReason;
				}
			}
		}
	} catch ( error ) {
		if ( ! ( error instanceof UpstreamError ) ) {
			throw error;
		}
		outcome.error = error;
	}
	return outcome;
}
