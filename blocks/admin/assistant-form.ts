/**
 * Turns the settings of the assistant into what its form holds, and what was changed there into a patch.
 */
import type { Settings, SettingsPatch } from './types.ts';

/** What the plugin (name) and the proxy (the others) take at most. */
export const MAX_NAME_LENGTH = 60;
export const MAX_INSTRUCTIONS_LENGTH = 4_000;
export const MAX_HOURS = 8_760;

/** What the form holds; hours as typed. */
export interface AssistantForm {
	name: string;
	instructions: string;
	isLauncherEnabled: boolean;
	position: 'end' | 'start';
	hours: string;
}

/** Fills the form. */
export function assistantForm( {
	assistant,
	launcher,
	retention,
}: Pick< Settings, 'assistant' | 'launcher' | 'retention' > ): AssistantForm {
	return {
		name: assistant.name,
		instructions: assistant.instructions,
		isLauncherEnabled: launcher.isEnabled,
		position: launcher.position,
		hours: String( retention.conversationHours ),
	};
}

/** Answers only what changed, so that what the proxy keeps is not touched without need; undefined if not valid. */
export function assistantPatch(
	form: AssistantForm,
	saved: AssistantForm
): SettingsPatch | undefined {
	const patch: SettingsPatch = {};
	if ( form.name !== saved.name ) {
		patch.assistant = { name: form.name.trim() };
	}
	if ( form.instructions !== saved.instructions ) {
		patch.assistant = {
			...patch.assistant,
			instructions: form.instructions.trim(),
		};
	}
	if (
		form.isLauncherEnabled !== saved.isLauncherEnabled ||
		form.position !== saved.position
	) {
		patch.launcher = {
			isEnabled: form.isLauncherEnabled,
			position: form.position,
		};
	}
	if ( form.hours !== saved.hours ) {
		const conversationHours = readHours( form.hours );
		if ( conversationHours === undefined ) {
			return undefined;
		}
		patch.retention = { conversationHours };
	}
	return patch;
}

/** Reads a number of hours; undefined when it is not one the proxy takes. */
export function readHours( typed: string ): number | undefined {
	const hours = /^\s*\d{1,5}\s*$/.test( typed ) ? Number( typed ) : 0;
	return hours >= 1 && hours <= MAX_HOURS ? hours : undefined;
}
