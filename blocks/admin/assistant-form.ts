/**
 * Turns the settings of the assistant into what its form holds, and what was changed there into a patch.
 */
import type { Settings, SettingsPatch } from './types.ts';
import { readWhole, type NumberRange } from './whole-number.ts';

/** What the plugin (name) and the proxy (the others) take at most. */
export const MAX_NAME_LENGTH = 60;
export const MAX_INSTRUCTIONS_LENGTH = 4_000;
export const HOURS: NumberRange = { min: 1, max: 8_760 };
export const CALL_DAYS: NumberRange = { min: 1, max: 3_650 };

/** What the form holds; hours and days as typed. */
export interface AssistantForm {
	name: string;
	instructions: string;
	isLauncherEnabled: boolean;
	position: 'end' | 'start';
	hours: string;
	callDays: string;
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
		callDays: String( retention.callDays ),
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
		const conversationHours = readWhole( form.hours, HOURS );
		if ( conversationHours === undefined ) {
			return undefined;
		}
		patch.retention = { conversationHours };
	}
	if ( form.callDays !== saved.callDays ) {
		const callDays = readWhole( form.callDays, CALL_DAYS );
		if ( callDays === undefined ) {
			return undefined;
		}
		patch.retention = { ...patch.retention, callDays };
	}
	return patch;
}
