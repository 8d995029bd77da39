/**
 * Draws how loud the visitor is: bars that move on with time, newest at the end; one still bar for those who want no motion.
 */

const BAR_PX = 3;
const GAP_PX = 2;
/** Levels that make one bar: ten bars a second. */
const LEVELS_A_BAR = 5;

export interface Meter {
	readonly element: HTMLCanvasElement;
	/** Adds the level of 20 ms: RMS, 0 to 1. */
	add( rms: number ): void;
}

/** Creates it. It draws in the colour of the text around it. */
export function createMeter(): Meter {
	const canvas = document.createElement( 'canvas' );
	canvas.className = 'docent-meter';
	canvas.setAttribute( 'aria-hidden', 'true' );
	const isStill = matchMedia( '(prefers-reduced-motion: reduce)' ).matches;
	const bars: number[] = [];
	let loudest = 0;
	let levels = 0;

	function draw(): void {
		const { clientWidth: width, clientHeight: height } = canvas;
		const scale = devicePixelRatio || 1;
		canvas.width = width * scale;
		canvas.height = height * scale;
		const pen = canvas.getContext( '2d' );
		if ( ! pen ) {
			return;
		}
		const style = getComputedStyle( canvas );
		pen.scale( scale, scale );
		pen.fillStyle = style.color;
		const bar = ( from: number, tall: number, wide: number ) =>
			pen.fillRect(
				style.direction === 'rtl' ? width - from - wide : from,
				( height - tall ) / 2,
				wide,
				tall
			);
		if ( isStill ) {
			bar( 0, 2, width );
			bar( 0, 8, width * ( bars.at( -1 ) ?? 0 ) );
			return;
		}
		bars.splice(
			0,
			bars.length - Math.ceil( width / ( BAR_PX + GAP_PX ) )
		);
		bars.forEach( ( level, index ) =>
			bar(
				width - ( bars.length - index ) * ( BAR_PX + GAP_PX ),
				Math.max( 2, level * height ),
				BAR_PX
			)
		);
	}

	return {
		element: canvas,
		add( rms ) {
			loudest = Math.max( loudest, rms );
			if ( ++levels % LEVELS_A_BAR === 0 ) {
				// From -50 dB, a quiet room, to -10 dB, a voice close by.
				const decibels = 20 * Math.log10( Math.max( loudest, 1e-5 ) );
				bars.push(
					Math.min( 1, Math.max( 0, ( decibels + 50 ) / 40 ) )
				);
				loudest = 0;
				draw();
			}
		},
	};
}
