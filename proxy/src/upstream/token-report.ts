/**
 * Splits a report of tokens into units that do not overlap. Providers count cached, written, audio and reasoning tokens partly among the
 * others and partly beside them; the split never comes out below what the parts prove.
 */
import type { Usage } from '../ledger/usage.ts';
import type { UsageFields } from './usage-fields.ts';

/** Where a report keeps each number; several paths for one number are looked at in order, and the largest counts. */
export interface ReportPaths {
	input: readonly string[];
	output: readonly string[];
	total?: readonly string[];
	textIn?: readonly string[];
	imageIn?: readonly string[];
	audioIn?: readonly string[];
	cached?: readonly string[];
	textCached?: readonly string[];
	imageCached?: readonly string[];
	audioCached?: readonly string[];
	written?: readonly string[];
	writtenShort?: readonly string[];
	writtenLong?: readonly string[];
	/** Input that the provider counts apart because it was not cached. */
	uncached?: readonly string[];
	textOut?: readonly string[];
	audioOut?: readonly string[];
	reasoning?: readonly string[];
}

/** What the call carried, as the caller knows it: audio that a report does not mention was billed all the same. */
export interface Carried {
	audioIn?: boolean;
	audioOut?: boolean;
}

/** Returns the usage, or undefined when the report cannot be relied on; the reasons are among the doubts. */
export function splitTokens(
	fields: UsageFields,
	paths: ReportPaths,
	carried: Carried = {}
): Usage | undefined {
	const report: Report = {};
	for ( const kind in paths ) {
		if ( ! readKind( fields, paths, kind as keyof ReportPaths, report ) ) {
			return undefined;
		}
	}
	const sums = totals( fields, report );
	return (
		sums && {
			...splitInput( fields, report, sums.input, carried ),
			...splitOutput( fields, report, sums.output, carried ),
		}
	);
}

type Report = Partial< Record< keyof ReportPaths, number | undefined > >;

/** Discounts: one that cannot be read is not granted. Anything else that cannot be read may hide money. */
const DISCOUNTS: ReadonlySet< string > = new Set( [
	'cached',
	'textCached',
	'imageCached',
	'audioCached',
] satisfies Array< keyof ReportPaths > );

/** Puts a number into the report, and returns whether the report can still be relied on. */
function readKind(
	fields: UsageFields,
	paths: ReportPaths,
	kind: keyof ReportPaths,
	report: Report
): boolean {
	for ( const path of paths[ kind ] ?? [] ) {
		const value = fields.tokens( path );
		if ( value !== undefined ) {
			report[ kind ] = Math.max( value, report[ kind ] ?? 0 );
		} else if ( ! DISCOUNTS.has( kind ) && fields.isBroken( path ) ) {
			return false;
		}
	}
	return true;
}

/** Works out what was read and what was produced in all; undefined when the report does not say. */
function totals(
	fields: UsageFields,
	report: Report
): { input: number; output: number } | undefined {
	const { total, cached = 0, written = 0, reasoning = 0 } = report;
	const partsIn = sum( report.textIn, report.imageIn, report.audioIn );
	const partsOut = sum( report.textOut, report.audioOut );
	const output =
		report.output ??
		( report.input !== undefined && total !== undefined
			? Math.max( 0, total - report.input )
			: undefined ) ??
		( partsOut > 0 ? partsOut : undefined );
	const input =
		report.input ??
		( total !== undefined && output !== undefined
			? Math.max( 0, total - output )
			: undefined ) ??
		( partsIn > 0 ? partsIn : undefined );
	if ( input === undefined || output === undefined ) {
		fields.doubt( 'the report says neither input nor output' );
		return undefined;
	}
	let allIn = Math.max( input, partsIn, report.uncached ?? 0 );
	let allOut = Math.max( output, partsOut );
	if ( reasoning > allOut ) {
		fields.doubt( 'reasoning is counted beside the output' );
		allOut += reasoning;
	}
	if ( Math.max( cached, written ) > allIn ) {
		fields.doubt( 'cached input is counted beside the input' );
		allIn += cached + written;
	} else if ( cached + written > allIn ) {
		fields.doubt( 'cached and written input are more than the input' );
		allIn = cached + written;
	}
	if ( report.uncached !== undefined ) {
		allIn = Math.max( allIn, report.uncached + cached );
	}
	const rest = total === undefined ? 0 : total - allIn - allOut;
	if ( rest > 0 ) {
		fields.doubt( `the total is ${ rest } above its parts` );
		if ( rest === cached + written ) {
			allIn += rest;
		} else {
			// Whatever it was, nothing is dearer than output.
			allOut += rest;
		}
	} else if ( rest < 0 ) {
		fields.doubt( `the total is ${ -rest } below its parts` );
	}
	return { input: allIn, output: allOut };
}

