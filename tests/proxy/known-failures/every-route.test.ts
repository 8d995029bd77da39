/**
 * Every route that there is, called once by whoever may call it: none reaches a provider past the ledger (T2, T3).
 */
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '../../../proxy/src/app.ts';
import { mintToken, SITE_ID } from '../../support/proxy/credentials.ts';
import { page } from '../../support/proxy/shop.ts';
import { moneyLimits, setStage, spentToday, type Stage } from './stage.ts';

/** A hundredth of a cent: less than the shortest useful answer of the cheapest model. */
const NEXT_TO_NOTHING = 100_000;
const PLENTY = 1_000_000_000;

/** What a route is called with; `:turn` and `:conversation` become those of the first question, `:speech` the address of what was spoken. */
interface Call {
	as: 'visitor' | 'site' | 'operator';
	path?: string;
	body?: object;
	/** What it answers, where that is a refusal. */
	status?: number;
}

const TOKEN = mintToken();

/** Each route of the application with a call of it. A route that is missing here fails the test: say what it may spend. */
const CALLS: Record< string, Call > = {
	'POST /v1/ask': {
		as: 'visitor',
		body: { question: 'What does the Ridgeline 2 tent weigh?' },
	},
	'GET /v1/turns/:id': { as: 'visitor', path: '/v1/turns/:turn' },
	'POST /v1/turns/:id/feedback': {
		as: 'visitor',
		path: '/v1/turns/:turn/feedback',
		body: { rating: 'up' },
	},
	// A beacon has its token in the body.
	'POST /v1/turns/:id/stop': {
		as: 'visitor',
		path: '/v1/turns/:turn/stop',
		body: { token: TOKEN },
	},
	'DELETE /v1/turns/:id': { as: 'visitor', path: '/v1/turns/:turn' },
	'DELETE /v1/conversations/:id': {
		as: 'visitor',
		path: '/v1/conversations/:conversation',
	},
	'POST /v1/listen': { as: 'visitor', body: { documentId: 'post-11' } },
	'POST /v1/listen/:documentId/segments/:index': {
		as: 'visitor',
		path: '/v1/listen/post-11/segments/0',
		body: {},
	},
	// A WebSocket, and no other request, spends here; tests/proxy/voice/live/limits.test.ts holds that against the bill.
	'GET /v1/realtime': { as: 'visitor', status: 426 },
	'GET /v1/speech/:id': { as: 'visitor', path: ':speech' },
	'GET /v1/site/settings': { as: 'site' },
	'PUT /v1/site/settings': {
		as: 'site',
		body: { assistant: { name: 'Ada' } },
	},
	'PUT /v1/site/documents': {
		as: 'site',
		body: { documents: [ page( 41, 'Jobs', 'We look for a tailor.' ) ] },
	},
	'POST /v1/site/documents/manifest': {
		as: 'site',
		body: { documents: [] },
	},
	'DELETE /v1/site/documents/:id': {
		as: 'site',
		path: '/v1/site/documents/post-41',
	},
	// The article is gone by now, so that nothing is spoken behind the test's back.
	'POST /v1/site/speech': { as: 'site', body: { documentId: 'post-41' } },
	'GET /v1/site/answers': { as: 'site' },
	'PUT /v1/site/answers/:id': {
		as: 'site',
		path: '/v1/site/answers/hours',
		body: {
			status: 'pinned',
			question: 'When do you open?',
			text: 'At nine.',
		},
	},
	'DELETE /v1/site/answers/:id': {
		as: 'site',
		path: '/v1/site/answers/hours',
	},
	'GET /v1/site/unanswered': { as: 'site' },
	'GET /v1/site/usage': { as: 'site' },
	'GET /v1/site/calls': { as: 'site' },
	'GET /v1/site/people/:user': { as: 'site', path: '/v1/site/people/7' },
	'DELETE /v1/site/people/:user': { as: 'site', path: '/v1/site/people/7' },
	'GET /v1/site/health': { as: 'site' },
	'GET /metrics': { as: 'operator' },
	'GET /health/live': { as: 'operator' },
	'GET /health/ready': { as: 'operator' },
};

/** What is paid for when every route is called once: two answers, and the sentences of one segment of an article. */
const ANSWERS = 2;
const SENTENCES = 4;

