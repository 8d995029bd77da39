/**
 * Keeps stored speech in Redis, sound included: memory is dear there, so that less of it stays than on a disk.
 */
import {
	isReading,
	type SpeechStore,
	type StoredSpeech,
} from '../speech-store.ts';
import type { RedisConnection } from './connection.ts';
import { siteKey } from './redis-site-key.ts';
import { defineScript, readScript, type RedisScript } from './script.ts';

/** Stands before every script that makes speech go. */
export const SPEECH_ENTRIES = readScript(
	new URL( './redis-speech-entries.lua', import.meta.url )
).source;

function readStep( name: string ): RedisScript {
	const { source } = readScript(
		new URL( `./redis-speech-${ name }.lua`, import.meta.url )
	);
	return defineScript( `${ SPEECH_ENTRIES }\n${ source }` );
}

const ADD = readStep( 'add' );
const FIND = readScript(
	new URL( './redis-speech-find.lua', import.meta.url )
);
const UNUSED = readStep( 'unused' );

/** What of one site is kept, in bytes. */
const MAX_BYTES_PER_SITE = 64 * 1024 * 1024;

/** Names every site that has speech, so that what nobody hears can be looked for. */
const SITES_KEY = 'docent:sites-with-speech';

/** Tells whose speech an id is. It expires by itself, because it stays behind when the speech goes; in seconds. */
const ownerKey = ( id: string ): string => `docent:speech-of:${ id }`;
const OWNER_SECONDS = 100 * 86_400;

/** A sound of some megabytes takes longer than other commands, in milliseconds. */
const SOUND_TIMEOUT_MS = 5_000;

/** How many one script forgets, so that others get their turn in between. */
const FORGOTTEN_AT_ONCE = 50;

const ID = /^[0-9a-f]{32}$/;

/** Makes a store of speech over a connection. */
export function createRedisSpeechStore( redis: RedisConnection ): SpeechStore {
	const keys = ( siteId: string ): [ known: string, used: string ] => [
		siteKey( siteId, 'speech' ),
		siteKey( siteId, 'speech:used' ),
	];
	const soundKey = ( siteId: string, id: string ): string =>
		`${ siteKey( siteId, 'speech' ) }:${ id }`;
	const owned = ( { siteId, id }: Pick< StoredSpeech, 'siteId' | 'id' > ) =>
		redis.command( [
			'SET',
			ownerKey( id ),
			siteId,
			'EX',
			String( OWNER_SECONDS ),
		] );

	return {
		maxBytesPerSite: MAX_BYTES_PER_SITE,

		async find( siteId, id, now ) {
			const found = await redis.script< string | null >(
				FIND,
				keys( siteId ),
				[ id, String( now ) ]
			);
			if ( ! found ) {
				return undefined;
			}
			await owned( { siteId, id } );
			return JSON.parse( found ) as StoredSpeech;
		},

		async open( id ) {
			if ( ! ID.test( id ) ) {
				return undefined;
			}
			const siteId = await redis.command< string | null >( [
				'GET',
				ownerKey( id ),
			] );
			if ( siteId === null ) {
				return undefined;
			}
			const found = await redis.command< string | null >( [
				'HGET',
				keys( siteId )[ 0 ],
				id,
			] );
			return found === null
				? undefined
				: ( JSON.parse( found ) as StoredSpeech );
		},

		async read( { siteId, id }, start, end ) {
			const bytes = await redis.command< Buffer >(
				[
					'GETRANGE',
					soundKey( siteId, id ),
					String( start ),
					String( end ),
				],
				{ asBuffers: true, timeoutMs: SOUND_TIMEOUT_MS }
			);
			return bytes.length === end - start + 1 ? bytes : undefined;
		},

		async add( speech, audio, maxBytes, restsOn = [] ) {
			if ( audio.length > maxBytes ) {
				return;
			}
			await Promise.all( [
				redis.command( [ 'SADD', SITES_KEY, speech.siteId ] ),
				owned( speech ),
				redis.script(
					ADD,
					[
						...keys( speech.siteId ),
						siteKey( speech.siteId, 'documents:hashes' ),
					],
					[
						speech.id,
						Buffer.from(
							audio.buffer,
							audio.byteOffset,
							audio.length
						),
						JSON.stringify( { ...speech, bytes: audio.length } ),
						String( speech.createdAt ),
						String( maxBytes ),
						JSON.stringify(
							restsOn.flatMap( ( ground ) =>
								'hash' in ground
									? [ [ ground.documentId, ground.hash ] ]
									: []
							)
						),
						JSON.stringify(
							restsOn
								.filter( isReading )
								.map( ( { documentId } ) => documentId )
						),
					],
					{ timeoutMs: SOUND_TIMEOUT_MS }
				),
			] );
		},

		async deleteUnusedSince( time ) {
			let deleted = 0;
			for ( const siteId of await redis.command< string[] >( [
				'SMEMBERS',
				SITES_KEY,
			] ) ) {
				let some: number;
				do {
					some = await redis.script< number >(
						UNUSED,
						keys( siteId ),
						[ String( time ), String( FORGOTTEN_AT_ONCE ) ]
					);
					deleted += some;
				} while ( some === FORGOTTEN_AT_ONCE );
			}
			return deleted;
		},
	};
}
