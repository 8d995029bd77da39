/**
 * Holds money for writing down what a visitor says, a slice ahead of the sound that is sent: nothing is sent without cover.
 */
import type { Reservation } from '../../ledger/ledger.ts';
import { priceWorstUsage } from '../../ledger/pricing.ts';
import { addUsage, type Usage } from '../../ledger/usage.ts';
import type { Model } from '../../models/catalog.ts';
import { HEARD_TOKENS_PER_SECOND, type LiveMoney } from './live-money.ts';

/** How much sound one reservation covers, and how little is worth one when money runs out; in seconds. */
const SLICE_SECONDS = 30;
const MIN_SLICE_SECONDS = 4;

/** The next slice is reserved when less than this is left, in milliseconds. */
const LOW_MS = 10_000;

/** Providers may count an item a little longer than it was. */
const MARGIN_MS = 1_500;

/** A reservation must be renewed before the ledger counts it as lost; in milliseconds. */
const RENEW_AFTER_MS = 8 * 60_000;

/** Written tokens of one second of speech, generously, where a model is paid by tokens. */
const WRITTEN_TOKENS_PER_SECOND = 10;

interface Slice {
	reservation: Reservation;
	ms: number;
	usedMs: number;
	usage: Usage;
	isEstimated: boolean;
	at: number;
}

/** The cover of one conversation. */
export class HeardCover {
	/** Whether no more could be had. */
	isOver = false;
	/** Whether the last slice was smaller than it should be. */
	isLow = false;
	readonly #money: LiveMoney;
	readonly #model: Model;
	readonly #turnId: string;
	readonly #clock: () => number;
	#slices: Slice[] = [];
	#isReserving = false;
	#isClosed = false;
	/** Is told when there is more cover, or no more to be had. */
	onChange: () => void = () => {};

	constructor( {
		money,
		model,
		turnId,
		clock,
	}: {
		money: LiveMoney;
		model: Model;
		turnId: string;
		clock: () => number;
	} ) {
		this.#money = money;
		this.#model = model;
		this.#turnId = turnId;
		this.#clock = clock;
	}

	/** Sound that may be sent and not be paid for yet, in milliseconds. */
	get coveredMs(): number {
		let ms = -MARGIN_MS;
		for ( const slice of this.#slices ) {
			ms += slice.ms - slice.usedMs;
		}
		return ms;
	}

	/** Tells whether so much sound may be under way, and sees to it that there is enough for more. */
	covers( exposedMs: number ): boolean {
		const left = this.coveredMs - exposedMs;
		if ( left < LOW_MS ) {
			void this.#reserve();
		}
		return left >= 0;
	}

	/** Enters words that came: `usage` as the provider reported it, or undefined when it reported none. */
	heard( ms: number, usage: Usage | undefined ): void {
		const isBySeconds = ! usage || usage.seconds !== undefined;
		// In whole milliseconds, as they are priced; a millionth above one is the floating point's.
		let left = Math.ceil(
			( usage?.seconds === undefined ? ms : usage.seconds * 1_000 ) - 1e-6
		);
		const [ ...slices ] = this.#slices;
		slices.forEach( ( slice, index ) => {
			const isLast = index === slices.length - 1;
			const part = isLast
				? left
				: Math.min( left, slice.ms - slice.usedMs );
			if ( part <= 0 ) {
				return;
			}
			left -= part;
			slice.usedMs += part;
			if ( isBySeconds ) {
				slice.usage = { seconds: secondsOf( slice.usedMs ) };
				slice.isEstimated ||= ! usage;
			} else if ( left <= 0 ) {
				slice.usage = addUsage( slice.usage, usage );
			}
			if ( slice.usedMs >= slice.ms && ! isLast ) {
				this.#settle( slice );
			}
		} );
	}

	/** Renews what would run out. */
	look(): void {
		const oldest = this.#slices[ 0 ];
		if ( oldest && this.#clock() - oldest.at > RENEW_AFTER_MS ) {
			void this.#reserve( oldest );
		}
	}

	/** Reserves the first slice; false when there is no money for it. */
	async open(): Promise< boolean > {
		await this.#reserve();
		return this.#slices.length > 0;
	}

	/** Settles everything. */
	close(): void {
		this.#isClosed = true;
		for ( const slice of [ ...this.#slices ] ) {
			this.#settle( slice );
		}
	}

	async #reserve( replaced?: Slice ): Promise< void > {
		if ( this.#isReserving || this.#isClosed || this.isOver ) {
			return;
		}
		this.#isReserving = true;
		let seconds = SLICE_SECONDS;
		try {
			for (;;) {
				const reserved = await this.#money.reserve(
					this.#model,
					{
						nanoUsd: priceSound( this.#model, seconds ),
						voiceSeconds: seconds,
					},
					this.#turnId
				);
				if ( reserved?.kind === 'reserved' ) {
					this.#add( reserved.reservation, seconds, replaced );
					return;
				}
				this.isLow = true;
				seconds = Math.floor( seconds / 2 );
				if ( ! reserved || seconds < MIN_SLICE_SECONDS ) {
					this.isOver = true;
					return;
				}
			}
		} finally {
			this.#isReserving = false;
			this.onChange();
		}
	}

	#add(
		reservation: Reservation,
		seconds: number,
		replaced: Slice | undefined
	): void {
		if ( this.#isClosed ) {
			this.#money.giveBack( reservation );
			return;
		}
		this.#slices.push( {
			reservation,
			ms: seconds * 1_000,
			usedMs: 0,
			usage: {},
			isEstimated: false,
			at: this.#clock(),
		} );
		if ( replaced ) {
			this.#settle( replaced );
		}
	}

	#settle( slice: Slice ): void {
		this.#slices = this.#slices.filter( ( one ) => one !== slice );
		const { reservation, usage, usedMs, isEstimated } = slice;
		if ( usedMs === 0 ) {
			this.#money.giveBack( reservation );
			return;
		}
		const voiceSeconds = Math.ceil( usedMs / 1_000 );
		this.#money.ended( {
			kind: 'transcription',
			model: this.#model,
			turnId: this.#turnId,
			reservation,
			outcome: 'answered',
			errorKind: '',
			settlement: isEstimated
				? reservation.settleEstimated( usage, { voiceSeconds } )
				: reservation.settle( usage, { voiceSeconds } ),
			usage,
			isEstimated,
			voiceSeconds,
			firstTokenMs: undefined,
			totalMs: this.#clock() - slice.at,
		} );
	}
}

/** Writes milliseconds as seconds that are priced as no more than those: not every fraction can be written in floating point. */
function secondsOf( ms: number ): number {
	const seconds = ms / 1_000;
	return Math.ceil( seconds * 1_000 ) > ms ? ( ms - 0.5 ) / 1_000 : seconds;
}

/** The most that writing down so many seconds can cost, by time or by tokens, whichever the model is paid by. */
function priceSound( model: Model, seconds: number ): number {
	const prices: number[] = [];
	if ( model.usdPerMinute !== undefined ) {
		prices.push( priceWorstUsage( model, { seconds } ) );
	}
	if ( model.usdPerMillion.audioIn !== undefined ) {
		prices.push(
			priceWorstUsage( model, {
				audioIn: seconds * HEARD_TOKENS_PER_SECOND,
				textOut: seconds * WRITTEN_TOKENS_PER_SECOND,
			} )
		);
	}
	return Math.max( ...prices );
}
