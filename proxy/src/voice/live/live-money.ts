/**
 * Reserves for what a live conversation will say and hear, and enters what became of it: in the book, in the call log, in the sum so far.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Reservation, Reserved, Settlement } from '../../ledger/ledger.ts';
import { priceWorstUsage } from '../../ledger/pricing.ts';
import type { Usage } from '../../ledger/usage.ts';
import type { Model } from '../../models/catalog.ts';
import type { Amounts } from '../../stores/ledger-store.ts';
import type { CallOutcome } from '../../stores/call-store.ts';
import type { LiveCaller, LiveServices } from './live-services.ts';

/** Tokens of one second of sound, heard and spoken, at OpenAI's realtime models. */
export const HEARD_TOKENS_PER_SECOND = 10;
export const SPOKEN_TOKENS_PER_SECOND = 20;

/** How long a reservation waits for others to give back what they hold, and how often it looks, in milliseconds. */
const MAX_WAIT_MS = 1_200;
const LOOK_MS = 80;

/** What goes into an answer at most, in tokens. */
export interface InputBound {
	textIn: number;
	audioIn: number;
}

/** A reservation for something to be said. */
export type Funded =
	| {
			kind: 'funded';
			reservation: Reservation;
			/** How much may be said, in tokens. */
			cap: number;
			/** Whether it is less than was wanted. */
			isShort: boolean;
	  }
	| { kind: 'refused' };

/** A call that has ended. */
export interface EndedCall {
	kind: 'realtime' | 'transcription';
	model: Model;
	turnId: string;
	reservation: Reservation;
	outcome: CallOutcome;
	/** The stable code of a failure; empty otherwise. */
	errorKind: string;
	settlement: Settlement;
	usage: Usage | undefined;
	isEstimated: boolean;
	voiceSeconds: number;
	firstTokenMs: number | undefined;
	totalMs: number;
}

/** The money of one conversation. */
export class LiveMoney {
	spentNanoUsd = 0;
	seconds = 0;
	/** Is told after every call that ended. */
	onSpent: () => void = () => {};
	readonly #services: LiveServices;
	readonly #caller: LiveCaller;
	readonly #saving = new Set< Promise< unknown > >();

	constructor( services: LiveServices, caller: LiveCaller ) {
		this.#services = services;
		this.#caller = caller;
	}

	/** Reserves amounts; undefined when the book cannot be written, or the owner has switched live conversations off: then nothing is spent. */
	async reserve(
		model: Model,
		amounts: Amounts,
		turnId: string
	): Promise< Reserved | undefined > {
		const { siteId, visitorId } = this.#caller;
		try {
			const { limits, modalities } =
				await this.#services.settings( siteId );
			if ( ! modalities.voice || ! modalities.realtime ) {
				return undefined;
			}
			return await this.#services.ledger.reserve( {
				siteId,
				limits,
				model,
				amounts,
				details: { model: model.id, tier: 'none', visitorId, turnId },
			} );
		} catch ( error ) {
			this.#services.log.error(
				{ turnId, err: error },
				'the ledger cannot be written'
			);
			return undefined;
		}
	}

	/** Reserves for something to be said, with less to say when no more than that can be had. */
	async fund(
		model: Model,
		input: InputBound,
		caps: { max: number; min: number },
		turnId: string
	): Promise< Funded > {
		const until = performance.now() + MAX_WAIT_MS;
		let cap: number | undefined = caps.max;
		for (;;) {
			const reserved = await this.reserve(
				model,
				amountsOf( model, input, cap ),
				turnId
			);
			if ( ! reserved ) {
				return { kind: 'refused' };
			}
			if ( reserved.kind === 'reserved' ) {
				return {
					kind: 'funded',
					reservation: reserved.reservation,
					cap,
					isShort: cap < caps.max,
				};
			}
			const { unit, remaining } = reserved;
			const smaller = largestCap( caps.min, cap, ( tokens ) => {
				const amounts = amountsOf( model, input, tokens );
				return ( amounts[ unit ] ?? 0 ) <= remaining;
			} );
			if ( smaller !== undefined && smaller < cap ) {
				cap = smaller;
			} else if (
				reserved.reason === 'wait' &&
				performance.now() + LOOK_MS < until
			) {
				await pause( LOOK_MS );
				cap = caps.max;
			} else {
				return { kind: 'refused' };
			}
		}
	}

	/** Enters a call that has ended. */
	ended( call: EndedCall ): void {
		const { calls, clock, log } = this.#services;
		const { siteId, visitorId, requestId } = this.#caller;
		const { reservation, model, settlement } = call;
		this.spentNanoUsd += settlement.costNanoUsd;
		this.seconds += call.voiceSeconds;
		this.#keep(
			settlement.saved.catch( ( error: unknown ) => {
				// A reservation that is not settled stays held and then counts in full: too much, never too little.
				log.error(
					{ turnId: call.turnId, err: error },
					'a call was not settled'
				);
			} )
		);
		this.#keep(
			calls.record( {
				id: reservation.id,
				siteId,
				at: clock(),
				turnId: call.turnId,
				requestId,
				visitorId,
				kind: call.kind,
				provider: model.provider,
				model: model.id,
				tier: 'none',
				reason: 'live',
				attempt: 1,
				cache: 'miss',
				outcome: call.outcome,
				errorKind: call.errorKind,
				usage: call.usage,
				isEstimated: call.isEstimated,
				reservedNanoUsd: reservation.amountNanoUsd,
				costNanoUsd: settlement.costNanoUsd,
				savedNanoUsd: 0,
				queueMs: 0,
				firstTokenMs: call.firstTokenMs,
				totalMs: call.totalMs,
			} )
		);
		this.onSpent();
	}

	/** Gives a reservation back that nothing was sent for. */
	giveBack( reservation: Reservation ): void {
		this.#keep( reservation.release().saved.catch( () => {} ) );
	}

	/** Resolves when everything is in the book. */
	async saved(): Promise< void > {
		while ( this.#saving.size > 0 ) {
			await Promise.all( this.#saving );
		}
	}

	#keep( work: Promise< unknown > ): void {
		const done = work.then( () => {
			this.#saving.delete( done );
		} );
		this.#saving.add( done );
	}
}

/** The worst that saying so many tokens can take: all of them sound, or all of them text, whichever is dearer. */
function amountsOf( model: Model, input: InputBound, cap: number ): Amounts {
	return {
		nanoUsd: Math.max(
			priceWorstUsage( model, { ...input, audioOut: cap } ),
			priceWorstUsage( model, { ...input, textOut: cap } )
		),
		voiceSeconds: Math.ceil( cap / SPOKEN_TOKENS_PER_SECOND ),
	};
}

/** Returns the largest number from `min` to `max` that fits; undefined when none does. */
function largestCap(
	min: number,
	max: number,
	fits: ( tokens: number ) => boolean
): number | undefined {
	if ( min > max || ! fits( min ) ) {
		return undefined;
	}
	let low = min;
	let high = max;
	while ( low < high ) {
		const middle = Math.ceil( ( low + high ) / 2 );
		if ( fits( middle ) ) {
			low = middle;
		} else {
			high = middle - 1;
		}
	}
	return low;
}
