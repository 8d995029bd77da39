/**
 * Reads PromQL with Prometheus's own grammar and says which metrics and labels an expression uses.
 */
import { parser } from '@prometheus-io/lezer-promql';

/** What one expression uses. */
export interface PromqlUse {
	/** Positions and texts that the grammar could not take. */
	errors: string[];
	/** Selected series, each with the labels that narrow it. */
	selectors: Array< { metric: string; labels: string[] } >;
	/** Labels of `by (…)`, `without (…)`, `on (…)` and their like. */
	groupings: string[];
	functions: string[];
}

/** Parses an expression. */
export function readPromql( expression: string ): PromqlUse {
	const use: PromqlUse = {
		errors: [],
		selectors: [],
		groupings: [],
		functions: [],
	};
	parser.parse( expression ).iterate( {
		enter( node ) {
			const text = expression.slice( node.from, node.to );
			if ( node.type.isError ) {
				use.errors.push(
					`${ node.from }: ${ text || 'unexpected end' }`
				);
			} else if ( node.name === 'VectorSelector' ) {
				const metric = node.node.getChild( 'Identifier' );
				use.selectors.push( {
					metric: metric
						? expression.slice( metric.from, metric.to )
						: '',
					labels: [],
				} );
			} else if ( node.name === 'UnquotedLabelMatcher' ) {
				const label = node.node.getChild( 'LabelName' );
				if ( label ) {
					use.selectors
						.at( -1 )
						?.labels.push(
							expression.slice( label.from, label.to )
						);
				}
			} else if (
				node.name === 'LabelName' &&
				node.node.parent?.name === 'GroupingLabels'
			) {
				use.groupings.push( text );
			} else if ( node.name === 'FunctionIdentifier' ) {
				use.functions.push( text );
			}
		},
	} );
	return use;
}
