/**
 * Declares what the blocks use of WordPress packages that ship no types, and of files that webpack turns into styles.
 */
declare module '*.scss';

declare module '@wordpress/block-editor' {
	import type { ComponentType, ReactNode } from 'react';

	/** Props of a block's outermost element; spread them on it. */
	export function useBlockProps(
		props?: Record< string, unknown >
	): Record< string, unknown >;

	/** Puts controls into the sidebar. */
	export const InspectorControls: ComponentType< {
		group?: 'settings' | 'styles' | 'advanced';
		children?: ReactNode;
	} >;

	/** Puts controls into the block's toolbar. */
	export const BlockControls: ComponentType< {
		group?: 'default' | 'block' | 'inline' | 'other' | 'parent';
		children?: ReactNode;
	} >;

	/** Text that is edited where it stands. */
	export const RichText: ComponentType< {
		value: string;
		onChange: ( value: string ) => void;
		onRemove?: ( isForward: boolean ) => void;
		tagName?: string;
		className?: string;
		placeholder?: string;
		allowedFormats?: string[];
		disableLineBreaks?: boolean;
		withoutInteractiveFormatting?: boolean;
		'aria-label'?: string;
	} >;
}
