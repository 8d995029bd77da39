/**
 * Starts the proxy for the bench: its own site, knowledge of the demo's size, limits that never bite, and a provider of choice.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { SITE_ENV, siteRequest } from '../proxy/wire/proxy-process.ts';
import { mintToken, SITE_ORIGIN } from '../support/proxy/credentials.ts';
import { page } from '../support/proxy/shop.ts';
import type { Contestant, Dialogue } from './contestant.ts';
import { knowledgePages, questionAt } from './knowledge.ts';
import { SERVER_CORE } from './machine.ts';
import { requestBytes } from './raw-connection.ts';
import { benchDir, startNode, waitForPort } from './servers/processes.ts';

/** Turns of one conversation before its visitor starts over: most questions are asked with a history. */
const TURNS_PER_CONVERSATION = 5;

/** Questions asked so far, of all proxies: some share one answer cache. */
let asked = 0;

/** A proxy under load. */
export interface Docent extends Contestant {
	/** Builds a visitor's request. */
	visitorRequest(
		method: string,
		path: string,
		token: string,
		body?: unknown
	): Buffer;
}

/** Starts the proxy, on the server's core unless told otherwise; `nodeArgs` go to Node, for a profile for example. */
export async function startDocent( options: {
	port: number;
	upstreamOrigin: string;
	nodeArgs?: string[];
	isPinned?: boolean;
	env?: Record< string, string >;
} ): Promise< Docent > {
	const {
		port,
		upstreamOrigin,
		nodeArgs = [],
		isPinned = true,
		env = {},
	} = options;
	const dataDir = `${ benchDir }/data-${ randomBytes( 4 ).toString( 'hex' ) }`;
	mkdirSync( dataDir, { recursive: true } );
	const child = startNode( {
		name: 'docent',
		core: isPinned ? SERVER_CORE : undefined,
		args: [ ...nodeArgs, 'proxy/src/index.ts' ],
		env: {
			...SITE_ENV,
			PORT: `${ port }`,
			DOCENT_DATA_DIR: dataDir,
			OPENAI_API_KEY: 'sk-bench',
			OPENAI_BASE_URL: `${ upstreamOrigin }/v1`,
			...env,
		},
	} );
	child.once( 'exit', () =>
		rmSync( dataDir, { recursive: true, force: true } )
	);
	await waitForPort( child, 'docent', port );

	const baseUrl = `http://127.0.0.1:${ port }`;
	const plenty = 1_000_000_000_000_000;
	await siteRequest( baseUrl, 'PUT', '/v1/site/settings', {
		limits: {
			siteDayNanoUsd: plenty,
			siteMonthNanoUsd: plenty,
			visitorDayNanoUsd: plenty,
		},
		rateLimits: {
			visitorPerMinute: 1_000_000,
			addressPerMinute: 1_000_000,
			sitePerMinute: 10_000_000,
		},
	} );
	await siteRequest( baseUrl, 'PUT', '/v1/site/documents', {
		documents: Object.entries( knowledgePages() ).map(
			( [ title, text ], index ) => page( index + 1, title, text )
		),
	} );

	const visitorRequest: Docent[ 'visitorRequest' ] = (
		method,
		path,
		token,
		body
	) =>
		requestBytes( {
			method,
			path,
			headers: {
				authorization: `Bearer ${ token }`,
				origin: SITE_ORIGIN,
			},
			body,
		} );
	const startDialogue = (): Dialogue => {
		const token = mintToken( {
			exp: Math.floor( Date.now() / 1_000 ) + 3_600,
		} );
		let turns = 0;
		return ( previous ) => {
			const conversationId =
				turns++ % TURNS_PER_CONVERSATION === 0
					? undefined
					: /"conversationId":"(\w+)"/.exec( previous ?? '' )?.[ 1 ];
			return visitorRequest( 'POST', '/v1/ask', token, {
				question: questionAt( ++asked ),
				...( conversationId === undefined ? {} : { conversationId } ),
			} );
		};
	};
	return {
		id: 'docent',
		title: 'Docent, full pipeline',
		port,
		child,
		visitorRequest,
		startDialogue,
		faultOf: docentFault,
		firstWordMark: 'event: text',
	};
}

/** A stream counts only when a model answered it afresh, whole and with its sources. */
function docentFault( reply: string ): string | undefined {
	if (
		! reply.includes( '"finishReason":"stop"' ) ||
		! reply.includes( '"cache":"miss"' )
	) {
		return 'not answered by the model';
	}
	if ( ! reply.includes( 'Word 18 of the answer' ) ) {
		return 'the answer is not complete';
	}
	return reply.includes( 'event: sources' ) ? undefined : 'no sources';
}
