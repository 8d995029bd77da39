/**
 * Puts the targets that may answer a question in order, and remembers during a turn which of them are still worth asking.
 */
import { TIERS, type Model, type Tier } from './catalog.ts';
import { RETRY_RULES } from './retry-policy.ts';
import type { UpstreamErrorKind } from '../upstream/upstream-error.ts';

/** A model, and the tier it answers in. */
export interface Target {
	model: Model;
	tier: Tier;
}

/** The most requests of one turn to providers, across targets, tiers and pass-ups. */
export const MAX_ATTEMPTS = 5;

/** A request that so many models did not take will not be taken by the next. */
const MAX_REFUSALS = 2;

/**
 * Lists the targets for a tier, best first: its own in the owner's order, then those of the cheaper tiers from the nearest down, then, when
 * `mayRise`, those of the next tier up. A model that serves two tiers is listed once.
 */
export function orderTargets( {
	tier,
	usable,
	targetsOf,
	mayRise,
}: {
	tier: Tier;
	usable: readonly Tier[];
	targetsOf: ( tier: Tier ) => Model[];
	mayRise: boolean;
} ): Target[] {
	const rank = TIERS.indexOf( tier );
	const cheaper = usable
		.filter( ( other ) => TIERS.indexOf( other ) < rank )
		.reverse();
	const above = mayRise
		? usable
				.filter( ( other ) => TIERS.indexOf( other ) > rank )
				.slice( 0, 1 )
		: [];
	const seen = new Set< string >();
	return [ tier, ...cheaper, ...above ].flatMap( ( one ) =>
		targetsOf( one ).flatMap( ( model ) => {
			const key = keyOf( model );
			if ( seen.has( key ) ) {
				return [];
			}
			seen.add( key );
			return [ { model, tier: one } ];
		} )
	);
}

/** What is left to ask in one turn. What has no tier is planned in the same way. */
export interface Plan< One extends Pick< Target, 'model' > = Target > {
	/** The targets that are still worth asking, best first. */
	left(): One[];
	/** Says what a failure leaves over. True: the same target may be asked again, which happens once. */
	failed( target: One, kind: UpstreamErrorKind ): boolean;
	/** Takes a target out, for a reason that is not its failure. */
	drop( target: One ): void;
	/** Puts other targets in place of the ones that are left; what failed stays out. */
	replace( targets: readonly One[] ): void;
}

/** Makes the plan of one turn. */
export function createPlan< One extends Pick< Target, 'model' > = Target >(
	first: readonly One[]
): Plan< One > {
	let targets = first;
	const out = new Set< string >();
	const outProviders = new Set< string >();
	const again = new Set< string >();
	let refusals = 0;
	let isOver = false;
	return {
		left: () =>
			isOver
				? []
				: targets.filter(
						( { model } ) =>
							! out.has( keyOf( model ) ) &&
							! outProviders.has( model.provider )
					),
		failed( { model }, kind ) {
			const key = keyOf( model );
			const { next } = RETRY_RULES[ kind ];
			refusals += kind === 'refused' ? 1 : 0;
			isOver ||= next === 'nothing' || refusals >= MAX_REFUSALS;
			if ( next === 'provider' ) {
				outProviders.add( model.provider );
			}
			if ( next === 'same' && ! again.has( key ) ) {
				again.add( key );
				return true;
			}
			// A target that only wants a moment's pause may be asked once more, when nobody else could answer.
			if ( kind !== 'rate' || again.has( key ) ) {
				out.add( key );
			}
			again.add( key );
			return false;
		},
		drop( { model } ) {
			out.add( keyOf( model ) );
		},
		replace( others ) {
			targets = others;
		},
	};
}

function keyOf( { provider, id }: Model ): string {
	return `${ provider } ${ id }`;
}
