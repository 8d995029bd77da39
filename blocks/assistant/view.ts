/**
 * The part of the assistant that every page with the block loads: it opens the panel at once and fetches the rest when first touched.
 */
import {
	getConfig,
	getContext,
	getElement,
	store,
	withSyncEvent,
} from '@wordpress/interactivity';
import { closeFloating, matchSurface, openFloating } from './view/floating.ts';
import type { Panel, PanelConfig, PanelContext } from './view/panel.ts';
import { isTextOnly } from './view/text-only.ts';

const panels = new WeakMap< HTMLElement, Promise< Panel > >();
const loaded = new WeakSet< HTMLElement >();

/** The panel's root, its context and the way to load the rest, as the current directive sees them. */
function here() {
	const root = getElement().ref as HTMLElement;
	const context = getContext< PanelContext & { isOpen: boolean } >();
	const config = getConfig( 'docent' ) as PanelConfig;

	function setOpen( isOpen: boolean, isQuiet = false ): void {
		if ( isOpen === context.isOpen ) {
			return;
		}
		context.isOpen = isOpen;
		if ( isOpen ) {
			openFloating( root, isQuiet );
		} else {
			closeFloating( root );
		}
		withPanel( ( panel ) => panel.opened( isOpen ) );
	}

	/** Loads the rest once; a failed attempt is repeated, and then may be tried anew. */
	function load( isRestoring = false ): Promise< Panel > {
		let loading = panels.get( root );
		if ( ! loading ) {
			matchSurface( root );
			const { display, name, scope, voiceRole } = context;
			const fetchRest = () => import( './view/panel.ts' );
			loading = fetchRest()
				.catch( fetchRest )
				.then( ( { createPanel } ) =>
					createPanel( {
						root,
						display,
						name,
						scope,
						voiceRole,
						config,
						isRestoring,
						setOpen,
					} )
				);
			panels.set( root, loading );
			loading.then(
				() => loaded.add( root ),
				() => panels.delete( root )
			);
		}
		return loading;
	}

	/** Does what the visitor wants once the rest is there; says meanwhile that something happens, or that nothing can. */
	function withPanel( action: ( panel: Panel ) => void ): void {
		const { opening, failure_unreachable: unreachable = '' } =
			config.strings;
		if ( ! loaded.has( root ) ) {
			showNote( root, opening );
		}
		load().then(
			( panel ) => {
				showNote( root, '' );
				action( panel );
			},
			() => showNote( root, unreachable )
		);
	}

	return { root, context, setOpen, load, withPanel };
}

/** Says one sentence above the composer; an empty one takes it away. */
function showNote( root: HTMLElement, sentence: string ): void {
	let note = root.querySelector( '.docent-opening' );
	if ( ! note && sentence ) {
		note = document.createElement( 'p' );
		note.className = 'docent-notice docent-opening';
		note.setAttribute( 'role', 'status' );
		root.querySelector( '.docent-foot' )?.prepend( note );
	}
	if ( note && sentence ) {
		note.textContent = sentence;
	} else {
		note?.remove();
	}
}

store( 'docent', {
	actions: {
		prepare() {
			here()
				.load()
				.catch( () => {} );
		},
		press: withSyncEvent( ( event: Event ) => {
			const { context, setOpen, withPanel } = here();
			const control = ( event.target as Element ).closest< HTMLElement >(
				'button[data-docent]'
			);
			const hook = control?.dataset.docent;
			if ( ! control || ! hook ) {
				return;
			}
			if ( hook === 'launcher' ) {
				setOpen( ! context.isOpen );
			} else if ( hook === 'close' ) {
				setOpen( false );
			} else {
				withPanel( ( panel ) => panel.press( hook, control ) );
			}
		} ),
		type: withSyncEvent( ( event: KeyboardEvent ) => {
			const { context, setOpen, withPanel } = here();
			// An Enter or Escape that belongs to an input method chooses or drops its candidate.
			if ( event.isComposing || event.keyCode === 229 ) {
				return;
			}
			const hook = ( event.target as HTMLElement ).dataset.docent;
			if ( event.key === 'Enter' && event.repeat && hook === 'consent' ) {
				// Enter still held from sending the question must not agree to anything.
				event.preventDefault();
			} else if (
				event.key === 'Enter' &&
				! event.shiftKey &&
				hook === 'composer'
			) {
				event.preventDefault();
				withPanel( ( panel ) => panel.press( 'send' ) );
			} else if ( event.key === 'Escape' ) {
				const menu = (
					event.currentTarget as Element | null
				 )?.querySelector( '.docent-menu' );
				if ( menu && ! menu.hasAttribute( 'hidden' ) ) {
					event.preventDefault();
					withPanel( ( panel ) => panel.press( 'menu' ) );
				} else if ( context.isOpen ) {
					event.preventDefault();
					setOpen( false );
				}
			}
		} ),
	},
	callbacks: {
		start() {
			( getElement().ref as HTMLElement ).classList.toggle(
				'docent--text-only',
				isTextOnly()
			);
			// Something to go on with: a conversation that an earlier page of this tab left.
			let isKept = false;
			try {
				isKept = sessionStorage.getItem( 'docent' ) !== null;
			} catch {
				// Storage is blocked, so nothing was kept.
			}
			if ( isKept ) {
				const { load } = here();
				load( true ).then(
					( panel ) => panel.restore(),
					() => {}
				);
			}
		},
	},
} );
