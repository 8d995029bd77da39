/**
 * Finds out what the preview borrows from the site: its name, and from the settings the assistant's.
 */
import apiFetch from '@wordpress/api-fetch';
import { useSelect } from '@wordpress/data';
import { useEffect, useState } from '@wordpress/element';

/** What the settings page knows that the preview shows. */
interface AssistantSettings {
	connection: { isConnected: boolean };
	assistant: { name: string };
	/** Null when the proxy did not answer. */
	voice: {
		enabled: boolean;
		roles: VoiceRole[];
		/** What the proxy has a model and a key for; null when it does not tell. */
		abilities: { transcription: object | null } | null;
	} | null;
}

/** A voice that a block can be given. */
export interface VoiceRole {
	id: string;
	name: string;
}

/** The selectors of the `core` store that are used here. */
interface CoreSelectors {
	canUser(
		action: 'update',
		resource: { kind: 'root'; name: 'site' }
	): boolean | undefined;
	getEntityRecord(
		kind: 'root',
		name: '__unstableBase'
	): { name?: string } | undefined;
}

/** What is known about the site; parts are absent until they are read, or for good when they may not be read. */
export interface Site {
	name: string | undefined;
	assistantName: string | undefined;
	isConnected: boolean | undefined;
	/** Whether visitors find a microphone where a block has one. */
	isVoiceOffered: boolean | undefined;
	voiceRoles: VoiceRole[] | undefined;
}

/** Every block of a page shares one request. */
let settingsRequest: Promise< AssistantSettings > | undefined;

/** Reads what the preview needs. Only administrators may read the settings, so nobody else asks for them. */
export function useSite(): Site {
	const { canManage, name } = useSelect( ( select ) => {
		const core = select( 'core' ) as unknown as CoreSelectors;
		return {
			canManage: core.canUser( 'update', { kind: 'root', name: 'site' } ),
			name: core.getEntityRecord( 'root', '__unstableBase' )?.name,
		};
	}, [] );
	const [ settings, setSettings ] = useState< AssistantSettings >();

	useEffect( () => {
		if ( ! canManage ) {
			return undefined;
		}
		let isShown = true;
		settingsRequest ??= apiFetch< AssistantSettings >( {
			path: '/docent/v1/settings',
		} );
		settingsRequest.then(
			( answer ) => isShown && setSettings( answer ),
			// Without the settings the preview shows defaults; the next block asks again.
			() => ( settingsRequest = undefined )
		);
		return () => {
			isShown = false;
		};
	}, [ canManage ] );

	return {
		name,
		assistantName: settings?.assistant.name || undefined,
		isConnected: settings?.connection.isConnected,
		isVoiceOffered: settings?.voice
			? offersVoice( settings.voice )
			: undefined,
		voiceRoles: settings?.voice?.roles,
	};
}

/** The same rule by which the plugin decides for pages: voice is on, and there is a model that can hear. */
function offersVoice( {
	enabled,
	abilities,
}: NonNullable< AssistantSettings[ 'voice' ] > ): boolean {
	return (
		enabled && ( abilities === null || abilities.transcription !== null )
	);
}
