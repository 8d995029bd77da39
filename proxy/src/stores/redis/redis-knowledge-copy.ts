/**
 * Keeps a packed copy of what sites have in Redis, so that a proxy goes on quoting a site while Redis is away. A copy is of the newest
 * version that this proxy has seen, or there is none.
 */
import { promisify } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { blockOf } from '../postings.ts';
import type { RedisConnection } from './connection.ts';
import { readSite, type SiteState } from './redis-knowledge-site.ts';
import { wordsName } from './redis-knowledge-words.ts';
import { siteKey } from './redis-site-key.ts';

/** How long a site must have stayed the same before it is copied, in milliseconds: a site that is being sent changes every moment. */
const COPY_AFTER_MS = 5_000;

/** How many sites are copied, and how large one may be, in passages. A thousand passages take about a megabyte, packed. */
const MAX_SITES = 8;
const MAX_PASSAGES = 20_000;

/** How many fields one command reads. */
const FIELDS_AT_ONCE = 500;

/** Values by field, as a hash in Redis has them. */
export type Part = ReadonlyMap< string, Buffer >;

/** Everything that searching a site needs. */
export interface SiteCopy {
	state: SiteState;
	/** Unpacks one hash; one that there is not is empty. */
	part( name: string ): Promise< Part >;
}

export interface CopyOptions {
	copyAfterMs?: number | undefined;
	/** Is told of every copy that was made. */
	onCopied?: ( ( siteId: string ) => void ) | undefined;
}

/** The copies of one proxy. */
export interface SiteCopies {
	/** Takes note of a site as Redis has it now. */
	note( siteId: string, state: SiteState ): void;
	/** Returns the copy of a site. */
	recall( siteId: string ): SiteCopy | undefined;
}

interface Known {
	state: SiteState;
	timer: NodeJS.Timeout | undefined;
	packed: Map< string, Buffer > | undefined;
	/** What was unpacked while Redis is away. */
	opened: Map< string, Promise< Part > >;
}

const pack = promisify( deflateRaw );
const unpack = promisify( inflateRaw );

/** Makes the copies of one proxy; there are none at first. */
export function createSiteCopies(
	redis: RedisConnection,
	{ copyAfterMs = COPY_AFTER_MS, onCopied = () => undefined }: CopyOptions
): SiteCopies {
	const sites = new Map< string, Known >();

	const copy = async ( siteId: string, known: Known ): Promise< void > => {
		const { state } = known;
		if ( ! ( await isStill( redis, siteId, state ) ) ) {
			return;
		}
		const packed = new Map< string, Buffer >();
		for ( const name of partNames( state ) ) {
			const part = await readPart( redis, siteKey( siteId, name ) );
			packed.set( name, await pack( serialize( part ) ) );
		}
		if ( await isStill( redis, siteId, state ) ) {
			known.packed = packed;
			onCopied( siteId );
		}
	};

	return {
		note( siteId, state ) {
			let known = sites.get( siteId );
			if ( ! known || ! isSame( known.state, state ) ) {
				clearTimeout( known?.timer );
				known = {
					state,
					timer: undefined,
					packed: undefined,
					opened: new Map(),
				};
			}
			known.opened.clear();
			// The site used last goes to the end; the first one is the longest unused.
			sites.delete( siteId );
			sites.set( siteId, known );
			if ( sites.size > MAX_SITES ) {
				const [ oldest = '' ] = sites.keys();
				clearTimeout( sites.get( oldest )?.timer );
				sites.delete( oldest );
			}
			if (
				! known.packed &&
				! known.timer &&
				state.passages > 0 &&
				state.passages <= MAX_PASSAGES
			) {
				const copied = known;
				known.timer = setTimeout( () => {
					copy( siteId, copied )
						// Redis is away or the site has changed: the next one who looks begins again.
						.catch( () => undefined )
						.finally( () => {
							copied.timer = undefined;
						} );
				}, copyAfterMs ).unref();
			}
		},

		recall( siteId ) {
			const { state, packed, opened } = sites.get( siteId ) ?? {};
			if ( ! state || ! packed || ! opened ) {
				return undefined;
			}
			return {
				state,
				async part( name ) {
					const bytes = packed.get( name );
					if ( ! bytes ) {
						return new Map();
					}
					let part = opened.get( name );
					if ( ! part ) {
						part = unpack( bytes ).then( deserialize );
						opened.set( name, part );
					}
					return part;
				},
			};
		},
	};
}

function isSame( a: SiteState, b: SiteState ): boolean {
	return a.version === b.version && a.epoch === b.epoch;
}

/** Tells whether a site is as it was, with everything written down. */
async function isStill(
	redis: RedisConnection,
	siteId: string,
	state: SiteState
): Promise< boolean > {
	const now = await readSite( redis, siteId );
	return isSame( now, state ) && now.pending === undefined;
}

function partNames( { next, languages }: SiteState ): string[] {
	const names = [ 'documents', 'documents:numbers', 'urls', 'passages' ];
	for ( const language of Object.keys( languages ) ) {
		for ( let block = 0; block <= blockOf( next ); block++ ) {
			names.push( wordsName( language, block ) );
		}
	}
	return names;
}

/** Reads a hash, a little at a time. */
async function readPart(
	redis: RedisConnection,
	key: string
): Promise< Map< string, Buffer > > {
	const fields = new Map< string, Buffer >();
	let cursor = '0';
	do {
		const [ following, page ] = await redis.command< [ Buffer, Buffer[] ] >(
			[ 'HSCAN', key, cursor, 'COUNT', String( FIELDS_AT_ONCE ) ],
			{ asBuffers: true }
		);
		cursor = String( following );
		for ( let at = 0; at < page.length; at += 2 ) {
			fields.set( String( page[ at ] ), page[ at + 1 ] as Buffer );
		}
	} while ( cursor !== '0' );
	return fields;
}
