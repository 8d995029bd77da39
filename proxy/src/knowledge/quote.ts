/**
 * Picks the sentences, list items or table rows of a passage that speak of what was asked.
 */
import { wordWeight } from './coverage.ts';
import { sentenceSpans, type Span } from './sentences.ts';
import { documentWords } from './words.ts';

/** How much is quoted of running text, of a list or table, and in all. */
const MAX_SENTENCES = 3;
const MAX_LINES = 10;
const MAX_LENGTH = 700;

/** A further row is quoted only when it speaks about as much of what was asked as the best one. */
const MIN_RELATIVE_SCORE = 0.6;

/** Words are weighed as if a passage had at least this many pieces, so that quotations of short and long ones compare. */
const USUAL_PIECES = 10;

/** What a question asks for, as the forms that each of its words may have in the passage. */
export interface AskedWord {
	forms: readonly string[];
	/** How much the word counts, from 0 to 1. */
	weight: number;
}

type UnitKind = 'sentence' | 'item' | 'step' | 'row' | 'head';

/** A piece of a passage that is quoted whole or not at all. */
interface Unit extends Span {
	kind: UnitKind;
	score: number;
}

/** A quotation, and how much its best piece speaks of what was asked: comparable between passages. */
export interface Quote {
	text: string;
	score: number;
}

/** Returns what of `text` answers best; when nothing in it speaks of what was asked, its beginning. */
export function quote(
	text: string,
	asked: readonly AskedWord[],
	language: string
): Quote {
	const units = scoredUnits( text, asked, language );
	let best: Unit | undefined;
	for ( const unit of units ) {
		if ( unit.kind !== 'head' && unit.score > ( best?.score ?? 0 ) ) {
			best = unit;
		}
	}
	const chosen = best ? around( units, best ) : beginning( units );
	return { text: joined( text, chosen ), score: best?.score ?? 0 };
}

function scoredUnits(
	text: string,
	asked: readonly AskedWord[],
	language: string
): Unit[] {
	const units = unitsOf( text );
	const holders = units.map( ( { start, end } ) => {
		const words = new Set(
			documentWords( text.slice( start, end ), language )
		);
		return asked.map( ( { forms } ) =>
			forms.some( ( form ) => words.has( form ) )
		);
	} );
	for ( const [ place, { weight } ] of asked.entries() ) {
		const holding = holders.filter( ( holds ) => holds[ place ] ).length;
		const value =
			weight *
			wordWeight( Math.max( units.length, USUAL_PIECES ), holding );
		for ( const [ at, unit ] of units.entries() ) {
			unit.score += holders[ at ]?.[ place ] ? value : 0;
		}
	}
	return units;
}

function unitsOf( text: string ): Unit[] {
	const units: Unit[] = [];
	let start = 0;
	let isInTable = false;
	for ( const line of text.split( '\n' ) ) {
		const end = start + line.length;
		const kind = kindOf( line, isInTable );
		isInTable = kind === 'row' || kind === 'head';
		const spans =
			kind === 'sentence'
				? sentenceSpans( text, start, end )
				: [ { start, end } ];
		units.push(
			...spans.map( ( span ) => ( { ...span, kind, score: 0 } ) )
		);
		start = end + 1;
	}
	return units;
}

function kindOf( line: string, isInTable: boolean ): UnitKind {
	const bars = line.split( '|' ).length - 1;
	if ( bars > 0 ) {
		// Two columns hold a name and a value each; from three on the first row names the columns.
		return ! isInTable && bars > 1 ? 'head' : 'row';
	}
	if ( /^\s*[-*+•]\s/.test( line ) ) {
		return 'item';
	}
	return /^\s*\d{1,3}[.)]\s/.test( line ) ? 'step' : 'sentence';
}

/** Returns the best piece with its neighbourhood: following sentences, all steps, the rows that fit as well under their head. */
function around( units: readonly Unit[], best: Unit ): Unit[] {
	const place = units.indexOf( best );
	switch ( best.kind ) {
		case 'sentence':
			return sentencesAround( units, place );
		case 'step': {
			const steps = runAround( units, place );
			return length( steps ) <= MAX_LENGTH ? steps : [ best ];
		}
		default: {
			const run = runAround( units, place );
			const fitting = run.filter(
				( { kind, score } ) =>
					kind !== 'head' && score >= best.score * MIN_RELATIVE_SCORE
			);
			const head = run.filter( ( { kind } ) => kind === 'head' );
			return [ ...head, ...fitting.slice( 0, MAX_LINES ) ];
		}
	}
}

