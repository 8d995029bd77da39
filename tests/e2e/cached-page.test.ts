/**
 * One page for everybody: a page cache may keep it, and visitors of the same bytes stay apart.
 */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { assistantPanel } from '../support/e2e/assistant-panel.ts';
import { addMustUsePlugin } from '../support/e2e/must-use.ts';
import { assistantBlock, shopPages } from '../support/e2e/pages.ts';
import { asModel, openStage } from '../support/e2e/stage.ts';
import type { Stage, Visitor } from '../support/e2e/stage.ts';

/** Keeps pages as a page cache does: whole, for everybody, found again before WordPress is asked. */
const pageCache = `
	$kept = WP_CONTENT_DIR . '/kept-' . md5( $_SERVER['REQUEST_URI'] ) . '.html';
	if ( '/cached/' === strtok( $_SERVER['REQUEST_URI'], '?' ) && 'GET' === $_SERVER['REQUEST_METHOD'] ) {
		if ( is_file( $kept ) ) {
			header( 'Content-Type: text/html; charset=UTF-8' );
			header( 'X-Cache: hit' );
			readfile( $kept );
			exit;
		}
		ob_start( static function ( $html ) use ( $kept ) {
			file_put_contents( $kept, $html );
			return $html;
		} );
	}
`;

let stage: Stage;

beforeAll( async () => {
	stage = await openStage( {
		launcher: true,
		pages: [
			...shopPages,
			{ slug: 'cached', title: 'Cached', content: assistantBlock() },
		],
	} );
	await addMustUsePlugin( stage.site.wordpress, 'page-cache', pageCache );
	await getAsGuest( '/cached/' );
} );
afterEach( async () => {
	stage.provider.reset();
	await stage.leave();
} );
afterAll( () => stage?.close() );

/** Gets a page as a guest of whom WordPress knows nothing. */
async function getAsGuest(
	path: string,
	headers: Record< string, string > = {}
): Promise< { html: string; response: Response } > {
	const response = await fetch( stage.url + path, { headers } );
	return { html: await response.text(), response };
}

describe( 'the page with the assistant', () => {
	it( 'has the same bytes for every guest, and sets no cookie', async () => {
		const first = await getAsGuest( '/ask/', {
			'user-agent': 'Mozilla/5.0 (Macintosh)',
			'accept-language': 'fr',
		} );
		const second = await getAsGuest( '/ask/', {
			'user-agent': 'Mozilla/5.0 (Linux; Android 16)',
			'accept-language': 'zh-CN',
			'x-forwarded-for': '203.0.113.9',
		} );
		expect( first.response.status ).toBe( 200 );
		expect( first.html ).toContain( 'data-docent="panel"' );
		expect( first.html ).toContain( 'data-docent="launcher"' );
		expect( second.html ).toBe( first.html );
		expect( first.response.headers.getSetCookie() ).toEqual( [] );
		expect( second.response.headers.getSetCookie() ).toEqual( [] );
	} );

	it( 'carries no secret, token, nonce or visitor', async () => {
		const { html } = await getAsGuest( '/ask/' );
		const { secret, siteId } = stage.site.wordpress;
		expect( html ).not.toContain( secret );
		expect( html ).not.toContain( siteId );
		expect( html ).not.toMatch( /nonce/i );
		// The beginning of every JSON Web Token.
		expect( html ).not.toMatch( /\beyJ/ );
		expect( html ).not.toContain( 'test-key' );
	} );

	it( 'brings no inline script of Docent’s that could run', async () => {
		const { html } = await getAsGuest( '/ask/' );
		const scripts = [
			...html.matchAll( /<script\b([^>]*)>([\s\S]*?)<\/script>/g ),
		].filter( ( [ , , body ] ) => /docent/i.test( body ?? '' ) );
		expect( scripts.length ).toBeGreaterThan( 0 );
		for ( const [ , attributes ] of scripts ) {
			expect( attributes ).toMatch(
				/type="(application\/json|importmap|speculationrules)"/
			);
		}
		const own = /<div[^>]+class="[^"]*\bdocent\b[\s\S]*?<\/section>/.exec(
			html
		)?.[ 0 ];
		expect( own ).toContain( 'data-docent="composer"' );
		expect( own ).not.toMatch( /<script|\son[a-z]+=|javascript:/i );
	} );
} );

