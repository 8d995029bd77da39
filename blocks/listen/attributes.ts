/**
 * Describes the attributes of the player block as the editor holds them.
 */

/** Attributes of `docent/listen`; the same names as in block.json. */
export type Attributes = {
	/** `section` reads what stands under the heading before the block. */
	what: 'article' | 'section';
	/** Words on the button; empty means the usual ones. */
	label: string;
	/** Id of a voice role of the settings; empty means the assistant's own voice. */
	voiceRole: string;
	/** Whether visitors can choose the speed. */
	hasSpeed: boolean;
};

/** What the editor hands to the block. */
export interface EditProps {
	attributes: Attributes;
	setAttributes: ( changes: Partial< Attributes > ) => void;
}
