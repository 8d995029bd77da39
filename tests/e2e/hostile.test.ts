/**
 * Hostile words from everywhere a word can come from: the owner's pages, the visitor, the model, what a tab remembers.
 */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { assistantPanel } from '../support/e2e/assistant-panel.ts';
import { addMustUsePlugin } from '../support/e2e/must-use.ts';
import { assistantBlock, prose, shopPages } from '../support/e2e/pages.ts';
import { asModel, openStage } from '../support/e2e/stage.ts';
import type { Stage, Visitor } from '../support/e2e/stage.ts';

const QUESTION = 'How long does delivery take?';
const IMAGE = '<img src=x onerror="window.wasHit=1">';
const attributes = {
	name: `"><script>window.wasHit=2</script>`,
	greeting: `${ IMAGE } & "hello" </div><!-`,
	placeholder: `" onfocus="window.wasHit=3" autofocus x="`,
	suggestions: [ `<svg onload="window.wasHit=4">`, `</button>${ IMAGE }` ],
};

/** Sends a strict policy with `?strict`; WordPress's own inline scripts carry the nonce, nothing else inline may run. */
const strictPolicy = `
	if ( isset( $_GET['strict'] ) ) {
		// WordPress's loader for emoji is not made for Trusted Types.
		remove_action( 'wp_head', 'print_emoji_detection_script', 7 );
		$nonce = 'bm9uY2U';
		$mark  = static fn ( $attributes ) => array_merge( $attributes, array( 'nonce' => $nonce ) );
		add_filter( 'wp_inline_script_attributes', $mark );
		add_action( 'send_headers', static function () use ( $nonce ) {
			header( "Content-Security-Policy: default-src 'none'; script-src 'self' 'nonce-$nonce'; connect-src 'self' " . DOCENT_PROXY_URL . "; img-src 'self' data:; font-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'" );
		} );
	}
`;

let stage: Stage;

beforeAll( async () => {
	stage = await openStage( {
		launcher: true,
		pages: [
			...shopPages,
			{
				slug: 'hostile',
				title: 'Hostile',
				content: assistantBlock( attributes ),
			},
			{
				slug: 'pumps',
				type: 'post',
				title: '&lt;img src=x onerror=&quot;window.wasHit=5&quot;&gt; Pumps',
				content: prose(
					'## Foot pumps',
					'A foot pump &lt;script&gt;window.wasHit=6&lt;/script&gt; fills a mattress in two minutes.'
				),
			},
		],
	} );
	await addMustUsePlugin(
		stage.site.wordpress,
		'strict-policy',
		strictPolicy
	);
	await stage.setProxySettings( { cache: { enabled: false } } );
} );
afterEach( async () => {
	stage.provider.reset();
	await stage.leave();
} );
afterAll( () => stage?.close() );

/** Expects that nothing hostile ran and nothing foreign became an element inside the assistant. */
async function expectUnharmed( { page }: Visitor ): Promise< void > {
	const found = await page.evaluate( () => ( {
		wasHit: ( window as unknown as { wasHit?: unknown } ).wasHit,
		elements: [
			...document.querySelectorAll(
				'.docent :is(script, img, iframe, object, embed, style, link, form, [onerror], [onload], [onclick], [onfocus], [autofocus])'
			),
		].map( ( { outerHTML } ) => outerHTML ),
		links: [
			...document.querySelectorAll< HTMLAnchorElement >( '.docent a' ),
		].flatMap( ( { href } ) =>
			new URL( href ).origin === location.origin ? [] : href
		),
	} ) );
	expect( found ).toEqual( { wasHit: undefined, elements: [], links: [] } );
}

