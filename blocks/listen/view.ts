/**
 * The part of the player that every page with the block loads: it opens the sound inside the first tap and fetches the rest.
 */
import {
	getConfig,
	getContext,
	getElement,
	store,
	withSyncEvent,
} from '@wordpress/interactivity';
import { unlock } from '../shared/voice/playback/unlock.ts';
import type { Listener } from './view/listener.ts';
import type { ListenConfig, ListenContext } from './view/strings.ts';

const listeners = new WeakMap< HTMLElement, Promise< Listener > >();

/** Loads the rest once; a failed attempt is repeated, and then may be tried anew. */
function load( root: HTMLElement ): Promise< Listener > {
	let loading = listeners.get( root );
	if ( ! loading ) {
		const context = { ...getContext< ListenContext >() };
		const config = getConfig( 'docent/listen' ) as ListenConfig;
		const state = root.querySelector( '[data-docent="state"]' );
		if ( state ) {
			state.textContent = config.strings.loading;
		}
		const fetchRest = () => import( './view/listener.ts' );
		loading = fetchRest()
			.catch( fetchRest )
			.then( ( { createListener } ) =>
				createListener( { root, context, config } )
			);
		listeners.set( root, loading );
		loading.catch( () => {
			listeners.delete( root );
			if ( state ) {
				state.textContent = config.strings.failed;
			}
		} );
	}
	return loading;
}

function withListener( action: ( listener: Listener ) => void ): void {
	load( getElement().ref as HTMLElement ).then( action, () => {} );
}

function hookOf( event: Event ): string | undefined {
	return ( event.target as Element ).closest< HTMLElement >( '[data-docent]' )
		?.dataset.docent;
}

store( 'docent/listen', {
	actions: {
		press: withSyncEvent( ( event: Event ) => {
			const hook = hookOf( event );
			// The second click of a double click would take back what the first one did.
			const isSecond =
				hook === 'play' && ( event as MouseEvent ).detail > 1;
			if (
				hook &&
				! isSecond &&
				( event.target as Element ).closest( 'button' )
			) {
				// Before anything is waited for: browsers open the sound in a tap only.
				unlock();
				withListener( ( listener ) => listener.press( hook ) );
			}
		} ),
		move: withSyncEvent( ( event: Event ) => {
			if ( hookOf( event ) === 'range' ) {
				withListener( ( listener ) => listener.move() );
			}
		} ),
		change: withSyncEvent( ( event: Event ) => {
			const hook = hookOf( event );
			if ( hook ) {
				withListener( ( listener ) => listener.change( hook ) );
			}
		} ),
	},
} );
