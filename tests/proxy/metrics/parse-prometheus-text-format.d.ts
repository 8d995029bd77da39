/**
 * Types for a parser that has none.
 */
declare module 'parse-prometheus-text-format' {
	/** Reads Prometheus's text format into families of metrics. */
	export default function parsePrometheusTextFormat( text: string ): unknown;
}
