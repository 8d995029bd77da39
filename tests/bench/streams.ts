/**
 * Measures how many streams a second each server carries on one core, all in one run and in turns, so that a busy moment of the
 * machine hits every one of them.
 */
import type { Contestant } from './contestant.ts';
import type { Figure } from './figures.ts';
import { type LoadResult, median, runLoad } from './load.ts';
import { watchOthers } from './machine.ts';

const CONNECTIONS = 64;
/** Streams a second, as a multiple of Portkey's. */
const TIMES_PORTKEY = 2.5;

/** Measures every contestant `runs` times. */
export async function measureStreams(
	contestants: Contestant[],
	options: {
		runs: number;
		warmupMs: number;
		measureMs: number;
		upstreamPid: number;
		report( detail: string ): void;
	}
): Promise< Figure[] > {
	const results = new Map< string, LoadResult[] >();
	const othersShare = watchOthers( [
		options.upstreamPid,
		...contestants.map( ( { child } ) => child.pid ?? 0 ),
	] );
	for ( let run = 0; run < options.runs; run++ ) {
		for ( const contestant of contestants ) {
			options.report(
				`run ${ run + 1 } of ${ options.runs }, ${ contestant.title }`
			);
			const result = await runLoad( contestant, {
				connections: CONNECTIONS,
				warmupMs: options.warmupMs,
				measureMs: options.measureMs,
			} );
			results.set( contestant.id, [
				...( results.get( contestant.id ) ?? [] ),
				result,
			] );
		}
	}
	const figures = contestants.flatMap( ( contestant ) =>
		figuresOf( contestant, results.get( contestant.id ) ?? [] )
	);
	return [
		...figures,
		...ratioFigures( results ),
		{
			id: 'streams.others',
			title: 'share of the machine that other processes took meanwhile',
			value: othersShare(),
			unit: '%',
			note: 'above a few per cent trust the processor times, not the rates',
		},
	];
}

function figuresOf( contestant: Contestant, runs: LoadResult[] ): Figure[] {
	const failed = runs.reduce( ( sum, run ) => sum + run.failed, 0 );
	const fault = runs.find( ( run ) => run.firstFault )?.firstFault;
	const rates = runs.map( ( run ) => run.streamsPerSecond );
	const cpu = runs.flatMap( ( run ) => run.cpuMsPerStream ?? [] );
	return [
		{
			id: `streams.${ contestant.id }`,
			title: `streams of 20 chunks: ${ contestant.title }`,
			value: median( rates ),
			unit: '/s',
			runs: rates,
			note: `p50 ${ median( runs.map( ( run ) => run.p50Ms ) ).toFixed( 1 ) } ms, p99 ${ median( runs.map( ( run ) => run.p99Ms ) ).toFixed( 1 ) } ms${ cpu.length > 0 ? `, ${ median( cpu ).toFixed( 3 ) } ms CPU each` : '' }`,
		},
		{
			id: `failed.${ contestant.id }`,
			title: `failed streams: ${ contestant.title }`,
			value: failed,
			unit: '',
			target: { kind: 'at most', value: 0 },
			...( fault === undefined ? {} : { note: fault.slice( 0, 160 ) } ),
		},
	];
}

/** Compares Docent with Portkey run by run; the ratio by processor time stays true when others use the machine, too. */
function ratioFigures( results: Map< string, LoadResult[] > ): Figure[] {
	const docent = results.get( 'docent' );
	const portkey = results.get( 'portkey' );
	if ( ! docent || ! portkey ) {
		return [];
	}
	const ratios = docent.map(
		( run, index ) =>
			run.streamsPerSecond / ( portkey[ index ]?.streamsPerSecond ?? NaN )
	);
	const cpuRatios = docent.map(
		( run, index ) =>
			( portkey[ index ]?.cpuMsPerStream ?? NaN ) /
			( run.cpuMsPerStream ?? NaN )
	);
	const target = { kind: 'at least', value: TIMES_PORTKEY } as const;
	return [
		{
			id: 'streams.ratio',
			title: 'Docent beside Portkey, by streams a second',
			value: median( ratios ),
			unit: '×',
			target,
			runs: ratios,
		},
		{
			id: 'streams.cpu-ratio',
			title: 'Docent beside Portkey, by processor time a stream',
			value: median( cpuRatios ),
			unit: '×',
			target,
			runs: cpuRatios,
		},
	];
}
