import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../../proxy/src/models/catalog.ts';
import {
	describeShutdown,
	shutdownNotices,
} from '../../../proxy/src/models/shutdown.ts';
import { catalogFile, chatModel } from './catalog-file.ts';

const ids = ( models: Array< { id: string } > ) =>
	models.map( ( { id } ) => id );

/** A catalog whose tiers and one role name models with an end. */
function endingCatalog() {
	return loadCatalog(
		catalogFile( {
			models: {
				old: chatModel( {
					shutdownDate: '2027-03-01',
					successor: 'middle',
				} ),
				middle: chatModel( {
					shutdownDate: '2027-03-20',
					successor: 'young',
				} ),
				young: chatModel(),
				orphan: chatModel( { shutdownDate: '2027-03-10' } ),
				scribe: {
					api: 'transcriptions',
					modalities: { in: [ 'audio' ], out: [ 'text' ] },
					contextTokens: 16_000,
					maxOutputTokens: 2_000,
					usdPerMinute: 0.006,
					shutdownDate: '2027-03-01',
					successor: 'gpt-transcribe',
				},
			},
			tiers: {
				economy: [ 'old', 'young' ],
				standard: [ 'orphan', 'old' ],
				premium: [ 'orphan' ],
			},
			roles: {
				transcription: 'scribe',
				decision: 'old',
				speech: 'gpt-realtime-2.1-mini',
			},
		} )
	);
}

const at = ( moment: string ) => Date.parse( moment );
const BEFORE = at( '2027-02-28T23:59:59.999Z' );
const AFTER = at( '2027-03-01T00:00:00Z' );

describe( 'on the day a model is switched off', () => {
	const catalog = endingCatalog();

	it( 'its successor takes over at midnight UTC, in every tier and role', () => {
		expect( ids( catalog.targets( 'economy', BEFORE ) ) ).toEqual( [
			'old',
			'young',
		] );
		expect( ids( catalog.targets( 'economy', AFTER ) ) ).toEqual( [
			'middle',
			'young',
		] );
		expect( ids( catalog.targets( 'standard', AFTER ) ) ).toEqual( [
			'orphan',
			'middle',
		] );
		expect( ids( catalog.role( 'transcription', BEFORE ) ) ).toEqual( [
			'scribe',
		] );
		expect( ids( catalog.role( 'transcription', AFTER ) ) ).toEqual( [
			'gpt-transcribe',
		] );
		expect( ids( catalog.role( 'decision', AFTER ) ) ).toEqual( [
			'middle',
		] );
	} );

	it( 'the successor’s successor follows when that one is gone too, and nobody answers twice', () => {
		const later = at( '2027-03-20T00:00:00Z' );
		expect( ids( catalog.targets( 'economy', later ) ) ).toEqual( [
			'young',
		] );
		expect( ids( catalog.targets( 'standard', later ) ) ).toEqual( [
			'young',
		] );
	} );

	it( 'a model without a successor is dropped from its tiers', () => {
		const later = at( '2027-03-10T00:00:00Z' );
		expect( ids( catalog.targets( 'standard', later ) ) ).toEqual( [
			'middle',
		] );
		expect( catalog.targets( 'premium', later ) ).toEqual( [] );
	} );

	it( 'a model that is gone can still be priced', () => {
		expect(
			catalog.model( 'old', at( '2028-01-01' ) )?.usdPerMillion
		).toEqual( { textIn: 0.5, textOut: 1.5 } );
	} );

	it( 'the shipped catalog has somebody left for every tier and role, years later', () => {
		const shipped = loadCatalog( undefined );
		const later = at( '2030-01-01' );
		expect( ids( shipped.role( 'speech', later ) ) ).toEqual( [
			'gpt-realtime-2.1-mini',
		] );
		for ( const id of shipped.ids ) {
			const { shutdownDate, successor } = shipped.succession( id ) ?? {};
			expect(
				shutdownDate === undefined || successor !== undefined
			).toBe( true );
		}
	} );
} );

