/**
 * Remembers how far a visitor has listened, in this browser only and only after they have listened.
 */

/** Where a visitor stopped. */
export interface KeptPlace {
	/** Number of the sentence. */
	sentence: number;
	/** Tells whether the text is still the same. */
	hash: string;
}

/** What is stored under the one key: the speed, and the articles heard last, newest first. */
interface Record {
	speed?: number;
	places?: Array< KeptPlace & { id: string } >;
}

const KEY = 'docent-listen';
const MAX_PLACES = 20;

/** Reads and writes what is remembered. Without storage nothing is. */
export function openKeptPlaces( storage: Storage | undefined ) {
	function read(): Record {
		try {
			const value: unknown = JSON.parse( storage?.getItem( KEY ) ?? '' );
			return typeof value === 'object' && value ? value : {};
		} catch {
			// Nothing there, blocked, or not ours.
			return {};
		}
	}

	function write( record: Record ): void {
		try {
			storage?.setItem( KEY, JSON.stringify( record ) );
		} catch {
			// Full or blocked: the next visit begins at the beginning.
		}
	}

	const placesOf = ( { places }: Record ) =>
		Array.isArray( places )
			? places.filter( ( place ) => typeof place?.id === 'string' )
			: [];

	return {
		/** The speed chosen last, 1 if none was. */
		get speed(): number {
			const { speed } = read();
			return typeof speed === 'number' && speed >= 0.75 && speed <= 2
				? speed
				: 1;
		},
		set speed( speed: number ) {
			write( { ...read(), speed } );
		},
		/** Where a visitor stopped in this text; 0 when it is new to them or has changed. */
		sentence( id: string, hash: string ): number {
			const place = placesOf( read() ).find(
				( candidate ) => candidate.id === id
			);
			return place?.hash === hash && Number.isInteger( place.sentence )
				? Math.max( 0, place.sentence )
				: 0;
		},
		/** Remembers a place; the beginning and the end need not be remembered. */
		keep( id: string, { sentence, hash }: KeptPlace ): void {
			const record = read();
			const others = placesOf( record ).filter(
				( place ) => place.id !== id
			);
			write( {
				...record,
				places: [
					...( sentence > 0 ? [ { id, sentence, hash } ] : [] ),
					...others,
				].slice( 0, MAX_PLACES ),
			} );
		},
	};
}

/* eslint-disable no-bitwise -- A hash is made of bits. */
/** Makes a short name of a text (FNV-1a, 32 bits): two versions of an article hardly ever share it. */
export function hashOf( texts: readonly string[] ): string {
	let hash = 0x811c9dc5;
	for ( const text of texts ) {
		for ( let i = 0; i < text.length; i++ ) {
			hash = Math.imul( hash ^ text.charCodeAt( i ), 0x01000193 );
		}
	}
	return ( hash >>> 0 ).toString( 36 );
}
/* eslint-enable no-bitwise */
