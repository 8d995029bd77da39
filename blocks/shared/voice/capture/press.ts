/**
 * Makes two ways of talking out of one button: a tap begins and another ends; a button that is held ends when it is let go.
 */

/** A press at least this long was meant to be held. */
const HOLD_MS = 350;
/** A second press this soon after the first is a double click, not a wish to end. */
const DOUBLE_CLICK_MS = 500;
/** The click that belongs to a press comes with it or never: keys that were acted upon bring none. */
const CLICK_MS = 300;

export interface Press {
	/** The button goes down. Returns whether that was taken for a tap or a hold; then the click that follows means nothing. */
	down(): boolean;
	/** The button is let go. */
	up(): void;
	/** The press was taken away, by a gesture of the system or another window: what was begun goes on as after a tap. */
	lose(): void;
	/** A click. Assistive technology sends clicks without presses. */
	click(): void;
}

/** Creates it. */
export function createPress( {
	isReady,
	isBegun,
	isLive,
	begin,
	end,
	now = Date.now,
}: {
	/** Whether a press may begin at once; otherwise only a click does, and whatever has to come first comes. */
	isReady: () => boolean;
	isBegun: () => boolean;
	/** Whether the microphone hears already: letting go before that ends nothing. */
	isLive: () => boolean;
	begin: () => void;
	end: () => void;
	now?: () => number;
} ): Press {
	let downAt: number | undefined;
	let begunAt = -Infinity;
	let isClickSpentUntil = 0;

	function toggle(): void {
		if ( ! isBegun() ) {
			begunAt = now();
			begin();
		} else if ( now() - begunAt >= DOUBLE_CLICK_MS ) {
			end();
		}
	}

	function release(): void {
		downAt = undefined;
		isClickSpentUntil = Math.min( isClickSpentUntil, now() + CLICK_MS );
	}

	return {
		down() {
			const isTaken = isReady() || isBegun();
			isClickSpentUntil = isTaken ? Infinity : 0;
			if ( isTaken ) {
				downAt = isBegun() ? undefined : now();
				toggle();
			}
			return isTaken;
		},
		up() {
			if (
				downAt !== undefined &&
				now() - downAt >= HOLD_MS &&
				isLive()
			) {
				end();
			}
			release();
		},
		lose: release,
		click() {
			if ( now() >= isClickSpentUntil ) {
				toggle();
			}
			isClickSpentUntil = 0;
		},
	};
}
