/**
 * Stands where settings would be that cannot be read from the proxy.
 */
import { useAction } from '../use-action.ts';
import type { SettingsAccess } from '../use-settings.ts';
import { CardError } from './step-card.tsx';

interface ProxyAwayProps {
	access: SettingsAccess;
	/** Why the proxy's settings could not be read. */
	error: string;
	/** What holds meanwhile. */
	note: string;
}

/** Renders the reason, what holds meanwhile, and a way to try again. */
export function ProxyAway( { access, error, note }: ProxyAwayProps ) {
	const action = useAction();
	return (
		<>
			<CardError
				error={ error }
				onRetry={ () => action.run( access.reload ) }
			/>
			<p className="docent-step__note">{ note }</p>
			<CardError error={ action.error } />
		</>
	);
}
