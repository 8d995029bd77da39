/**
 * Watches every target (a model of a provider) and every provider, and tells which may be called now.
 */
import type { Logger } from 'pino';
import type { Clock } from '../types.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';
import {
	BREAKER_OPTIONS,
	mayBegin,
	NEW_BREAKER,
	nextState,
	type BreakerEvent,
	type BreakerOptions,
	type BreakerState,
} from './breaker.ts';
import type { Model } from './catalog.ts';
import { pauseAfter, RETRY_RULES } from './retry-policy.ts';

/** A call that has begun. Exactly one of its methods is called, once it has ended. */
export interface WatchedCall {
	/** The first words came: a probe has told what it had to, before the end of the answer. Does not end the call. */
	answers(): void;
	succeeded(): void;
	failed( error: UpstreamError ): void;
	/** It ended without saying anything about the target: stopped, or never sent. */
	saidNothing(): void;
}

/** How one target or provider is, for figures and the connectivity test. */
export interface HealthReport {
	provider: string;
	/** Absent: the provider as a whole. */
	model: string | undefined;
	state: BreakerState[ 'kind' ];
	/** When it may be tried again, in milliseconds since the epoch; undefined when it may be now. */
	retryAt: number | undefined;
	/** The stable code of its last failure; undefined when the last call went well. */
	lastFailure: string | undefined;
}

export interface TargetHealth {
	/** Tells how long a target and its provider rest yet, in milliseconds; 0 when it may be called now. */
	restMs( target: Pick< Model, 'id' | 'provider' > ): number;
	/** Begins a call, or returns undefined when the target or its provider rests. */
	begin( target: Pick< Model, 'id' | 'provider' > ): WatchedCall | undefined;
	/** Everything that was ever called. */
	report(): HealthReport[];
}

const EVENT_OF = {
	failure: 'failure',
	rest_target: 'rest',
	pause_target: 'open',
} as const;

function eventOf( health: keyof typeof EVENT_OF, forMs: number ): BreakerEvent {
	return { type: EVENT_OF[ health ], forMs };
}

interface Watched {
	provider: string;
	model: string | undefined;
	state: BreakerState;
	lastFailure: string | undefined;
}

/** Makes a watch that has seen nothing yet. `onChange` is told whenever a breaker opens or closes. */
export function createTargetHealth( {
	clock,
	log,
	random = Math.random,
	options = BREAKER_OPTIONS,
	onChange = () => undefined,
}: {
	clock: Clock;
	log: Logger;
	random?: () => number;
	options?: BreakerOptions;
	onChange?: ( report: HealthReport ) => void;
} ): TargetHealth {
	const all = new Map< string, Watched >();

	const watched = ( provider: string, model?: string ): Watched => {
		const key = model === undefined ? provider : `${ provider } ${ model }`;
		let known = all.get( key );
		if ( ! known ) {
			known = {
				provider,
				model,
				state: NEW_BREAKER,
				lastFailure: undefined,
			};
			all.set( key, known );
		}
		return known;
	};
	const report = ( {
		provider,
		model,
		state,
		lastFailure,
	}: Watched ): HealthReport => ( {
		provider,
		model,
		state: state.kind,
		retryAt: state.until > clock() ? state.until : undefined,
		lastFailure,
	} );
	const apply = ( one: Watched, event: BreakerEvent ): void => {
		const before = one.state.kind;
		one.state = nextState( one.state, event, clock(), random(), options );
		const { kind } = one.state;
		if ( kind === before || kind === 'half_open' ) {
			return;
		}
		onChange( report( one ) );
		if ( before === 'closed' ) {
			log[ one.model === undefined ? 'error' : 'warn' ](
				report( one ),
				one.model === undefined
					? 'a provider takes no calls and is left alone for a while'
					: 'a model fails and is left alone for a while'
			);
		} else if ( kind === 'closed' ) {
			log.info( report( one ), 'a model answers again' );
		}
	};

	return {
		restMs( { provider, id } ) {
			const now = clock();
			return Math.max(
				...[ watched( provider ), watched( provider, id ) ].map(
					( { state } ) => {
						if ( mayBegin( state, now, options ) ) {
							return 0;
						}
						return state.kind === 'half_open'
							? state.probeAt + options.probeMs - now
							: state.until - now;
					}
				)
			);
		},

		begin( { provider, id } ) {
			const both = [ watched( provider ), watched( provider, id ) ];
			const now = clock();
			if (
				! both.every( ( { state } ) => mayBegin( state, now, options ) )
			) {
				return undefined;
			}
			const tell = ( event: BreakerEvent ) => {
				for ( const one of both ) {
					apply( one, event );
				}
			};
			tell( { type: 'begin' } );
			const [ whole, target ] = both as [ Watched, Watched ];
			return {
				answers() {
					for ( const one of both ) {
						if ( one.state.kind === 'half_open' ) {
							apply( one, { type: 'success' } );
						}
					}
				},
				succeeded() {
					whole.lastFailure = undefined;
					target.lastFailure = undefined;
					tell( { type: 'success' } );
				},
				failed( error ) {
					const rule = RETRY_RULES[ error.kind ];
					if ( rule.health !== 'nothing' ) {
						target.lastFailure = error.code ?? error.kind;
					}
					const forMs = pauseAfter( rule, error.retryAfterMs );
					switch ( rule.health ) {
						case 'nothing':
							tell( { type: 'nothing' } );
							break;
						case 'provider_failure':
							whole.lastFailure = target.lastFailure;
							tell( { type: 'failure' } );
							break;
						case 'pause_provider':
							whole.lastFailure = target.lastFailure;
							apply( target, { type: 'nothing' } );
							apply( whole, { type: 'open', forMs } );
							break;
						default:
							// A provider whose models fail one by one may have another that is well.
							apply( whole, { type: 'nothing' } );
							apply( target, eventOf( rule.health, forMs ) );
					}
				},
				saidNothing: () => tell( { type: 'nothing' } ),
			};
		},

		report: () => [ ...all.values() ].map( report ),
	};
}