function splitInput(
	fields: UsageFields,
	report: Report,
	input: number,
	carried: Carried
): Usage {
	let { imageIn = 0, audioIn = 0 } = report;
	let textIn = Math.max( report.textIn ?? 0, input - imageIn - audioIn );
	if ( carried.audioIn && ! report.audioIn && report.textIn === undefined ) {
		fields.doubt( 'the audio that was sent is not in the report' );
		audioIn = textIn;
		textIn = 0;
	}
	if ( textIn + imageIn + audioIn > input ) {
		fields.doubt( 'the kinds of input are more than the input' );
	}

	const textCacheWriteLong = report.writtenLong ?? 0;
	const textCacheWrite = Math.max(
		report.writtenShort ?? 0,
		( report.written ?? 0 ) - textCacheWriteLong
	);
	let written = textCacheWrite + textCacheWriteLong;

	// Where the report does not say what was cached, it was the kind with the least discount: text, then pictures, then audio.
	let left =
		report.cached ??
		sum( report.textCached, report.imageCached, report.audioCached );
	const take = ( claimed: number, available: number ): number => {
		const taken = Math.min( claimed, available, left );
		left -= taken;
		return taken;
	};
	let textCachedIn = take( report.textCached ?? 0, textIn );
	let imageCachedIn = take( report.imageCached ?? 0, imageIn );
	let audioCachedIn = take( report.audioCached ?? 0, audioIn );
	textCachedIn += take(
		left,
		Math.max( 0, textIn - textCachedIn - written )
	);
	imageCachedIn += take( left, imageIn - imageCachedIn );
	audioCachedIn += take( left, audioIn - audioCachedIn );
	textCachedIn += take( left, textIn - textCachedIn );

	const fromText = Math.min( written, textIn - textCachedIn );
	written -= fromText;
	const fromImages = Math.min( written, imageIn - imageCachedIn );
	if ( written > fromImages ) {
		fields.doubt( 'more was written into the cache than was read' );
	}
	return amounts( {
		textIn: textIn - textCachedIn - fromText,
		textCachedIn,
		textCacheWrite,
		textCacheWriteLong,
		imageIn: imageIn - imageCachedIn - fromImages,
		imageCachedIn,
		audioIn: audioIn - audioCachedIn,
		audioCachedIn,
	} );
}

function splitOutput(
	fields: UsageFields,
	report: Report,
	output: number,
	carried: Carried
): Usage {
	const { textOut = 0, audioOut = 0 } = report;
	if (
		carried.audioOut &&
		! report.audioOut &&
		report.textOut === undefined
	) {
		fields.doubt( 'the audio that was spoken is not in the report' );
		return amounts( { audioOut: output } );
	}
	return amounts( {
		textOut: Math.max( textOut, output - audioOut ),
		audioOut,
	} );
}

/** Leaves out what is zero. */
function amounts( usage: Usage ): Usage {
	for ( const unit in usage ) {
		if ( usage[ unit as keyof Usage ] === 0 ) {
			delete usage[ unit as keyof Usage ];
		}
	}
	return usage;
}

function sum( ...values: Array< number | undefined > ): number {
	return values.reduce< number >( ( all, value ) => all + ( value ?? 0 ), 0 );
}
