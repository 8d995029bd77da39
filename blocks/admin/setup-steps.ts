/**
 * Says which step of setting Docent up comes next, so that one button on the page stands out.
 */
import type { Settings, Sync } from './types.ts';

/** A step that has to be taken once, in this order. */
export type SetupStep = 'connect' | 'content' | 'sync';

/** Answers the first step that is not done; undefined when the assistant can answer. */
export function nextStep(
	{
		connection,
		contentTypes,
	}: Pick< Settings, 'connection' | 'contentTypes' >,
	sync: Sync | undefined
): SetupStep | undefined {
	if ( ! connection.isConnected ) {
		return 'connect';
	}
	if ( ! contentTypes.some( ( { isSelected } ) => isSelected ) ) {
		return 'content';
	}
	// While nothing is known about the sync, no step is claimed to be missing or done.
	return sync?.status === 'done' ? undefined : 'sync';
}