describe( 'hostile markup', () => {
	it( 'in the block’s own words shows as text', async () => {
		const visitor = await stage.newVisitor();
		await visitor.page.goto( '/hostile/' );
		const assistant = assistantPanel( visitor.page );
		await assistant.field.focus();
		await assistant.consentCard.waitFor( { state: 'attached' } );
		expect(
			await assistant.root.locator( '.docent-greeting' ).textContent()
		).toBe( attributes.greeting );
		expect(
			await assistant.root.locator( '.docent-name' ).textContent()
		).toBe( attributes.name );
		expect( await assistant.suggestions.allTextContents() ).toEqual(
			attributes.suggestions
		);
		expect( await assistant.field.getAttribute( 'placeholder' ) ).toBe(
			attributes.placeholder
		);
		await expectUnharmed( visitor );
	} );

	it( 'in a page’s title and text shows as text under and in the answer', async () => {
		stage.provider.script( {
			text: asModel(
				'A foot pump <script>window.wasHit=6</script> fills a mattress in two minutes.'
			),
		} );
		const visitor = await stage.newVisitor();
		await visitor.page.goto( '/ask/' );
		const assistant = assistantPanel( visitor.page );
		expect(
			await assistant.askToEnd(
				'How fast does a foot pump fill a mattress?'
			)
		).toContain( '<script>window.wasHit=6</script>' );
		expect( await assistant.turn.sources.allTextContents() ).toEqual( [
			'<img src=x onerror="window.wasHit=5"> Pumps',
		] );
		await expectUnharmed( visitor );
	} );

	it( 'in the question shows as text, also after a reload', async () => {
		const question = `${ QUESTION } ${ IMAGE } **bold** [link](javascript:window.wasHit=7)`;
		const visitor = await stage.newVisitor();
		await visitor.page.goto( '/ask/' );
		const assistant = assistantPanel( visitor.page );
		await assistant.askToEnd( question );
		expect( await assistant.turn.question.textContent() ).toContain(
			question
		);
		await expectUnharmed( visitor );
		await visitor.page.reload();
		await assistant.turn.question.waitFor();
		expect( await assistant.turn.question.textContent() ).toContain(
			question
		);
		await expectUnharmed( visitor );
	} );

	it( 'in the model’s reply never becomes more than text and links of the site, whole or in pieces', async () => {
		const reply = [
			`Here ${ IMAGE } and <a href="javascript:window.wasHit=8">there</a>.`,
			'[run](javascript:window.wasHit=9) [run](JaVaScRiPt:window.wasHit=9) [data](data:text/html,<script>1</script>)',
			'[away](https://elsewhere.example/) ![track](https://elsewhere.example/pixel.png) <https://elsewhere.example/>',
			'[almost](//elsewhere.example/) [user](http://127.0.0.1@elsewhere.example/) [x](\\\\elsewhere.example)',
			'**<svg onload="window.wasHit=10">** `<iframe src="https://elsewhere.example">`',
			'- <script>window.wasHit=11</script>',
			'[the page](/shipping/)',
		].join( '\n\n' );
		stage.provider.script( { text: asModel( reply ), chunkDelayMs: 2 } );
		const visitor = await stage.newVisitor();
		await visitor.page.goto( '/ask/' );
		const assistant = assistantPanel( visitor.page );
		const text = await assistant.askToEnd( QUESTION );
		for ( const shown of [
			IMAGE,
			'<svg onload="window.wasHit=10">',
			'<script>window.wasHit=11</script>',
			'<iframe src="https://elsewhere.example">',
		] ) {
			expect( text ).toContain( shown );
		}
		expect(
			await assistant.turn.answer
				.locator( 'a' )
				.evaluateAll( ( links ) =>
					links.map( ( link ) => ( link as HTMLAnchorElement ).href )
				)
		).toEqual( [ `${ stage.url }/shipping/` ] );
		await expectUnharmed( visitor );
	} );

	it( 'in what the tab remembers is not believed', async () => {
		const visitor = await stage.newVisitor();
		const record = {
			consent: [ 'text', 7, { x: 1 } ],
			token: { token: IMAGE, expiresAtMs: 'never' },
			isOpen: true,
			textSize: 99,
			conversation: {
				id: `../../x`,
				turns: [
					null,
					{ key: 5 },
					{
						key: 'a"]<x>',
						question: IMAGE,
						status: 'done',
						text: `[run](javascript:window.wasHit=12) ${ IMAGE }`,
						lastEventId: 3,
						rating: IMAGE,
						sources: [
							{
								id: 1,
								title: IMAGE,
								url: 'javascript:window.wasHit=13',
							},
							{ id: 2, title: 'Away', url: 'data:text/html,x' },
						],
						notices: [ { code: 'x', message: IMAGE } ],
					},
				],
			},
		};
		await visitor.page.addInitScript( ( value ) => {
			sessionStorage.setItem( 'docent', value );
		}, JSON.stringify( record ) );
		await visitor.page.goto( '/ask/' );
		const assistant = assistantPanel( visitor.page );
		await assistant.field.focus();
		await assistant.consentCard.waitFor( { state: 'attached' } );
		await expectUnharmed( visitor );
		expect( await assistant.turn.sources.count() ).toBe( 0 );
	} );

	it.each( [
		'{',
		'"text"',
		'[]',
		'null',
		'{"conversation":{"turns":"x"}}',
	] )(
		'or nonsense (%s) in what the tab remembers does not keep the assistant from working',
		async ( value ) => {
			const visitor = await stage.newVisitor();
			await visitor.page.addInitScript( ( text ) => {
				sessionStorage.setItem( 'docent', text );
			}, value );
			await visitor.page.goto( '/ask/' );
			expect(
				await assistantPanel( visitor.page ).askToEnd( QUESTION )
			).not.toBe( '' );
		}
	);
} );

describe( 'under a strict content security policy', () => {
	it( 'a question is asked and answered without a violation, in the page and in the launcher', async () => {
		stage.provider.setDefault( {
			text: asModel( 'Two to three days, says [the page](/shipping/).' ),
		} );
		const { page } = await stage.newVisitor();
		await page.addInitScript( () => {
			const violations: string[] = [];
			Object.assign( window, { violations } );
			document.addEventListener( 'securitypolicyviolation', ( event ) => {
				violations.push(
					`${ event.effectiveDirective } ${ event.blockedURI } ${ event.sourceFile }:${ event.lineNumber } ${ event.sample }`
				);
			} );
		} );
		const response = await page.goto( '/ask/?strict' );
		expect( response?.headers()[ 'content-security-policy' ] ).toContain(
			"script-src 'self'"
		);
		await assistantPanel( page ).askToEnd( QUESTION );
		const floating = assistantPanel( page, 'launcher' );
		await floating.open();
		await floating.askToEnd( 'And how much is shipping?' );
		expect(
			await page.evaluate(
				() =>
					( window as unknown as { violations: string[] } ).violations
			)
		).toEqual( [] );
	} );
} );