describe( 'two guests on the same cached page', () => {
	async function openCached(): Promise< Visitor > {
		const visitor = await stage.newVisitor();
		const response = await visitor.page.goto( '/cached/' );
		expect( response?.headers()[ 'x-cache' ] ).toBe( 'hit' );
		return visitor;
	}

	const remembered = ( { page }: Visitor ) =>
		page.evaluate( () => {
			const record = JSON.parse(
				sessionStorage.getItem( 'docent' ) ?? '{}'
			);
			return {
				token: record.token.token as string,
				conversationId: record.conversation.id as string,
				turnId: record.conversation.turns[ 0 ].turnId as string,
			};
		} );

	it( 'each have a conversation of their own', async () => {
		stage.provider.script(
			{ text: asModel( 'Two to three working days.' ) },
			{ text: asModel( 'Within 60 days.' ) }
		);
		const [ ada, ben ] = [ await openCached(), await openCached() ];
		expect(
			await assistantPanel( ada.page ).askToEnd(
				'How long does delivery take?'
			)
		).toBe( 'Two to three working days.' );
		expect( await assistantPanel( ben.page ).turns.count() ).toBe( 0 );
		expect(
			await assistantPanel( ben.page ).askToEnd(
				'Can I return unused gear?'
			)
		).toBe( 'Within 60 days.' );
		await ada.page.reload();
		await assistantPanel( ada.page ).sees( 'Two to three working days.' );
		expect( await assistantPanel( ada.page ).turns.count() ).toBe( 1 );

		const [ a, b ] = [ await remembered( ada ), await remembered( ben ) ];
		const visitorOf = ( token: string ) =>
			JSON.parse(
				Buffer.from( token.split( '.' )[ 1 ]!, 'base64url' ).toString()
			).sub;
		expect( visitorOf( a.token ) ).toMatch( /^[0-9a-f]{32}$/ );
		expect( visitorOf( a.token ) ).not.toBe( visitorOf( b.token ) );
		expect( await ada.context.cookies() ).toEqual( [] );
		expect( await ben.context.cookies() ).toEqual( [] );
	} );

	it( 'cannot read, continue, stop, rate or delete each other’s', async () => {
		const [ ada, ben ] = [ await openCached(), await openCached() ];
		await assistantPanel( ada.page ).askToEnd(
			'How long does delivery take?'
		);
		await assistantPanel( ben.page ).askToEnd(
			'Is the shop open on Sundays?'
		);
		const [ a, b ] = [ await remembered( ada ), await remembered( ben ) ];

		// From Ben's own page, with Ben's own token.
		const statuses = await ben.page.evaluate(
			async ( { proxyUrl, token, conversationId, turnId } ) => {
				const call = async (
					method: string,
					path: string,
					body?: object
				) => {
					const response = await fetch( proxyUrl + path, {
						method,
						headers: {
							authorization: `Bearer ${ token }`,
							...( body && {
								'content-type': 'application/json',
							} ),
						},
						...( body && { body: JSON.stringify( body ) } ),
					} );
					await response.text();
					return response.status;
				};
				return {
					read: await call( 'GET', `/v1/turns/${ turnId }` ),
					continue: await call( 'POST', '/v1/ask', {
						question: 'What did I ask before?',
						conversationId,
					} ),
					rate: await call(
						'POST',
						`/v1/turns/${ turnId }/feedback`,
						{ rating: 'down' }
					),
					stop: await call( 'DELETE', `/v1/turns/${ turnId }` ),
					delete: await call(
						'DELETE',
						`/v1/conversations/${ conversationId }`
					),
				};
			},
			{
				proxyUrl: stage.site.proxy.url,
				token: b.token,
				conversationId: a.conversationId,
				turnId: a.turnId,
			}
		);
		expect( statuses ).toEqual( {
			read: 404,
			continue: 404,
			rate: 404,
			stop: 404,
			delete: 404,
		} );
		const own = await fetch(
			`${ stage.site.proxy.url }/v1/turns/${ a.turnId }`,
			{
				headers: {
					authorization: `Bearer ${ a.token }`,
					origin: stage.url,
				},
			}
		);
		expect( own.status ).toBe( 200 );
		expect( await own.text() ).toContain( 'event: done' );
	} );
} );