describe( 'the notices of a shutdown', () => {
	const catalog = endingCatalog();
	const levelOf = ( id: string, moment: string ) =>
		shutdownNotices( catalog, at( moment ) ).find(
			( { modelId } ) => modelId === id
		)?.level;

	it( 'begin 60 days ahead, and grow at 30, at 7 and on the day', () => {
		const days: Array< [ string, string | undefined ] > = [
			[ '2026-12-30T23:59:59Z', undefined ],
			[ '2026-12-31T00:00:00Z', 'notice' ],
			[ '2027-01-29T23:59:59Z', 'notice' ],
			[ '2027-01-30T00:00:00Z', 'warning' ],
			[ '2027-02-21T12:00:00Z', 'warning' ],
			[ '2027-02-22T00:00:00Z', 'urgent' ],
			[ '2027-02-28T23:59:59Z', 'urgent' ],
			[ '2027-03-01T00:00:00Z', 'over' ],
			[ '2027-06-01T00:00:00Z', 'over' ],
		];
		expect(
			days.map( ( [ moment ] ) => [ moment, levelOf( 'old', moment ) ] )
		).toEqual( days );
	} );

	it( 'name the days left, the successor of that day and every place', () => {
		expect(
			shutdownNotices( catalog, at( '2027-02-20T12:00:00Z' ) )
		).toEqual( [
			{
				modelId: 'old',
				shutdownDate: '2027-03-01',
				daysLeft: 9,
				level: 'warning',
				successor: 'middle',
				tiers: [ 'economy', 'standard' ],
				roles: [ 'decision' ],
			},
			{
				modelId: 'scribe',
				shutdownDate: '2027-03-01',
				daysLeft: 9,
				level: 'warning',
				successor: 'gpt-transcribe',
				tiers: [],
				roles: [ 'transcription' ],
			},
			{
				modelId: 'orphan',
				shutdownDate: '2027-03-10',
				daysLeft: 18,
				level: 'warning',
				successor: undefined,
				tiers: [ 'standard', 'premium' ],
				roles: [],
			},
		] );
	} );

	it( 'come for a successor too, as soon as it stands in', () => {
		expect( levelOf( 'middle', '2027-02-28T12:00:00Z' ) ).toBeUndefined();
		const notices = shutdownNotices( catalog, AFTER );
		expect(
			notices.find( ( { modelId } ) => modelId === 'middle' )
		).toEqual( {
			modelId: 'middle',
			shutdownDate: '2027-03-20',
			daysLeft: 19,
			level: 'warning',
			successor: 'young',
			tiers: [ 'economy', 'standard' ],
			roles: [ 'decision' ],
		} );
		expect( notices[ 0 ] ).toMatchObject( {
			modelId: 'old',
			level: 'over',
			daysLeft: 0,
			successor: 'middle',
		} );
	} );

	it( 'leave roles alone that nothing calls', () => {
		expect(
			shutdownNotices( catalog, AFTER, [ 'decision' ] ).map(
				( { modelId } ) => modelId
			)
		).toEqual( [ 'old', 'orphan', 'middle' ] );
	} );

	it( 'leave models alone that nothing uses', () => {
		const shipped = loadCatalog( undefined );
		expect(
			shutdownNotices( shipped, at( '2027-01-13' ) ).map(
				( { modelId } ) => modelId
			)
		).not.toContain( 'gpt-4o-mini' );
	} );

	it( 'say in words what will happen and what to do', () => {
		const words = ( moment: string ) =>
			shutdownNotices( catalog, at( moment ) ).map( describeShutdown );
		expect( words( '2027-02-28T12:00:00Z' )[ 0 ] ).toEqual( {
			status: 'warning',
			message:
				'old (tier economy, tier standard, role decision) will be switched off on 2027-03-01, in 1 day; middle will answer in its place.',
			remedy: 'Nothing has to be done. To choose yourself, name another model for tier economy, tier standard, role decision in DOCENT_MODELS_FILE.',
		} );
		expect( words( '2027-03-10T00:00:00Z' ) ).toContainEqual( {
			status: 'error',
			message:
				'orphan (tier standard, tier premium) was switched off on 2027-03-10, and no successor is named: nothing answers in its place.',
			remedy: 'Name another model for tier standard, tier premium in DOCENT_MODELS_FILE, or a "successor" for orphan.',
		} );
	} );
} );
