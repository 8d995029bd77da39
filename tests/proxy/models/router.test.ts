import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TIERS, type Tier } from '../../../proxy/src/models/catalog.ts';
import {
	keepFeatures,
	measureLength,
	readFeatures,
	readQuestion,
	type RoutingFeatures,
} from '../../../proxy/src/models/features.ts';
import {
	isEconomyMode,
	route,
	RULES,
	usableTiers,
	type RoutingChoices,
} from '../../../proxy/src/models/router.ts';
import { SIGNS } from '../../../proxy/src/models/signs.ts';
import {
	DEFAULT_SETTINGS,
	settingsPatchSchema,
} from '../../../proxy/src/settings.ts';

const PLAIN: RoutingFeatures = {
	modality: 'text',
	length: 30,
	coverage: 0.8,
	isConfident: true,
	language: 'en',
	isTranslated: false,
	depth: 0,
	leansOnHistory: false,
	signs: [],
	ownerTier: undefined,
	stickyTier: undefined,
	hasThumbsDown: false,
	spentShare: 0,
	decidedTier: undefined,
};

function choose(
	features: Partial< RoutingFeatures >,
	choices: Partial< RoutingChoices > = {},
	canServe: ( tier: Tier ) => boolean = () => true
) {
	return route(
		{ ...PLAIN, ...features },
		{ ...DEFAULT_SETTINGS.routing, ...choices },
		{ softShare: 0.8, canServe }
	);
}

describe( 'a question goes', () => {
	it.each( [
		[ 'to economy when nothing speaks for more', {}, 'economy', 'default' ],
		[
			'where a rule of the owner sends it, before anything else',
			{ ownerTier: 'premium', stickyTier: 'standard', length: 2_000 },
			'premium',
			'owner_rule',
		],
		[
			'down where a rule of the owner sends it',
			{ ownerTier: 'economy', length: 2_000 },
			'economy',
			'owner_rule',
		],
		[
			'where a model that was asked sends it',
			{ decidedTier: 'standard' },
			'standard',
			'decision',
		],
		[
			'where its conversation was raised to',
			{ stickyTier: 'standard' },
			'standard',
			'sticky',
		],
		[
			'up after a thumbs-down',
			{ hasThumbsDown: true },
			'standard',
			'thumbs_down',
		],
		[
			'up when it compares under a condition',
			{ signs: [ 'comparison', 'condition' ] },
			'standard',
			'difficult',
		],
		[
			'up when it compares across languages',
			{ signs: [ 'comparison' ], isTranslated: true },
			'standard',
			'difficult',
		],
		[
			'to the top when everything makes it hard',
			{ signs: [ ...SIGNS ] },
			'premium',
			'difficult',
		],
		[
			'up when it is long',
			{ length: RULES.longLength + 1 },
			'standard',
			'long_question',
		],
		[
			'up when the passages hold little of it',
			{ coverage: 0.35, isConfident: false },
			'standard',
			'low_coverage',
		],
		[
			'up when it leans on a long conversation',
			{ depth: 4, leansOnHistory: true },
			'standard',
			'deep_conversation',
		],
		[
			'to economy late in a conversation when it stands alone',
			{ depth: 4 },
			'economy',
			'default',
		],
		[
			'to economy with one sign of difficulty',
			{ signs: [ 'comparison' ] },
			'economy',
			'default',
		],
		[
			'up front when it is spoken and has one sign',
			{ signs: [ 'comparison' ], modality: 'voice' },
			'standard',
			'difficult',
		],
		[
			'up front in a realtime session',
			{ signs: [ 'reasoning' ], modality: 'realtime' },
			'standard',
			'difficult',
		],
		[
			'to the cheapest tier once the soft limit is passed',
			{ spentShare: 0.81, ownerTier: 'premium' },
			'economy',
			'economy_mode',
		],
	] as Array< [ string, Partial< RoutingFeatures >, Tier, string ] > )(
		'%s',
		( _, features, tier, reason ) => {
			expect( choose( features ) ).toMatchObject( { tier, reason } );
		}
	);

	it( 'to the tier of its language', () => {
		expect(
			choose( { language: 'zh' }, { languageTiers: { zh: 'standard' } } )
		).toMatchObject( { tier: 'standard', reason: 'language' } );
		expect(
			choose( { language: 'de' }, { languageTiers: { zh: 'standard' } } )
		).toMatchObject( { tier: 'economy' } );
	} );

	it( 'no higher than the owner allows', () => {
		expect(
			choose( { ownerTier: 'premium' }, { maxTier: 'standard' } )
		).toMatchObject( { tier: 'standard', reason: 'owner_rule' } );
	} );

	it( 'past a tier that is off', () => {
		expect(
			choose(
				{ hasThumbsDown: true },
				{ tiers: [ 'economy', 'premium' ] }
			)
		).toMatchObject( { tier: 'economy' } );
		expect(
			choose( {}, { tiers: [ 'standard', 'premium' ] } )
		).toMatchObject( { tier: 'standard', reason: 'modality' } );
	} );

	it( 'to the first tier that takes its picture', () => {
		expect(
			choose( { modality: 'image' }, {}, ( tier ) => tier === 'standard' )
		).toMatchObject( { tier: 'standard', reason: 'modality' } );
	} );

	it( 'nowhere when no tier is left', () => {
		expect( choose( {}, {}, () => false ) ).toBeUndefined();
		expect(
			choose( {}, { tiers: [ 'premium' ], maxTier: 'economy' } )
		).toBeUndefined();
	} );
} );

