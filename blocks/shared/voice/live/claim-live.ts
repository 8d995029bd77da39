/**
 * Lets one live conversation go on at a time in all tabs and panels of a site: the newest.
 */
import { claimMicrophone } from '../capture/claim.ts';

const NAME = 'docent-live';

/** How long an older conversation may take to let go of the microphone, and how often it is asked. */
const TRIES = 12;
const PAUSE_MS = 100;

/**
 * Claims it. `onTaken` hears that a newer one began. Resolves to what gives it back, or to undefined while something other than a live
 * conversation has the microphone.
 */
export async function claimLive(
	onTaken: () => void,
	locks: LockManager | undefined = navigator.locks
): Promise< ( () => void ) | undefined > {
	let release = () => {};
	const held = new Promise< void >( ( resolve ) => {
		release = resolve;
	} );
	let isMine = true;
	await new Promise< void >( ( resolve ) => {
		if ( ! locks ) {
			resolve();
			return;
		}
		locks
			.request( NAME, { steal: true }, () => {
				resolve();
				return held;
			} )
			.catch( () => {
				isMine = false;
				resolve();
				onTaken();
			} );
	} );
	for ( let left = TRIES; left > 0 && isMine; left-- ) {
		const giveBack = await claimMicrophone( locks );
		if ( giveBack ) {
			return () => {
				release();
				giveBack();
			};
		}
		await new Promise( ( resolve ) => setTimeout( resolve, PAUSE_MS ) );
	}
	release();
	return undefined;
}
