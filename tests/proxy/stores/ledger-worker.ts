/**
 * One of several processes that use the same ledger at once: does random steps on shared reservations and tells each outcome, line by line.
 *
 * `node ledger-worker.ts <module that opens the store> <location> <seed> <steps>` begins when it is told `go`.
 */
import { writeSync } from 'node:fs';
import type {
	Amounts,
	LedgerStore,
	SpendingWindow,
} from '../../../proxy/src/stores/ledger-store.ts';

/** What a worker tells: an acknowledged step, or what a provider bills for a call before it is settled. */
export type Line =
	| { kind: 'ready' }
	| { kind: 'reserve'; id: string; windows: string[]; outcome: string }
	| { kind: 'bill'; id: string; nanoUsd: number }
	| { kind: 'settle'; id: string; amounts: Amounts; outcome: string }
	| { kind: 'release'; id: string; outcome: string }
	| { kind: 'expire'; count: number }
	| { kind: 'over'; key: string; spent: number; held: number }
	| { kind: 'error'; message: string };

/** Opens the store under test; the module named on the command line exports it as `openLedger`. */
export type OpenLedger = (
	location: string
) => Promise< { store: LedgerStore; close(): Promise< void > } >;

/** How many reservations the workers of one run share. */
export const SHARED = 300;
export const SITE_DAY_LIMIT = 900;
const DAY_MS = 1_000;

/** What a reservation holds follows from its number, so that every process knows it. */
export function reserveOf( number: number ): Required< Amounts > {
	return {
		nanoUsd: 1 + ( ( number * 7 ) % 50 ),
		voiceSeconds: number % 3 === 0 ? number % 25 : 0,
		images: number % 4 === 0 ? 1 : 0,
	};
}

/** What its call takes: at most as much. */
function costOf( number: number ): Required< Amounts > {
	const { nanoUsd, voiceSeconds, images } = reserveOf( number );
	return {
		nanoUsd: Math.ceil( nanoUsd / 3 ),
		voiceSeconds: Math.floor( voiceSeconds / 2 ),
		images,
	};
}

function windowsOf( number: number, now: number ): SpendingWindow[] {
	const day = Math.floor( now / DAY_MS );
	const amounts = reserveOf( number );
	const windows: SpendingWindow[] = [
		{ key: `day:${ day }`, unit: 'nanoUsd', limit: SITE_DAY_LIMIT },
		{
			key: `month:${ Math.floor( day / 2 ) }`,
			unit: 'nanoUsd',
			limit: SITE_DAY_LIMIT * 1.5,
		},
		{
			key: `visitor:${ number % 5 }:day:${ day }`,
			unit: 'nanoUsd',
			limit: SITE_DAY_LIMIT / 3,
		},
		{ key: `voice:day:${ day }`, unit: 'voiceSeconds', limit: 200 },
		{ key: `images:day:${ day }`, unit: 'images', limit: 12 },
	];
	return windows.filter( ( { unit } ) => amounts[ unit ] > 0 );
}

const tell = ( line: Line ) => writeSync( 1, `${ JSON.stringify( line ) }\n` );

/** Draws the same numbers from the same seed (mulberry32). */
function createRandom( seed: number ): ( max: number ) => number {
	let state = seed;
	return ( max ) => {
		state = ( state + 0x6d2b79f5 ) % 0x1_0000_0000;
		let value = Math.imul( state ^ ( state >>> 15 ), state | 1 );
		value ^= value + Math.imul( value ^ ( value >>> 7 ), value | 61 );
		return ( ( value ^ ( value >>> 14 ) ) >>> 0 ) % max;
	};
}