describe( 'economy mode', () => {
	it( 'T12: begins above the soft share and not a cent earlier', () => {
		// The reported failure: a rule for "most of the budget used" fired at $0.40 of $15.
		expect( isEconomyMode( 0.4 / 15, 0.8 ) ).toBe( false );
		expect( isEconomyMode( 12 / 15, 0.8 ) ).toBe( false );
		expect( isEconomyMode( 12.000000001 / 15, 0.8 ) ).toBe( true );
		expect( choose( { spentShare: 0.8 } ) ).toMatchObject( {
			reason: 'default',
		} );
	} );

	it( 'never begins with a soft share of one before the limit itself is passed', () => {
		expect( isEconomyMode( 1, 1 ) ).toBe( false );
	} );
} );

describe( 'the rules are in doubt', () => {
	it( 'when there is a sign of difficulty and not enough of them', () => {
		expect( choose( { signs: [ 'comparison' ] } )?.isInDoubt ).toBe( true );
		expect( choose( {} )?.isInDoubt ).toBe( false );
		expect(
			choose( { ownerTier: 'economy', signs: [ 'comparison' ] } )
				?.isInDoubt
		).toBe( false );
		expect(
			choose( { signs: [ 'comparison' ] }, { maxTier: 'economy' } )
				?.isInDoubt
		).toBe( false );
	} );
} );

const features = fc.record( {
	modality: fc.constantFrom( 'text', 'image', 'voice', 'realtime' ),
	length: fc.nat( 5_000 ),
	coverage: fc.double( { min: 0, max: 1, noNaN: true } ),
	isConfident: fc.boolean(),
	language: fc.constantFrom( 'en', 'de', 'zh', '' ),
	isTranslated: fc.boolean(),
	depth: fc.nat( 10 ),
	leansOnHistory: fc.boolean(),
	signs: fc.subarray( [ ...SIGNS ] ),
	ownerTier: fc.option( fc.constantFrom( ...TIERS ), { nil: undefined } ),
	stickyTier: fc.option( fc.constantFrom( ...TIERS ), { nil: undefined } ),
	hasThumbsDown: fc.boolean(),
	spentShare: fc.double( { min: 0, max: 2, noNaN: true } ),
	decidedTier: fc.option( fc.constantFrom( ...TIERS ), { nil: undefined } ),
} ) as fc.Arbitrary< RoutingFeatures >;
const choices = fc.record( {
	tiers: fc.subarray( [ ...TIERS ], { minLength: 1 } ),
	maxTier: fc.constantFrom( ...TIERS ),
	languageTiers: fc.constantFrom( {}, { zh: 'premium' as const } ),
} );