/** Takes the sentence before only when it says more of what was asked than the one after: what follows explains more often. */
function sentencesAround( units: readonly Unit[], place: number ): Unit[] {
	let chosen = units.slice( place, place + 1 );
	let [ before, after ] = [ units[ place - 1 ], units[ place + 1 ] ];
	while ( chosen.length < MAX_SENTENCES ) {
		const isBefore =
			before?.kind === 'sentence' &&
			before.score > ( after?.kind === 'sentence' ? after.score : 0 );
		const next = isBefore ? before : after;
		const longer =
			next && ( isBefore ? [ next, ...chosen ] : [ ...chosen, next ] );
		if (
			next?.kind !== 'sentence' ||
			! longer ||
			length( longer ) > MAX_LENGTH
		) {
			break;
		}
		chosen = longer;
		if ( isBefore ) {
			before = units[ units.indexOf( next ) - 1 ];
		} else {
			after = units[ units.indexOf( next ) + 1 ];
		}
	}
	return chosen;
}

/** Returns the list or table that a piece belongs to. */
function runAround( units: readonly Unit[], place: number ): Unit[] {
	const isTable = ( unit: Unit | undefined ): boolean =>
		unit?.kind === 'row' || unit?.kind === 'head';
	const belongs = ( unit: Unit | undefined ): boolean =>
		isTable( units[ place ] )
			? isTable( unit )
			: unit?.kind === units[ place ]?.kind;
	let [ from, to ] = [ place, place + 1 ];
	while ( belongs( units[ from - 1 ] ) ) {
		from--;
	}
	while ( belongs( units[ to ] ) ) {
		to++;
	}
	return units.slice( from, to );
}

function beginning( units: readonly Unit[] ): Unit[] {
	const chosen: Unit[] = [];
	let [ sentences, lines ] = [ 0, 0 ];
	for ( const unit of units ) {
		if ( unit.kind === 'sentence' ) {
			sentences++;
		} else {
			lines++;
		}
		if (
			chosen.length > 0 &&
			( sentences > MAX_SENTENCES ||
				lines > MAX_LINES ||
				length( [ ...chosen, unit ] ) > MAX_LENGTH )
		) {
			break;
		}
		chosen.push( unit );
	}
	return chosen;
}

function length( units: readonly Unit[] ): number {
	return units.reduce( ( sum, { start, end } ) => sum + end - start, 0 );
}

/**
 * Puts the pieces together as they stand in the text where they are neighbours, and on lines of their own where not. Table rows become list
 * items that name each value, since a row without its table is hard to read, and harder to listen to.
 */
function joined( text: string, units: readonly Unit[] ): string {
	let result = '';
	let previous: Unit | undefined;
	let head: string[] = [];
	for ( const unit of units ) {
		const piece = text.slice( unit.start, unit.end );
		if ( unit.kind === 'head' ) {
			head = cellsOf( piece );
			continue;
		}
		const between = previous && text.slice( previous.end, unit.start );
		result +=
			between === undefined || between.trim() === ''
				? ( between ?? '' )
				: '\n';
		result +=
			unit.kind === 'row' ? readableRow( cellsOf( piece ), head ) : piece;
		previous = unit;
	}
	return result.trim();
}

function cellsOf( row: string ): string[] {
	return row.split( '|' ).map( ( cell ) => cell.trim() );
}

/** Writes `- Sunday: Shop closed; Workshop closed` for a row under a head, and `- Weight: 2.1 kg` for one without. */
function readableRow(
	[ name = '', ...values ]: readonly string[],
	[ , ...columns ]: readonly string[]
): string {
	const named = values.map( ( value, index ) =>
		columns[ index ] ? `${ columns[ index ] } ${ value }` : value
	);
	return `- ${ name }: ${ named.join( '; ' ) }`;
}
