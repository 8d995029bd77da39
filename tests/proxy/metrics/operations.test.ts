import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
	METRICS,
	type MetricDefinition,
} from '../../../proxy/src/metrics/table.ts';
import { readPromql } from './promql.ts';

const PROXY = join( import.meta.dirname, '../../../proxy' );
const read = ( path: string ) => readFileSync( join( PROXY, path ), 'utf8' );

const TABLE = new Map< string, MetricDefinition >( Object.entries( METRICS ) );

interface Rule {
	alert: string;
	expr: string;
	for?: string;
	labels: { severity: string };
	annotations: { summary: string; description: string };
}
const rules = parse( read( 'operations/alerts.yml' ) ) as {
	groups: Array< { name: string; rules: Rule[] } >;
};
const alerts = rules.groups.flatMap( ( group ) => group.rules );

interface Panel {
	id: number;
	type: string;
	title: string;
	description?: string;
	gridPos: { h: number; w: number; x: number; y: number };
	targets?: Array< { expr: string; refId: string } >;
}
const dashboard = JSON.parse( read( 'operations/grafana-dashboard.json' ) ) as {
	uid: string;
	title: string;
	schemaVersion: number;
	panels: Panel[];
	templating: {
		list: Array< { name: string; type: string; definition?: string } >;
	};
};
const charts = dashboard.panels.filter( ( { type } ) => type !== 'row' );

/** Puts values where Grafana puts its variables. */
const withoutVariables = ( expression: string ) =>
	expression
		.replaceAll( '$__rate_interval', '5m' )
		.replaceAll( /\$(instance|site)\b/g, '.*' );

const panelQueries = charts.flatMap( ( { title, targets = [] } ) =>
	targets.map( ( { expr } ): [ string, string ] => [
		title,
		withoutVariables( expr ),
	] )
);
const queries: Array< [ string, string ] > = [
	...alerts.map( ( { alert, expr } ): [ string, string ] => [ alert, expr ] ),
	...panelQueries,
];

/** Finds the table's entry of a series; a histogram is read through its three. */
function tableName( series: string ): string | undefined {
	if ( TABLE.has( series ) && TABLE.get( series )?.type !== 'histogram' ) {
		return series;
	}
	const [ , base = '' ] = /^(.*)_(bucket|sum|count)$/.exec( series ) ?? [];
	return TABLE.get( base )?.type === 'histogram' ? base : undefined;
}

/** Labels that Prometheus itself adds, and that of a histogram's buckets. */
const ADDED_LABELS = [ 'instance', 'job', 'le' ];

const labelsOf = ( series: string ) => [
	...( TABLE.get( tableName( series ) ?? '' )?.labels ?? [] ),
	...ADDED_LABELS,
];

describe( 'an expression of the dashboard or of an alert', () => {
	it.each( queries )( 'is PromQL: %s', ( _name, expression ) => {
		expect( readPromql( expression ).errors ).toEqual( [] );
	} );

	it.each( queries )(
		'names only metrics and labels of the table: %s',
		( _name, expression ) => {
			const { selectors, groupings } = readPromql( expression );
			for ( const { metric, labels } of selectors ) {
				expect( tableName( metric ), metric ).toBeDefined();
				for ( const label of labels ) {
					expect( labelsOf( metric ), metric ).toContain( label );
				}
			}
			for ( const label of groupings ) {
				expect(
					selectors.some( ( { metric } ) =>
						labelsOf( metric ).includes( label )
					),
					label
				).toBe( true );
			}
		}
	);

	it.each( queries )(
		'reads histograms through rates: %s',
		( _name, expression ) => {
			const { selectors, functions } = readPromql( expression );
			const isRate = functions.some( ( name ) =>
				[ 'rate', 'increase' ].includes( name )
			);
			for ( const { metric } of selectors ) {
				const type = TABLE.get( tableName( metric ) ?? '' )?.type;
				if ( type === 'histogram' ) {
					expect( isRate ).toBe( true );
				}
			}
			if ( functions.includes( 'histogram_quantile' ) ) {
				expect( selectors[ 0 ]?.metric ).toMatch( /_bucket$/ );
			}
		}
	);

	it( 'is refused by the grammar when it is wrong, so that the tests above mean something', () => {
		for ( const wrong of [
			'sum(rate(docent_asks_total[5m]) by (tier)',
			'rate(docent_asks_total[])',
			'docent_asks_total{tier=economy}',
			'histgram_quantile(0.9, docent_asks_total)',
		] ) {
			expect( readPromql( wrong ).errors, wrong ).not.toEqual( [] );
		}
	} );
} );

