/**
 * Checks that the form of the models says what the proxy does, and sends only what a person changed.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
	answeringTiers,
	isRepeated,
	MAX_RULES,
	RELATIVE_PRICE,
	reversed,
	routingForm,
	routingPatch,
	standIn,
	TIERS,
	USUAL_ROUTING,
	withTier,
	type RoutingForm,
} from '../../../../blocks/admin/models/routing-form.ts';
import type { Routing } from '../../../../blocks/admin/types.ts';
import { route } from '../../../../proxy/src/models/router.ts';
import {
	DEFAULT_SETTINGS,
	settingsPatchSchema,
} from '../../../../proxy/src/settings.ts';

const SAVED: Routing = {
	...USUAL_ROUTING,
	rules: [
		{ containing: [ 'refund', '1,000 litres' ], tier: 'standard' },
		{ containing: [ '退款' ], tier: 'premium' },
	],
	languageTiers: { zh: 'standard' },
};

const changed = ( changes: Partial< RoutingForm > ) =>
	routingPatch( { ...routingForm( SAVED ), ...changes }, SAVED );

describe( 'what the page calls usual', () => {
	it( 'is what holds at the proxy until an owner says otherwise', () => {
		expect( USUAL_ROUTING ).toEqual( DEFAULT_SETTINGS.routing );
	} );

	it( 'is what the models cost that come with the proxy', () => {
		const { models, tiers } = JSON.parse(
			readFileSync(
				new URL(
					'../../../../proxy/src/models/catalog.json',
					import.meta.url
				),
				'utf8'
			)
		);
		const price = ( tier: string ) =>
			models[ tiers[ tier ][ 0 ] ].usdPerMillion;
		for ( const tier of TIERS ) {
			for ( const kind of [ 'textIn', 'textOut' ] ) {
				expect(
					price( tier )[ kind ] / price( 'economy' )[ kind ]
				).toBeCloseTo( RELATIVE_PRICE[ tier ] );
			}
		}
	} );
} );

describe( 'routingPatch', () => {
	it( 'sends nothing when nothing was changed', () => {
		expect( changed( {} ) ).toEqual( {} );
	} );

	it( 'sends what was changed, in a shape the proxy takes, and can take it back', () => {
		const patch = changed( {
			tiers: withTier( SAVED.tiers, 'premium', false ),
			maxTier: 'standard',
			passUp: false,
			rules: [ { words: 'tent, 帐篷', tier: 'premium' } ],
			languages: [],
			decisionModel: true,
			decisionMaxUsd: '0.0005',
		} );
		expect( patch ).toEqual( {
			tiers: [ 'economy', 'standard' ],
			maxTier: 'standard',
			passUp: false,
			rules: [ { containing: [ 'tent', '帐篷' ], tier: 'premium' } ],
			languageTiers: {},
			decisionModel: true,
			decisionMaxNanoUsd: 500_000,
		} );
		expect(
			settingsPatchSchema.safeParse( { routing: patch } ).success
		).toBe( true );
		expect( reversed( patch ?? {}, SAVED ) ).toEqual( SAVED );
	} );

	it( 'takes back no more than was changed', () => {
		expect( reversed( changed( { passUp: false } ) ?? {}, SAVED ) ).toEqual(
			{ passUp: true }
		);
	} );

	it( 'keeps the words of rules that were not touched', () => {
		const { rules } = routingForm( SAVED );
		expect( changed( { rules: rules.slice( 0, 1 ) } ) ).toEqual( {
			rules: SAVED.rules.slice( 0, 1 ),
		} );
	} );

	it.each< [ string, Partial< RoutingForm > ] >( [
		[
			'a rule without words',
			{ rules: [ { words: ' ', tier: 'economy' } ] },
		],
		[
			'a language that was not chosen',
			{ languages: [ { language: '', tier: 'economy' } ] },
		],
		[
			'a language twice',
			{
				languages: [
					{ language: 'de', tier: 'economy' },
					{ language: 'de', tier: 'premium' },
				],
			},
		],
		[
			'a price that is none',
			{ decisionModel: true, decisionMaxUsd: 'little' },
		],
	] )( 'refuses %s', ( _, changes ) => {
		expect( changed( changes ) ).toBeUndefined();
	} );

	it( 'does not mind a price that is not on the screen', () => {
		expect( changed( { decisionMaxUsd: 'little' } ) ).toEqual( {} );
	} );

	it( 'offers no more rules than the proxy takes', () => {
		const rules = Array.from( { length: MAX_RULES + 1 }, ( _, n ) => ( {
			containing: [ String( n ) ],
			tier: 'economy',
		} ) );
		const isTaken = ( count: number ) =>
			settingsPatchSchema.safeParse( {
				routing: { rules: rules.slice( 0, count ) },
			} ).success;
		expect( [ isTaken( MAX_RULES ), isTaken( MAX_RULES + 1 ) ] ).toEqual( [
			true,
			false,
		] );
	} );
} );

describe( 'what the page says of the classes', () => {
	it( 'is what the proxy does, whatever is on', () => {
		const sets = [
			[ 'economy' ],
			[ 'economy', 'standard' ],
			[ 'economy', 'premium' ],
			[ 'economy', 'standard', 'premium' ],
			[ 'premium' ],
		] as Array< Routing[ 'tiers' ] >;
		for ( const tiers of sets ) {
			for ( const maxTier of TIERS ) {
				for ( const ownerTier of TIERS ) {
					const routed = route(
						{ signs: [], spentShare: 0, ownerTier } as never,
						{ tiers, maxTier, languageTiers: {} },
						{ softShare: 0.8, canServe: () => true }
					);
					expect(
						standIn(
							ownerTier,
							answeringTiers( { tiers, maxTier } )
						)
					).toBe( routed?.tier );
				}
			}
		}
	} );

	it( 'notices a language that was chosen in an earlier row', () => {
		const rows = [
			{ language: 'de', tier: 'economy' as const },
			{ language: 'zh', tier: 'economy' as const },
			{ language: 'de', tier: 'premium' as const },
		];
		expect( rows.map( ( _, index ) => isRepeated( rows, index ) ) ).toEqual(
			[ false, false, true ]
		);
	} );
} );
