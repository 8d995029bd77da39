/**
 * Collects the figures of a run, holds them against their targets, prints them as a table and writes them down.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** One figure. */
export interface Figure {
	id: string;
	title: string;
	value: number | undefined;
	unit: string;
	/** What the figure must reach; absent for figures that only inform. */
	target?: { kind: 'at least' | 'at most'; value: number };
	/** The single runs behind a median. */
	runs?: number[];
	note?: string;
}

/** Says whether a figure reaches its target; undefined without target or value. */
export function isMet( { value, target }: Figure ): boolean | undefined {
	if (
		value === undefined ||
		target === undefined ||
		Number.isNaN( value )
	) {
		return undefined;
	}
	return target.kind === 'at least'
		? value >= target.value
		: value <= target.value;
}

const MARKS = [ '✗', '✓' ] as const;

/** Formats figures as a table with one mark a line: `✓` reached, `✗` missed, `·` no target. */
export function formatFigures( figures: Figure[] ): string {
	const rows = figures.map( ( figure ) => {
		const met = isMet( figure );
		const mark = met === undefined ? '·' : MARKS[ met ? 1 : 0 ];
		return [
			mark,
			figure.title,
			figure.value === undefined
				? 'left out'
				: `${ formatNumber( figure.value ) } ${ figure.unit }`,
			figure.target
				? `${ figure.target.kind } ${ formatNumber( figure.target.value ) }`
				: '',
			figure.note ?? '',
		];
	} );
	const widths = [ 0, 1, 2, 3 ].map( ( column ) =>
		Math.max( ...rows.map( ( row ) => ( row[ column ] ?? '' ).length ) )
	);
	return rows
		.map( ( row ) =>
			row
				.map( ( cell, column ) =>
					column === 2
						? cell.padStart( widths[ column ] ?? 0 )
						: cell.padEnd( widths[ column ] ?? 0 )
				)
				.join( '  ' )
				.trimEnd()
		)
		.join( '\n' );
}

/** Writes the record of a run as JSON. */
export function writeRecord(
	path: string,
	record: Record< string, unknown > & { figures: Figure[] }
): void {
	mkdirSync( dirname( path ), { recursive: true } );
	writeFileSync(
		path,
		JSON.stringify(
			{
				...record,
				figures: record.figures.map( ( figure ) => ( {
					...figure,
					isMet: isMet( figure ) ?? null,
				} ) ),
			},
			null,
			'\t'
		) + '\n'
	);
}

function formatNumber( value: number ): string {
	if ( Math.abs( value ) >= 100 ) {
		return Math.round( value ).toLocaleString( 'en' );
	}
	return String( Math.round( value * 100 ) / 100 );
}
