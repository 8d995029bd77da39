/**
 * Asks every provider once a day when its models end, and tells the owner in time. The catalog itself lets the successor take over.
 */
import type { Logger } from 'pino';
import type { Clock } from '../types.ts';
import type { Providers } from '../upstream/providers.ts';
import type { Catalog, Role } from './catalog.ts';
import {
	describeShutdown,
	shutdownNotices,
	type ShutdownNotice,
} from './shutdown.ts';

export interface ShutdownWatch {
	/** Lists the models in use that have ended or end within 60 days, the nearest end first. */
	notices(): ShutdownNotice[];
	/** Asks every provider now. Never rejects: a provider that does not answer keeps the days it announced before. */
	poll(): Promise< void >;
	/** Begins to ask, some minutes from now, and from then on about once a day. */
	start(): void;
	stop(): void;
}

/** Calls back after a time in milliseconds, and returns what cancels it. */
export type Schedule = (
	ms: number,
	work: () => void | Promise< void >
) => () => void;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The first poll is somewhere in here, so that it slows no start down and several proxies do not ask at once. */
const FIRST_POLL_MS = { min: 2 * MINUTE_MS, max: 12 * MINUTE_MS };

/** Part of the interval by which polls are moved at random, up or down. */
const JITTER = 0.1;

/** How long one provider may take for its list. */
const POLL_TIMEOUT_MS = 20_000;

/** A provider that still lists a model has not switched it off so long ago; such a day is a mistake. */
const MAX_PAST_MS = 30 * DAY_MS;

/** Makes the watch; nothing happens before `start` or `poll`. */
export function createShutdownWatch( {
	catalog,
	providers,
	clock,
	log,
	roles,
	random = Math.random,
	schedule = scheduleQuietly,
}: {
	catalog: Catalog;
	providers: Pick< Providers, 'names' | 'chat' >;
	clock: Clock;
	log: Logger;
	/** Roles that something here calls; left out: all. */
	roles?: readonly Role[] | undefined;
	random?: ( () => number ) | undefined;
	schedule?: Schedule;
} ): ShutdownWatch {
	/** What was said in the log, so that each is said once. */
	const said = new Set< string >();
	let nextPollAt = Infinity;
	let cancel: ( () => void ) | undefined;
	let stop: ( () => void ) | undefined;

	const notices = () => shutdownNotices( catalog, clock(), roles );

	const announce = () => {
		for ( const notice of notices() ) {
			const key = `${ notice.modelId } ${ notice.shutdownDate } ${ notice.level } ${ notice.successor }`;
			if ( ! said.has( key ) ) {
				said.add( key );
				const { message, status } = describeShutdown( notice );
				// A log line has a level of its own.
				const { level: stage, ...fields } = notice;
				log[ status === 'error' ? 'error' : 'warn' ](
					{ ...fields, stage },
					message
				);
			}
		}
	};

	const pollOne = async ( name: string ): Promise< boolean > => {
		try {
			const models =
				( await providers
					.chat( name )
					?.listModels( AbortSignal.timeout( POLL_TIMEOUT_MS ) ) ) ??
				[];
			const dates = new Map< string, string >();
			for ( const { id, shutdownDate } of models ) {
				if (
					shutdownDate !== undefined &&
					isPlausible( shutdownDate, clock() )
				) {
					dates.set( id, shutdownDate );
				}
			}
			catalog.setShutdownDates( name, dates );
			return true;
		} catch ( error ) {
			log.debug(
				{ provider: name, err: error },
				'a provider did not list its models; the days known so far hold'
			);
			return false;
		}
	};

	const poll = async (): Promise< boolean > => {
		const outcomes = await Promise.all( providers.names.map( pollOne ) );
		announce();
		return outcomes.every( Boolean );
	};

	const wait = ( isStopped: () => boolean ) => {
		const now = clock();
		// At midnight UTC successors take over, which belongs into the log of that day.
		const untilMidnight = DAY_MS - ( now % DAY_MS );
		cancel = schedule(
			Math.max( 1, Math.min( nextPollAt - now, untilMidnight ) ),
			async () => {
				announce();
				if ( clock() >= nextPollAt ) {
					const pause = ( await poll() ) ? DAY_MS : HOUR_MS;
					nextPollAt =
						clock() + pause * ( 1 + JITTER * ( 2 * random() - 1 ) );
				}
				if ( ! isStopped() ) {
					wait( isStopped );
				}
			}
		);
	};

	return {
		notices,
		async poll() {
			await poll();
		},
		start() {
			if ( ! stop ) {
				let isStopped = false;
				stop = () => {
					isStopped = true;
					cancel?.();
				};
				announce();
				const { min, max } = FIRST_POLL_MS;
				nextPollAt = clock() + min + random() * ( max - min );
				wait( () => isStopped );
			}
		},
		stop() {
			stop?.();
			stop = undefined;
		},
	};
}

function isPlausible( date: string, now: number ): boolean {
	const time = Date.parse( date );
	return (
		/^\d{4}-\d{2}-\d{2}$/.test( date ) &&
		! Number.isNaN( time ) &&
		time > now - MAX_PAST_MS
	);
}

/** Waits without keeping the process alive. */
function scheduleQuietly(
	ms: number,
	work: () => void | Promise< void >
): () => void {
	const timer = setTimeout( () => void work(), ms );
	timer.unref();
	return () => clearTimeout( timer );
}
