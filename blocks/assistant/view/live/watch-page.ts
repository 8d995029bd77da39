/**
 * Watches what happens to a page during a live conversation, and keeps its screen awake.
 */

/** Begins. Returns what ends it. */
export function watchPage( {
	onNetwork,
	onLeave,
}: {
	/** The network is gone, back, or another one. */
	onNetwork: () => void;
	/** The page is left. */
	onLeave: () => void;
} ): () => void {
	const { wakeLock, connection } = navigator as Navigator & {
		connection?: EventTarget & { type?: string };
	};
	let network = connection?.type;
	let isOver = false;
	let lock: WakeLockSentinel | undefined;

	/** Asked again on every return: the browser takes it back from a page that is not seen. */
	async function stayAwake(): Promise< void > {
		if ( document.visibilityState === 'visible' ) {
			try {
				lock = await wakeLock?.request( 'screen' );
			} catch {
				// A battery that is low, for example: then the screen goes dark as it always does.
			}
			if ( isOver ) {
				void lock?.release();
			}
		}
	}

	/** Its estimates change all the time; what counts is another way out. */
	function changed(): void {
		if ( connection?.type !== network ) {
			network = connection?.type;
			onNetwork();
		}
	}

	const ways: Array< [ EventTarget | undefined, string, () => void ] > = [
		[ window, 'online', onNetwork ],
		[ window, 'offline', onNetwork ],
		[ connection, 'change', changed ],
		[ window, 'pagehide', onLeave ],
		[ document, 'visibilitychange', stayAwake ],
	];
	ways.forEach( ( [ target, type, react ] ) =>
		target?.addEventListener( type, react )
	);
	void stayAwake();
	return () => {
		isOver = true;
		void lock?.release();
		ways.forEach( ( [ target, type, react ] ) =>
			target?.removeEventListener( type, react )
		);
	};
}
