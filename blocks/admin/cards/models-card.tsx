/**
 * Chooses which class of models answers which question.
 */
import { useEffect, useRef, useState } from '@wordpress/element';
import { __ } from '@wordpress/i18n';
import type { FormEvent } from 'react';
import { reversed, routingForm, routingPatch } from '../models/routing-form.ts';
import type { SetupStep } from '../setup-steps.ts';
import type { Routing } from '../types.ts';
import { useAction } from '../use-action.ts';
import { useDraft } from '../use-draft.ts';
import { useMessageEnd } from '../use-messages.ts';
import type { SettingsAccess } from '../use-settings.ts';
import { DecisionFields } from './decision-fields.tsx';
import { LanguageList } from './language-list.tsx';
import { ProxyAway } from './proxy-away.tsx';
import { RuleList } from './rule-list.tsx';
import { CardError, SaveButtons, StepCard } from './step-card.tsx';
import { TierFields, TierStandIns } from './tier-fields.tsx';

/** Renders the fifth card. */
export function ModelsCard( {
	access,
	next,
}: {
	access: SettingsAccess;
	next: SetupStep | undefined;
} ) {
	const { routing, limitsError } = access.settings;
	return (
		<StepCard
			step={ 5 }
			title={ __( 'Models', 'docent' ) }
			description={ __(
				'Each question goes to the cheapest class of models that is good enough for it. Here you say how far that may go. Which models are in a class is set at the proxy.',
				'docent'
			) }
			isWaiting={ next === 'connect' }
		>
			{ routing === null ? (
				<ProxyAway
					access={ access }
					error={
						limitsError ??
						__(
							'This proxy and this plugin do not understand each other about models. Update both to the same version.',
							'docent'
						)
					}
					note={ __(
						'The proxy keeps the choice of models, and it holds although it cannot be shown now.',
						'docent'
					) }
				/>
			) : (
				<Form access={ access } routing={ routing } />
			) }
		</StepCard>
	);
}

function Form( {
	access,
	routing,
}: {
	access: SettingsAccess;
	routing: Routing;
} ) {
	const form = useRef< HTMLFormElement >( null );
	const { value, isDirty, change, discard } = useDraft(
		routingForm( routing )
	);
	const { run, isBusy, error } = useAction();
	const endMessage = useMessageEnd();
	// How often saving failed for what is in the fields. A new row is no mistake before.
	const [ refusals, setRefusals ] = useState( 0 );
	const isRefused = refusals > 0;
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
		const patch = routingPatch( value, routing );
		if ( ! patch ) {
			setRefusals( refusals + 1 );
			return;
		}
		setRefusals( 0 );
		run( async () => {
			await access.save( {
				patch: { routing: patch },
				undo: { routing: reversed( patch, routing ) },
				message: __(
					'Models saved. The choice holds from the next question on.',
					'docent'
				),
			} );
			discard();
		} );
	};

	return (
		<form
			ref={ form }
			onSubmit={ submit }
			noValidate
			className="docent-step__form"
		>
			<TierFields form={ value } onChange={ change } />
			<RuleList
				rules={ value.rules }
				isRefused={ isRefused }
				onChange={ ( rules ) => change( { ...value, rules } ) }
			/>
			<LanguageList
				languages={ value.languages }
				isRefused={ isRefused }
				onChange={ ( languages ) => change( { ...value, languages } ) }
			/>
			<TierStandIns form={ value } />
			<DecisionFields form={ value } onChange={ change } />
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