describe( 'whatever is asked', () => {
	it( 'the tier is one that the owner allows and that has a model, or there is none such', () => {
		fc.assert(
			fc.property(
				features,
				choices,
				fc.subarray( [ ...TIERS ] ),
				( some, chosen, served ) => {
					const allowed = usableTiers( chosen ).filter( ( tier ) =>
						served.includes( tier )
					);
					const result = route( some, chosen, {
						softShare: 0.8,
						canServe: ( tier ) => served.includes( tier ),
					} );
					if ( allowed.length === 0 ) {
						expect( result ).toBeUndefined();
					} else {
						expect( allowed ).toContain( result?.tier );
					}
					if ( result && some.spentShare > 0.8 ) {
						expect( result ).toMatchObject( {
							tier: allowed[ 0 ],
							reason: 'economy_mode',
						} );
					}
				}
			)
		);
	} );

	it( 'the features that are kept route it again to the same tier for the same reason', () => {
		fc.assert(
			fc.property( features, choices, ( some, chosen ) => {
				const rounded = {
					...some,
					coverage: Math.round( some.coverage * 100 ) / 100,
					spentShare: Math.round( some.spentShare * 1_000 ) / 1_000,
				};
				const kept: unknown = JSON.parse(
					JSON.stringify( keepFeatures( some ) )
				);
				expect( readFeatures( kept ) ).toEqual( rounded );
				const options = { softShare: 0.8, canServe: () => true };
				expect(
					route(
						readFeatures( kept ) as RoutingFeatures,
						chosen,
						options
					)
				).toEqual( route( rounded, chosen, options ) );
			} )
		);
	} );

	it.each( [
		undefined,
		null,
		'text',
		[],
		{ length: 'long' },
		{ signs: 'nonsense' },
		{ modality: 'smell' },
		{ ownerTier: 'platinum' },
		{ coverage: null },
	] )( 'features that are none are told apart: %j', ( kept ) => {
		expect( readFeatures( kept ) ).toBeUndefined();
	} );
} );

describe( 'what is kept of a question', () => {
	it( 'holds none of its words, and is small', () => {
		const question = 'Is my Xylophone order 4711 better than the Zither?';
		const kept = JSON.stringify(
			keepFeatures( {
				...PLAIN,
				...readQuestion( question, [
					{ containing: [ 'xylophone' ], tier: 'premium' },
				] ),
			} )
		);
		expect( kept ).not.toMatch( /xylophone|4711|zither/i );
		expect( kept.length ).toBeLessThan( 120 );
	} );
} );

describe( 'a rule of the owner', () => {
	const rules = [
		{ containing: [ 'Refund', '退款' ], tier: 'premium' as const },
		{ containing: [ 'refund policy' ], tier: 'economy' as const },
	];
	it( 'fits whatever the case, in any script, and the first that fits counts', () => {
		expect(
			readQuestion( 'what is your REFUND policy', rules ).ownerTier
		).toBe( 'premium' );
		expect( readQuestion( '我要退款', rules ).ownerTier ).toBe( 'premium' );
		expect( readQuestion( 'hello', rules ).ownerTier ).toBeUndefined();
	} );

	it.each( [
		{ rules: [ { containing: [], tier: 'premium' } ] },
		{ rules: [ { containing: [ '  ' ], tier: 'premium' } ] },
		{ rules: [ { containing: [ 'x' ], tier: 'platinum' } ] },
		{ tiers: [] },
		{ maxTier: 'best' },
		{ languageTiers: { 'de-DE': 'premium' } },
		{ decisionMaxNanoUsd: -1 },
		{ decisionMaxNanoUsd: 1.5 },
		{ unknown: true },
	] )( 'that means nothing is refused: %j', ( routing ) => {
		expect( settingsPatchSchema.safeParse( { routing } ).success ).toBe(
			false
		);
	} );
} );

describe( 'the length of a question', () => {
	it( 'counts what is said, whatever the script', () => {
		expect( measureLength( 'hello' ) ).toBe( 5 );
		expect( measureLength( '你们几点开门' ) ).toBe( 18 );
		expect( measureLength( 'Über' ) ).toBe( 4 );
	} );
} );
