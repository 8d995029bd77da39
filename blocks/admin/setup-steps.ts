/**
 * Says which step of setting Docent up comes next, so that one button on the page stands out.
 */
import type { Settings, Sync } from './types.ts';

/** What has to be done next; `repair` when the site is connected but the proxy does not answer it. */
export type SetupStep = 'connect' | 'repair' | 'content' | 'sync';

/** Answers the first step that is not done; undefined when the assistant can answer. */
export function nextStep(
	{
		connection,
		contentTypes,
		limitsError,
	}: Pick< Settings, 'connection' | 'contentTypes' | 'limitsError' >,
	sync: Sync | undefined
): SetupStep | undefined {
	if ( ! connection.isConnected ) {
		return 'connect';
	}
	if ( limitsError !== undefined ) {
		return 'repair';
	}
	if ( ! contentTypes.some( ( { isSelected } ) => isSelected ) ) {
		return 'content';
	}
	return sync?.status === 'done' ? undefined : 'sync';
}
