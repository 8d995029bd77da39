/**
 * Says in which voice a site's assistant speaks.
 */
import type { Settings } from '../settings.ts';
import type { Voice } from '../types.ts';

/** Returns the voice of a role, or the assistant's own one when nobody asked for a role or the owner has none of that name. */
export function voiceOf(
	{ assistant, voice }: Pick< Settings, 'assistant' | 'voice' >,
	roleId: string | undefined
): Voice {
	const role = voice.roles.find( ( { id } ) => id === roleId );
	return role
		? { name: role.voice, instructions: role.instructions }
		: { name: assistant.voice, instructions: voice.instructions };
}
