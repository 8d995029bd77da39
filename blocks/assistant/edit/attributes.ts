/**
 * Describes the attributes of the assistant block as the editor holds them.
 */

/** Attributes of `docent/assistant`; the same names as in block.json. */
export type Attributes = {
	/** `launcher` is what the plugin renders for every page; it cannot be chosen. */
	display: 'inline' | 'button' | 'launcher';
	/** Empty means the name from the settings page. */
	name: string;
	greeting: string;
	placeholder: string;
	suggestions: string[];
	/** `text` always; a microphone is shown where `voice` is among them and the settings offer voice. */
	modalities: string[];
	/** Id of a voice role of the settings; empty means the assistant's own voice. */
	voiceRole: string;
	scope: 'site' | 'page';
	/** Height in pixels up to which the panel grows. */
	maxHeight: number;
};

/** What a part of the editor needs to show and change the block. */
export interface EditProps {
	attributes: Attributes;
	setAttributes: ( changes: Partial< Attributes > ) => void;
	isSelected: boolean;
}

/** What a new block offers; block.json has the same. */
export const USUAL_MODALITIES: readonly string[] = [ 'text', 'voice' ];

/** Switches voice on or off and leaves the others. */
export function withVoice(
	modalities: readonly string[],
	isOn: boolean
): string[] {
	const others = modalities.filter( ( modality ) => modality !== 'voice' );
	return isOn ? [ ...others, 'voice' ] : others;
}

/** Heights in pixels the panel may grow to; render.php keeps to the same. */
export const MIN_HEIGHT = 320;
export const MAX_HEIGHT = 1_200;
