/**
 * Names a voice the way a model takes it.
 */
import type { Model } from '../models/catalog.ts';
import type { Voice } from '../types.ts';

/** A voice of the account's own has an id, not a name. */
const OWN_VOICE = /^voice_/;

/**
 * Returns what to send as the voice. Models do not share all voices: one that the model does not have becomes its first one, so that the
 * answer is heard at all when another model speaks in the place of the usual one.
 */
export function voiceFor(
	{ capabilities: { voices } }: Model,
	{ name }: Voice
): string | { id: string } {
	if ( OWN_VOICE.test( name ) ) {
		return { id: name };
	}
	const [ first ] = voices;
	return first === undefined || voices.includes( name ) ? name : first;
}
