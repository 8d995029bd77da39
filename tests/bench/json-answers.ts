/**
 * Measures answers sent whole as JSON: the proxy's full pipeline beside Portkey's gateway, which passes one JSON body through. The proxy reads
 * the provider's stream of 20 chunks even so, because a visitor may leave at any of them.
 */
import { mintToken, SITE_ORIGIN } from '../support/proxy/credentials.ts';
import type { Contestant } from './contestant.ts';
import type { Docent } from './docent.ts';
import type { Figure } from './figures.ts';
import { questionAt } from './knowledge.ts';
import { type LoadResult, median, runLoad } from './load.ts';
import { requestBytes } from './raw-connection.ts';

const CONNECTIONS = 64;

/** Answers a second, as a multiple of Portkey's. */
const TIMES_PORTKEY = 5;

/** Far from the questions of the other measurements, which share the answer cache. */
let asked = 1_000_000;

/** Measures both in turns, `runs` times. */
export async function measureJsonAnswers(
	docent: Docent,
	portkey: Contestant,
	options: {
		runs: number;
		warmupMs: number;
		measureMs: number;
		upstreamOrigin: string;
	}
): Promise< Figure[] > {
	const contestants = {
		docent: asJson( docent, docentDialogue, '"cache":"miss"' ),
		portkey: asJson(
			portkey,
			() => portkeyDialogue( options.upstreamOrigin ),
			'"chat.completion"'
		),
	};
	const results: Record< 'docent' | 'portkey', LoadResult[] > = {
		docent: [],
		portkey: [],
	};
	for ( let run = 0; run < options.runs; run++ ) {
		for ( const name of [ 'portkey', 'docent' ] as const ) {
			results[ name ].push(
				await runLoad( contestants[ name ], {
					connections: CONNECTIONS,
					warmupMs: options.warmupMs,
					measureMs: options.measureMs,
				} )
			);
		}
	}
	const ratios = results.docent.map(
		( { streamsPerSecond }, run ) =>
			streamsPerSecond /
			( results.portkey[ run ]?.streamsPerSecond ?? NaN )
	);
	return [
		describe( 'docent', 'Docent, full pipeline', results.docent ),
		describe( 'portkey', 'Portkey gateway 1.15.2', results.portkey ),
		{
			id: 'json.ratio',
			title: 'answers as JSON, Docent beside Portkey',
			value: median( ratios ),
			unit: '×',
			runs: ratios,
			target: { kind: 'at least', value: TIMES_PORTKEY },
		},
	];
}

function describe( id: string, title: string, runs: LoadResult[] ): Figure {
	const failed = runs.reduce( ( sum, run ) => sum + run.failed, 0 );
	const fault = runs.find( ( { firstFault } ) => firstFault )?.firstFault;
	return {
		id: `json.${ id }`,
		title: `answers as JSON: ${ title }`,
		value: median( runs.map( ( run ) => run.streamsPerSecond ) ),
		unit: '/s',
		runs: runs.map( ( run ) => run.streamsPerSecond ),
		note: `${ median( runs.flatMap( ( run ) => run.cpuMsPerStream ?? [] ) ).toFixed( 3 ) } ms CPU each, p50 ${ median( runs.map( ( run ) => run.p50Ms ) ).toFixed( 1 ) } ms; ${ failed } failed ${ fault?.slice( 0, 120 ) ?? '' }`,
	};
}

function asJson(
	server: Contestant,
	startDialogue: Contestant[ 'startDialogue' ],
	mark: string
): Contestant {
	return {
		...server,
		startDialogue,
		faultOf: ( reply ) =>
			reply.includes( mark ) ? undefined : 'not a whole answer',
	};
}

function docentDialogue() {
	const token = mintToken( {
		exp: Math.floor( Date.now() / 1_000 ) + 3_600,
	} );
	return () =>
		requestBytes( {
			method: 'POST',
			path: '/v1/ask',
			headers: {
				authorization: `Bearer ${ token }`,
				origin: SITE_ORIGIN,
				accept: 'application/json',
			},
			body: { question: questionAt( ++asked ) },
		} );
}

function portkeyDialogue( origin: string ) {
	return () =>
		requestBytes( {
			method: 'POST',
			path: '/v1/chat/completions',
			headers: {
				authorization: 'Bearer sk-bench',
				'x-portkey-provider': 'openai',
				'x-portkey-custom-host': `${ origin }/v1`,
			},
			body: {
				model: 'gpt-6-luna',
				messages: [ { role: 'user', content: questionAt( ++asked ) } ],
			},
		} );
}
