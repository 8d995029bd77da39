/**
 * Chooses what is offered of voice, how it sounds and how much of it there may be.
 */
import { ToggleControl } from '@wordpress/components';
import { useEffect, useRef, useState } from '@wordpress/element';
import { __ } from '@wordpress/i18n';
import type { FormEvent } from 'react';
import type { SetupStep } from '../setup-steps.ts';
import type { VoiceSettings } from '../types.ts';
import { useAction } from '../use-action.ts';
import { useDraft } from '../use-draft.ts';
import { useMessageEnd } from '../use-messages.ts';
import type { SettingsAccess } from '../use-settings.ts';
import {
	reversedVoice,
	voiceForm,
	voicePatch,
	type VoiceForm,
} from '../voice/voice-form.ts';
import { ProxyAway } from './proxy-away.tsx';
import { CardError, SaveButtons, StepCard } from './step-card.tsx';
import { ReadAloudFields } from './voice-read-aloud.tsx';
import { VoiceKinds } from './voice-kinds.tsx';
import { VoiceLimits } from './voice-limits.tsx';
import { VoiceRoles } from './voice-roles.tsx';
import { VoiceSound } from './voice-sound.tsx';

/** What the parts of the form get. */
export interface VoiceFieldsProps {
	form: VoiceForm;
	/** What the proxy can do. */
	abilities: VoiceSettings[ 'abilities' ];
	onChange: ( changes: Partial< VoiceForm > ) => void;
}

/** Renders the seventh card. */
export function VoiceCard( {
	access,
	next,
}: {
	access: SettingsAccess;
	next: SetupStep | undefined;
} ) {
	const { voice, limitsError } = access.settings;
	return (
		<StepCard
			step={ 7 }
			title={ __( 'Voice', 'docent' ) }
			description={ __(
				'Visitors ask aloud and hear the answer. The microphone is used only after they press its button and agree; recordings are not kept.',
				'docent'
			) }
			isWaiting={ next === 'connect' }
		>
			{ voice === null ? (
				<ProxyAway
					access={ access }
					error={
						limitsError ??
						__(
							'This proxy and this plugin do not understand each other about voice. Update both to the same version.',
							'docent'
						)
					}
					note={ __(
						'The proxy keeps the choices about voice, and they hold although they cannot be shown now.',
						'docent'
					) }
				/>
			) : (
				<Form access={ access } voice={ voice } />
			) }
		</StepCard>
	);
}

function Form( {
	access,
	voice,
}: {
	access: SettingsAccess;
	voice: VoiceSettings;
} ) {
	const { readAloud } = access.settings;
	const form = useRef< HTMLFormElement >( null );
	const saved = voiceForm( voice, readAloud );
	const { value, isDirty, change, discard } = useDraft( saved );
	const { run, isBusy, error } = useAction();
	const endMessage = useMessageEnd();
	// How often saving failed for what is in the fields. A new row is no mistake before.
	const [ refusals, setRefusals ] = useState( 0 );
	useEffect( () => {
		if ( refusals > 0 ) {
			form.current
				?.querySelector< HTMLElement >( '[aria-invalid="true"]' )
				?.focus();
		}
	}, [ refusals ] );

	const submit = ( event: FormEvent ) => {
		event.preventDefault();
		if ( ! isDirty || isBusy ) {
			return;
		}
		const patch = voicePatch( value, saved );
		if ( ! patch ) {
			setRefusals( refusals + 1 );
			return;
		}
		setRefusals( 0 );
		run( async () => {
			await access.save( {
				patch,
				undo: reversedVoice( patch, voice, readAloud ),
				message: __(
					'Voice saved. It holds for pages that are opened from now on.',
					'docent'
				),
			} );
			discard();
		} );
	};
	const fields: VoiceFieldsProps = {
		form: value,
		abilities: voice.abilities,
		onChange: ( changes ) => change( { ...value, ...changes } ),
	};

	return (
		<form
			ref={ form }
			onSubmit={ submit }
			noValidate
			className="docent-step__form"
		>
			<ToggleControl
				__nextHasNoMarginBottom
				label={ __( 'Offer voice', 'docent' ) }
				help={ __(
					'Off: no microphone is shown anywhere, and nothing is spoken.',
					'docent'
				) }
				checked={ value.enabled }
				onChange={ ( enabled ) => fields.onChange( { enabled } ) }
			/>
			{ value.enabled && (
				<>
					<VoiceKinds { ...fields } />
					<VoiceSound { ...fields } isRefused={ refusals > 0 } />
					<VoiceRoles
						roles={ value.roles }
						isRefused={ refusals > 0 }
						onChange={ ( roles ) => fields.onChange( { roles } ) }
					/>
					<VoiceLimits { ...fields } />
					<ReadAloudFields { ...fields } />
				</>
			) }
			<CardError error={ error } />
			<SaveButtons
				isDirty={ isDirty }
				isBusy={ isBusy }
				onDiscard={ () => {
					discard();
					setRefusals( 0 );
					endMessage();
				} }
			/>
		</form>
	);
}
