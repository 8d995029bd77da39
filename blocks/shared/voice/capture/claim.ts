/**
 * Keeps two panels or two tabs of a site from recording at the same time.
 */

const NAME = 'docent-microphone';

/** Claims the microphone. Resolves to what gives it back, or to undefined while another panel or tab of the site has it. */
export function claimMicrophone(
	locks: LockManager | undefined = navigator.locks
): Promise< ( () => void ) | undefined > {
	if ( ! locks ) {
		return Promise.resolve( () => {} );
	}
	return new Promise( ( resolve, reject ) => {
		locks
			.request( NAME, { ifAvailable: true }, ( lock ) => {
				if ( ! lock ) {
					resolve( undefined );
					return undefined;
				}
				// Held until this promise resolves, or the page goes away.
				return new Promise< void >( ( release ) =>
					resolve( () => release() )
				);
			} )
			.catch( reject );
	} );
}
