/**
 * Says which models that answer here will be switched off, when, and what follows.
 */
import { ROLES, TIERS, type Catalog, type Role, type Tier } from './catalog.ts';
import { isGone, livingSuccessor, utcDay } from './successor.ts';

/** How near the end is: 60, 30 and 7 days ahead, and over. */
export type ShutdownLevel = 'notice' | 'warning' | 'urgent' | 'over';

/** A model that serves a tier or a role and has an end. */
export interface ShutdownNotice {
	modelId: string;
	/** `YYYY-MM-DD`; it is gone from 00:00 UTC of this day on. */
	shutdownDate: string;
	/** Whole days until then, in UTC; zero or less when it is over. */
	daysLeft: number;
	level: ShutdownLevel;
	/** The model that answers in its place from that day on; undefined when there is none, and then its places stay empty. */
	successor: string | undefined;
	/** Where it serves, by itself or in the place of another. */
	tiers: Tier[];
	roles: Role[];
}

const DAY_MS = 86_400_000;

/** From so many days before the end on a notice has this level; the nearest first. */
const LEVELS: ReadonlyArray< readonly [ number, ShutdownLevel ] > = [
	[ 0, 'over' ],
	[ 7, 'urgent' ],
	[ 30, 'warning' ],
	[ 60, 'notice' ],
];

/** Lists the notices of a moment, the nearest end first; of roles only those in `rolesInUse`, because nobody misses what nobody calls. */
export function shutdownNotices(
	catalog: Catalog,
	now: number,
	rolesInUse: readonly Role[] = ROLES
): ShutdownNotice[] {
	const today = utcDay( now );
	return [ ...places( catalog, today, rolesInUse ) ]
		.flatMap( ( [ modelId, { tiers, roles } ] ): ShutdownNotice[] => {
			const { shutdownDate, successor } =
				catalog.succession( modelId ) ?? {};
			if ( shutdownDate === undefined ) {
				return [];
			}
			const daysLeft = Math.round(
				( Date.parse( shutdownDate ) - Date.parse( today ) ) / DAY_MS
			);
			const level = LEVELS.find(
				( [ days ] ) => daysLeft <= days
			)?.[ 1 ];
			return level === undefined
				? []
				: [
						{
							modelId,
							shutdownDate,
							daysLeft,
							level,
							// Who will be there on that day, not who is named: the named one may be gone by then.
							successor:
								successor &&
								livingSuccessor(
									successor,
									( id ) => catalog.succession( id ),
									shutdownDate > today ? shutdownDate : today
								),
							tiers: TIERS.filter( ( tier ) =>
								tiers.has( tier )
							),
							roles: ROLES.filter( ( role ) =>
								roles.has( role )
							),
						},
					];
		} )
		.sort( ( first, second ) => first.daysLeft - second.daysLeft );
}

interface Places {
	tiers: Set< Tier >;
	roles: Set< Role >;
}

/** Finds the tiers and roles of every model that is named there, or that stands in for one that is gone. */
function places(
	catalog: Catalog,
	today: string,
	rolesInUse: readonly Role[]
): Map< string, Places > {
	const found = new Map< string, Places >();
	for ( const named of catalog.ids ) {
		const { tiers, roles: allRoles } = catalog.uses( named );
		const roles = allRoles.filter( ( role ) =>
			rolesInUse.includes( role )
		);
		const seen = new Set< string >();
		let id: string | undefined =
			tiers.length + roles.length > 0 ? named : undefined;
		while ( id !== undefined && ! seen.has( id ) ) {
			seen.add( id );
			const place = found.get( id ) ?? {
				tiers: new Set(),
				roles: new Set(),
			};
			tiers.forEach( ( tier ) => place.tiers.add( tier ) );
			roles.forEach( ( role ) => place.roles.add( role ) );
			found.set( id, place );
			const succession = catalog.succession( id );
			id = isGone( succession?.shutdownDate, today )
				? succession?.successor
				: undefined;
		}
	}
	return found;
}

/** Says a notice in words, for the owner. */
export function describeShutdown( notice: ShutdownNotice ): {
	status: 'warning' | 'error';
	message: string;
	remedy: string;
} {
	const { modelId, shutdownDate, daysLeft, level, successor } = notice;
	const where = [
		...notice.tiers.map( ( tier ) => `tier ${ tier }` ),
		...notice.roles.map( ( role ) => `role ${ role }` ),
	].join( ', ' );
	const when =
		level === 'over'
			? `was switched off on ${ shutdownDate }`
			: `will be switched off on ${ shutdownDate }, in ${ daysLeft } ${ daysLeft === 1 ? 'day' : 'days' }`;
	if ( successor === undefined ) {
		return {
			status: level === 'notice' ? 'warning' : 'error',
			message: `${ modelId } (${ where }) ${ when }, and no successor is named: nothing answers in its place.`,
			remedy: `Name another model for ${ where } in DOCENT_MODELS_FILE, or a "successor" for ${ modelId }.`,
		};
	}
	return {
		status: 'warning',
		message: `${ modelId } (${ where }) ${ when }; ${ successor } ${ level === 'over' ? 'answers' : 'will answer' } in its place.`,
		remedy: `Nothing has to be done. To choose yourself, name another model for ${ where } in DOCENT_MODELS_FILE.`,
	};
}
