/**
 * Chooses the content types the assistant may answer from.
 */
import { CheckboxControl } from '@wordpress/components';
import { __, _n, sprintf } from '@wordpress/i18n';
import type { FormEvent } from 'react';
import type { SetupStep } from '../setup-steps.ts';
import { useAction } from '../use-action.ts';
import { useDraft } from '../use-draft.ts';
import type { SettingsAccess } from '../use-settings.ts';
import { CardError, SaveButtons, StepCard } from './step-card.tsx';

/** Renders the second card. */
export function ContentCard( {
	access,
	next,
}: {
	access: SettingsAccess;
	next: SetupStep | undefined;
} ) {
	const { contentTypes } = access.settings;
	const saved = contentTypes
		.filter( ( { isSelected } ) => isSelected )
		.map( ( { name } ) => name );
	const draft = useDraft( saved );
	const { run, isBusy, error } = useAction();

	const toggle = ( name: string, isSelected: boolean ) =>
		// In the order of the list, so that a change and its reverse are no change.
		draft.change(
			contentTypes
				.map( ( type ) => type.name )
				.filter( ( other ) =>
					other === name ? isSelected : draft.value.includes( other )
				)
		);
	const submit = ( event: FormEvent ) => {
		event.preventDefault();
		if ( ! draft.isDirty || isBusy ) {
			return;
		}
		run( async () => {
			await access.save( {
				patch: { contentTypes: draft.value },
				undo: { contentTypes: saved },
				message: __(
					'Content types saved. The change is sent in the background; sync to send it now.',
					'docent'
				),
			} );
			draft.discard();
		} );
	};

	return (
		<StepCard
			step={ 2 }
			title={ __( 'Choose content', 'docent' ) }
			description={ __(
				'The assistant answers only from published, public content of these types. Drafts, private and password-protected content and comments are never sent.',
				'docent'
			) }
			isDone={ saved.length > 0 && next !== 'connect' }
			isWaiting={ next === 'connect' }
		>
			<form onSubmit={ submit } className="docent-step__form">
				<fieldset className="docent-choices">
					<legend className="screen-reader-text">
						{ __( 'Content types', 'docent' ) }
					</legend>
					{ contentTypes.map( ( { name, label, count } ) => (
						<CheckboxControl
							__nextHasNoMarginBottom
							key={ name }
							label={ label }
							help={ sprintf(
								/* translators: %s: number of published entries. */
								_n(
									'%s published',
									'%s published',
									count,
									'docent'
								),
								count.toLocaleString()
							) }
							checked={ draft.value.includes( name ) }
							onChange={ ( isSelected ) =>
								toggle( name, isSelected )
							}
						/>
					) ) }
					{ contentTypes.length === 0 && (
						<p>
							{ __(
								'This site has no public content types. Activate the plugin or theme that brings them, then reload this page.',
								'docent'
							) }
						</p>
					) }
				</fieldset>
				<CardError error={ error } />
				<SaveButtons
					isDirty={ draft.isDirty }
					isBusy={ isBusy }
					onDiscard={ draft.discard }
				/>
			</form>
		</StepCard>
	);
}