async function work( store: LedgerStore, seed: number, steps: number ) {
	const random = createRandom( seed );
	let now = 1_000_000;
	const step = async (): Promise< void > => {
		const number = random( SHARED );
		const id = `r${ number }`;
		const kind = random( 20 );
		now += random( 40 ) - 12;
		if ( kind < 9 ) {
			const windows = windowsOf( number, now );
			const { kind: outcome } = await store.reserve( {
				reservationId: id,
				siteId: 'shop',
				windows,
				amounts: reserveOf( number ),
				now,
				expiresAt: now + 200 + random( 400 ),
				details: {
					model: 'm',
					tier: 'economy',
					visitorId: `v${ number % 5 }`,
					turnId: id,
				},
			} );
			tell( {
				kind: 'reserve',
				id,
				windows: windows.map( ( { key } ) => key ),
				outcome,
			} );
			if ( outcome === 'reserved' && random( 3 ) > 0 ) {
				await settle( number );
			}
		} else if ( kind < 14 ) {
			await settle( number );
		} else if ( kind < 16 ) {
			const outcome = await store.release( id, now );
			tell( { kind: 'release', id, outcome } );
		} else if ( kind < 17 ) {
			tell( { kind: 'expire', count: await store.expire( now ) } );
		} else {
			for ( const { key, limit } of windowsOf( number, now ) ) {
				const { spent, held } = await store.balance( key );
				if ( spent + held > limit || spent < 0 || held < 0 ) {
					tell( { kind: 'over', key, spent, held } );
				}
			}
		}
	};
	const settle = async ( number: number ) => {
		const id = `r${ number }`;
		const amounts = costOf( number );
		const outcome = await store.settle( {
			reservationId: id,
			amounts,
			isEstimated: false,
			usage: { textOut: amounts.nanoUsd },
			now,
		} );
		tell( { kind: 'settle', id, amounts, outcome } );
	};
	for ( let done = 0; done < steps; ) {
		const together = 1 + random( 12 );
		await Promise.all( Array.from( { length: together }, step ) );
		done += together;
	}
}

/** Makes calls without an end, as a proxy does: reserves, is billed, settles. Lives until it is killed. */
async function call( store: LedgerStore, seed: number ) {
	const random = createRandom( seed );
	for ( let round = 0; ; round++ ) {
		await Promise.all(
			Array.from( { length: 8 }, async ( _, lane ) => {
				const id = `${ seed }-${ round }-${ lane }`;
				const nanoUsd = 10 + random( 90 );
				const { kind: outcome } = await store.reserve( {
					reservationId: id,
					siteId: 'shop',
					windows: [
						{
							key: 'day:0',
							unit: 'nanoUsd',
							limit: Number.MAX_SAFE_INTEGER,
						},
					],
					amounts: { nanoUsd },
					now: 1_000,
					expiresAt: 2_000,
					details: {
						model: 'm',
						tier: 'economy',
						visitorId: 'v',
						turnId: id,
					},
				} );
				tell( { kind: 'reserve', id, windows: [ 'day:0' ], outcome } );
				if ( random( 4 ) === 0 ) {
					tell( {
						kind: 'release',
						id,
						outcome: await store.release( id, 1_500 ),
					} );
					return;
				}
				const cost = Math.ceil( nanoUsd / 2 );
				tell( { kind: 'bill', id, nanoUsd: cost } );
				const amounts = { nanoUsd: cost };
				tell( {
					kind: 'settle',
					id,
					amounts,
					outcome: await store.settle( {
						reservationId: id,
						amounts,
						isEstimated: false,
						usage: undefined,
						now: 1_500,
					} ),
				} );
			} )
		);
	}
}

if ( import.meta.main ) {
	const [ opener = '', location = '', seed = '0', steps = '0' ] =
		process.argv.slice( 2 );
	const { openLedger } = ( await import( opener ) ) as {
		openLedger: OpenLedger;
	};
	const { store, close } = await openLedger( location );
	tell( { kind: 'ready' } );
	await new Promise( ( resolve ) => process.stdin.once( 'data', resolve ) );
	try {
		if ( steps === 'forever' ) {
			await call( store, Number( seed ) );
		}
		await work( store, Number( seed ), Number( steps ) );
		await close();
	} catch ( error ) {
		tell( { kind: 'error', message: String( error ) } );
		process.exitCode = 1;
	}
	process.stdin.destroy();
}
