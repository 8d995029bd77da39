/**
 * Turns the choices about voice into what their form holds, and what was changed there into a patch.
 */
import type { SettingsPatch, VoiceSettings } from '../types.ts';
import { readWhole, type NumberRange } from '../whole-number.ts';
import { readRoles, type RoleRow } from './roles.ts';

/** The longest spoken question, in seconds. */
export const QUESTION_SECONDS: NumberRange = { min: 5, max: 120 };

/** The longest live conversation, in minutes. */
export const LIVE_MINUTES: NumberRange = { min: 1, max: 120 };

/** Voice in a day, in minutes; 0 allows none. */
export const DAY_MINUTES: NumberRange = { min: 0, max: 16_666_666 };

/** What is chosen as it is kept. */
const PLAIN = [
	'enabled',
	'realtime',
	'expressive',
	'speech',
	'browserTranscription',
	'showSpent',
	'readAloud',
	'download',
] as const;

/** What the form holds; numbers and words as typed. */
export interface VoiceForm extends Pick<
	VoiceSettings,
	( typeof PLAIN )[ number ] | 'voice' | 'instructions'
> {
	roles: RoleRow[];
	questionSeconds: string;
	liveMinutes: string;
	dayMinutes: string;
	isMadeAhead: boolean;
}

/** Fills the form. */
export function voiceForm(
	voice: VoiceSettings,
	{ isMadeAhead }: { isMadeAhead: boolean }
): VoiceForm {
	return {
		enabled: voice.enabled,
		realtime: voice.realtime,
		expressive: voice.expressive,
		speech: voice.speech,
		browserTranscription: voice.browserTranscription,
		showSpent: voice.showSpent,
		readAloud: voice.readAloud,
		download: voice.download,
		voice: voice.voice,
		instructions: voice.instructions,
		roles: voice.roles,
		questionSeconds: String( voice.maxQuestionSeconds ),
		liveMinutes: minutes( voice.liveMaxSeconds ),
		dayMinutes: minutes( voice.voiceSecondsDay ),
		isMadeAhead,
	};
}

/** Answers only what changed, so that what was set elsewhere stays as it is; undefined when something is not valid. */
export function voicePatch(
	typed: VoiceForm,
	before: VoiceForm
): SettingsPatch | undefined {
	const form = withoutHidden( typed, before );
	const roles = readRoles( form.roles );
	const questionSeconds = readWhole( form.questionSeconds, QUESTION_SECONDS );
	const liveMinutes = readWhole( form.liveMinutes, LIVE_MINUTES );
	const dayMinutes = readWhole( form.dayMinutes, DAY_MINUTES );
	const name = form.voice.trim();
	if (
		! roles ||
		questionSeconds === undefined ||
		liveMinutes === undefined ||
		dayMinutes === undefined ||
		name === ''
	) {
		return undefined;
	}
	const plain = Object.fromEntries(
		PLAIN.filter( ( key ) => form[ key ] !== before[ key ] ).map(
			( key ) => [ key, form[ key ] ]
		)
	);
	const voice: SettingsPatch[ 'voice' ] = {
		...plain,
		...( form.voice !== before.voice && { voice: name } ),
		...( form.instructions !== before.instructions && {
			instructions: form.instructions.trim(),
		} ),
		...( JSON.stringify( form.roles ) !==
			JSON.stringify( before.roles ) && { roles } ),
		...( form.questionSeconds !== before.questionSeconds && {
			maxQuestionSeconds: questionSeconds,
		} ),
		...( form.liveMinutes !== before.liveMinutes && {
			liveMaxSeconds: liveMinutes * 60,
		} ),
		...( form.dayMinutes !== before.dayMinutes && {
			voiceSecondsDay: dayMinutes * 60,
		} ),
	};
	return {
		...( Object.keys( voice ).length > 0 && { voice } ),
		...( form.isMadeAhead !== before.isMadeAhead && {
			readAloud: { isMadeAhead: form.isMadeAhead },
		} ),
	};
}

/** Answers the patch that takes another one back. */
export function reversedVoice(
	patch: SettingsPatch,
	saved: VoiceSettings,
	{ isMadeAhead }: { isMadeAhead: boolean }
): SettingsPatch {
	const changed = patch.voice;
	return {
		...( changed && {
			voice: Object.fromEntries(
				Object.entries( saved ).filter(
					( [ name ] ) => name in changed
				)
			),
		} ),
		...( patch.readAloud && { readAloud: { isMadeAhead } } ),
	};
}

/** What is not on the screen cannot be mended, so it stays as it was. */
function withoutHidden( typed: VoiceForm, before: VoiceForm ): VoiceForm {
	if ( ! typed.enabled ) {
		return { ...before, enabled: false };
	}
	return typed.realtime
		? typed
		: { ...typed, liveMinutes: before.liveMinutes };
}

/** Seconds that an operator set need not be whole minutes; the field shows the next whole one, and is sent only when it is changed. */
function minutes( seconds: number ): string {
	return String( Math.ceil( seconds / 60 ) );
}