describe( 'the table of metrics', () => {
	const used = new Set(
		queries.flatMap( ( [ , expression ] ) =>
			readPromql( expression ).selectors.map( ( { metric } ) =>
				tableName( metric )
			)
		)
	);
	const code = readdirSync( join( PROXY, 'src' ), { recursive: true } )
		.map( String )
		.filter(
			( path ) =>
				path.endsWith( '.ts' ) && path !== join( 'metrics', 'table.ts' )
		)
		.map( ( path ) => read( join( 'src', path ) ) )
		.join( '\n' );
	const inCode = new Set(
		[ ...code.matchAll( /'(docent_[a-z_]+)'/g ) ].map(
			( [ , name = '' ] ) => name
		)
	);

	it( 'holds every name that the code counts or measures', () => {
		expect(
			[ ...inCode ].filter( ( name ) => ! TABLE.has( name ) )
		).toEqual( [] );
	} );

	it( 'holds no name that the code never counts or measures', () => {
		expect(
			[ ...TABLE.keys() ].filter( ( name ) => ! inCode.has( name ) )
		).toEqual( [] );
	} );

	it( 'holds no name that neither the dashboard nor an alert shows', () => {
		expect(
			[ ...TABLE.keys() ].filter( ( name ) => ! used.has( name ) )
		).toEqual( [] );
	} );

	it( 'names metrics as Prometheus asks for: one prefix, counters end with _total, units in the name', () => {
		for ( const [ name, { type, help, buckets } ] of TABLE ) {
			expect( name ).toMatch( /^docent_[a-z_]+$/ );
			expect( name.endsWith( '_total' ), name ).toBe(
				type === 'counter'
			);
			expect( help, name ).toMatch( /^[A-Z].*\.$/ );
			expect( buckets === undefined, name ).toBe( type !== 'histogram' );
			expect( [ ...( buckets ?? [] ) ] ).toEqual(
				[ ...( buckets ?? [] ) ].sort( ( a, b ) => a - b )
			);
		}
	} );
} );

describe( 'the alert rules', () => {
	it( 'have what Prometheus asks of a rule file, and each name once', () => {
		expect( Object.keys( rules ) ).toEqual( [ 'groups' ] );
		const names = alerts.map( ( { alert } ) => alert );
		expect( new Set( names ).size ).toBe( names.length );
		const groups = rules.groups.map( ( { name } ) => name );
		expect( new Set( groups ).size ).toBe( groups.length );
		for ( const rule of alerts ) {
			expect( rule.alert ).toMatch( /^Docent[A-Za-z]+$/ );
			expect( rule.for ?? '1m' ).toMatch( /^\d+(s|m|h)$/ );
			expect( [ 'warning', 'critical' ] ).toContain(
				rule.labels.severity
			);
			expect(
				Object.keys( rule ).filter(
					( key ) =>
						! [
							'alert',
							'expr',
							'for',
							'labels',
							'annotations',
						].includes( key )
				)
			).toEqual( [] );
			expect( rule.annotations.summary ).not.toBe( '' );
			expect( rule.annotations.description ).not.toBe( '' );
		}
	} );

	it( 'speak only of labels that the alert has', () => {
		for ( const { alert, expr, annotations } of alerts ) {
			const { groupings } = readPromql( expr );
			const text = annotations.summary + annotations.description;
			for ( const [ , label = '' ] of text.matchAll(
				/\$labels\.(\w+)/g
			) ) {
				expect( groupings, alert ).toContain( label );
			}
		}
	} );

	it( 'are each explained to the operator', () => {
		const page = readFileSync(
			join( PROXY, '../docs/operations.md' ),
			'utf8'
		);
		for ( const { alert } of alerts ) {
			expect( page ).toContain( `\`${ alert }\`` );
		}
	} );

	it( 'are there for everything that has to wake somebody', () => {
		expect( alerts.map( ( { alert } ) => alert ) ).toEqual(
			expect.arrayContaining( [
				'DocentSlow',
				'DocentFailing',
				'DocentDear',
				'DocentNearLimit',
				'DocentBreakerOpen',
				'DocentStoreAway',
				'DocentHoldsLeaking',
				'DocentUnpricedModel',
			] )
		);
	} );
} );

describe( 'the dashboard', () => {
	it( 'can be imported: a version, ids that differ, targets with a letter each', () => {
		expect( dashboard.schemaVersion ).toBeGreaterThanOrEqual( 36 );
		expect( dashboard.uid ).toMatch( /^[a-zA-Z0-9_-]{1,40}$/ );
		const ids = dashboard.panels.map( ( { id } ) => id );
		expect( new Set( ids ).size ).toBe( ids.length );
		for ( const { title, description, targets = [] } of charts ) {
			expect( description, title ).toBeTruthy();
			expect( targets.length, title ).toBeGreaterThan( 0 );
			const letters = targets.map( ( { refId } ) => refId );
			expect( new Set( letters ).size, title ).toBe( letters.length );
		}
	} );

	it( 'lays its panels side by side, none over another, none out of the grid', () => {
		const taken = new Map< string, string >();
		for ( const { title, gridPos } of dashboard.panels ) {
			const { x, y, w, h } = gridPos;
			expect( x + w, title ).toBeLessThanOrEqual( 24 );
			for ( let column = x; column < x + w; column++ ) {
				for ( let line = y; line < y + h; line++ ) {
					const cell = `${ column } ${ line }`;
					expect( taken.get( cell ), title ).toBeUndefined();
					taken.set( cell, title );
				}
			}
		}
	} );

	it( 'uses only variables that it defines', () => {
		const defined = dashboard.templating.list.map( ( { name } ) => name );
		const text = JSON.stringify( dashboard );
		for ( const [ , name = '' ] of text.matchAll(
			/\$\{?(?!__)([a-z]+)\}?/g
		) ) {
			expect( defined ).toContain( name );
		}
		for ( const { definition = '' } of dashboard.templating.list ) {
			const [ , metric ] =
				/^label_values\((\w+),/.exec( definition ) ?? [];
			expect( metric === undefined || TABLE.has( metric ) ).toBe( true );
		}
	} );
} );