/** Listing its models costs nothing with any provider, and neither does opening a session: what is said in it is on the bill by itself. */
const isFree = ( request: string ) =>
	request === 'GET /v1/models' || request === 'GET /v1/realtime';

let stage: Stage;
afterEach( () => stage.close() );

/** Calls every route and returns what came back as status, by route. */
async function callEverything() {
	const [ begun ] = await stage.proxy.events( 'How much is shipping?', {
		token: TOKEN,
	} );
	const statuses: Record< string, number > = {};
	let speech = `/v1/speech/${ '0'.repeat( 32 ) }`;
	for ( const [ route, { as, path, body } ] of Object.entries( CALLS ) ) {
		const [ method = '', pattern = '' ] = route.split( ' ' );
		const address = ( path ?? pattern )
			.replace( ':turn', begun?.data.turnId )
			.replace( ':conversation', begun?.data.conversationId )
			.replace( ':speech', speech );
		const response =
			as === 'operator'
				? await fetch( stage.proxy.url + address, { method } )
				: await ( as === 'visitor'
						? stage.proxy.visitor( method, address, {
								token: TOKEN,
								body,
							} )
						: stage.proxy.site( method, address, body ) );
		const text = await response.text();
		speech = /"url":"(\/v1\/speech\/\w+)"/.exec( text )?.[ 1 ] ?? speech;
		statuses[ route ] = response.status;
	}
	return statuses;
}

describe( 'every route of the proxy (T3)', () => {
	it( 'is in the list of this file', async () => {
		stage = await setStage();
		const routes = createApp( stage.proxy.services )
			.routes.filter( ( { method } ) => method !== 'ALL' )
			.map( ( { method, path } ) => `${ method } ${ path }` )
			.filter( ( route ) => ! route.startsWith( 'OPTIONS ' ) );
		expect( [ ...new Set( routes ) ].sort() ).toEqual(
			Object.keys( CALLS ).sort()
		);
	} );

	it( 'spends through the ledger or not at all: after all of them, the bill is what the ledger says', async () => {
		stage = await setStage( {
			settings: { limits: moneyLimits( PLENTY ) },
		} );
		const statuses = await callEverything();
		for ( const [ route, status ] of Object.entries( statuses ) ) {
			const { status: refusal } = CALLS[ route ] ?? {};
			expect( [ route, status < 400 || status === refusal ] ).toEqual( [
				route,
				true,
			] );
		}
		const { bill, journal } = stage.provider;
		expect( bill.entries ).toHaveLength( ANSWERS + SENTENCES );
		expect( await spentToday( stage.proxy ) ).toMatchObject( {
			spentNanoUsd: bill.totalNanoUsd,
			heldNanoUsd: 0,
		} );
		const settled = (
			await stage.proxy.services.ledger.entries( SITE_ID, 100 )
		).filter( ( { kind } ) => kind === 'settle' );
		expect( settled ).toHaveLength( bill.entries.length );
		const requests = journal.entries.map(
			( { method, path } ) => `${ method } ${ path }`
		);
		expect( requests.filter( ( request ) => ! isFree( request ) ) ).toEqual(
			Array( ANSWERS ).fill( 'POST /v1/chat/completions' )
		);
	} );
} );

describe( 'a limit of a hundredth of a cent (T2)', () => {
	it.each( [ 'siteDayNanoUsd', 'siteMonthNanoUsd', 'visitorDayNanoUsd' ] )(
		'in %s is in force on every route: nothing is spent, and questions are answered in the words of the site',
		async ( window ) => {
			stage = await setStage( {
				settings: {
					limits: {
						...moneyLimits( PLENTY ),
						[ window ]: NEXT_TO_NOTHING,
					},
				},
			} );
			const statuses = await callEverything();
			expect( statuses[ 'POST /v1/ask' ] ).toBe( 200 );
			const events = await stage.proxy.events(
				'How long can I return unused gear?'
			);
			expect( events.at( -1 )?.data.finishReason ).toBe( 'extractive' );
			expect( stage.provider.bill.totalNanoUsd ).toBe( 0 );
			expect( await spentToday( stage.proxy ) ).toMatchObject( {
				spentNanoUsd: 0,
				heldNanoUsd: 0,
			} );
		}
	);
} );
