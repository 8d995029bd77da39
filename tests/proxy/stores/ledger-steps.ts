/**
 * Random steps of a ledger: what fast-check draws, and the request that each stands for.
 */
import fc from 'fast-check';
import type {
	Amounts,
	LedgerStore,
	ReserveRequest,
	SpendingWindow,
} from '../../../proxy/src/stores/ledger-store.ts';

/** One step. Reservations are named by number, so that steps meet: a settle may come late, twice, or for nothing. */
export type Step =
	| {
			kind: 'reserve';
			id: number;
			visitor: number;
			amounts: Amounts;
			limit: number;
			ttl: number;
	  }
	| { kind: 'settle'; id: number; amounts: Amounts }
	| { kind: 'release'; id: number }
	| { kind: 'expire' }
	| { kind: 'correct'; nanoUsd: number }
	/** Time goes on, or back: clocks are set. */
	| { kind: 'wait'; ms: number };

const DAY_MS = 100;

const count = ( max: number ) => fc.nat( { max } );
const amounts = fc.record( {
	nanoUsd: count( 60 ),
	voiceSeconds: fc.oneof( fc.constant( 0 ), count( 30 ) ),
	images: fc.oneof( fc.constant( 0 ), count( 3 ) ),
} );

/** Draws steps over at most `ids` reservations. */
export function stepsOver( ids: number, maxLength: number ) {
	const id = count( ids - 1 );
	const step: fc.Arbitrary< Step > = fc.oneof(
		{
			weight: 6,
			arbitrary: fc.record( {
				kind: fc.constant( 'reserve' as const ),
				id,
				visitor: count( 3 ),
				amounts,
				limit: count( 400 ),
				ttl: fc.integer( { min: 1, max: 2 * DAY_MS } ),
			} ),
		},
		{
			weight: 5,
			arbitrary: fc.record( {
				kind: fc.constant( 'settle' as const ),
				id,
				amounts,
			} ),
		},
		{
			weight: 2,
			arbitrary: fc.record( {
				kind: fc.constant( 'release' as const ),
				id,
			} ),
		},
		{
			weight: 2,
			arbitrary: fc.record( { kind: fc.constant( 'expire' as const ) } ),
		},
		{
			weight: 1,
			arbitrary: fc.record( {
				kind: fc.constant( 'correct' as const ),
				nanoUsd: fc.integer( { min: -100, max: 100 } ),
			} ),
		},
		{
			weight: 3,
			arbitrary: fc.record( {
				kind: fc.constant( 'wait' as const ),
				ms: fc.integer( { min: -DAY_MS / 2, max: DAY_MS } ),
			} ),
		}
	);
	return fc.array( step, { maxLength } );
}

/** Names the windows of a moment; `prefix` keeps runs apart that share a store. */
export function windowsAt(
	prefix: string,
	now: number,
	limit: number,
	visitor: number
): SpendingWindow[] {
	const day = Math.floor( now / DAY_MS );
	const month = Math.floor( day / 3 );
	return [
		{ key: `${ prefix }:day:${ day }`, unit: 'nanoUsd', limit },
		{
			key: `${ prefix }:month:${ month }`,
			unit: 'nanoUsd',
			limit: limit * 2,
		},
		{
			key: `${ prefix }:visitor:${ visitor }:day:${ day }`,
			unit: 'nanoUsd',
			limit: Math.ceil( limit / 2 ),
		},
		{
			key: `${ prefix }:voice:day:${ day }`,
			unit: 'voiceSeconds',
			limit: 60,
		},
		{ key: `${ prefix }:images:day:${ day }`, unit: 'images', limit: 5 },
	];
}

/** Makes the request of a reserve step. Windows whose unit the call does not use are left out. */
export function requestOf(
	prefix: string,
	step: Extract< Step, { kind: 'reserve' } >,
	now: number
): ReserveRequest {
	return {
		reservationId: `${ prefix }:${ step.id }`,
		siteId: 'shop',
		windows: windowsAt( prefix, now, step.limit, step.visitor ).filter(
			( { unit } ) => unit === 'nanoUsd' || step.amounts[ unit ]
		),
		amounts: step.amounts,
		now,
		expiresAt: now + step.ttl,
		details: {
			model: 'm',
			tier: 'economy',
			visitorId: `v${ step.visitor }`,
			turnId: `t${ step.id }`,
		},
	};
}

/** Makes the correction of a correct step: of the site's day and month. */
export function correctionOf(
	prefix: string,
	step: Extract< Step, { kind: 'correct' } >,
	now: number
): Parameters< LedgerStore[ 'correct' ] >[ 0 ] {
	return {
		siteId: 'shop',
		windows: windowsAt( prefix, now, 0, 0 ).slice( 0, 2 ),
		nanoUsd: step.nanoUsd,
		reason: 'a wrong price',
		now,
	};
}
