/**
 * Asks before something that cannot simply be taken back.
 */
import { Button, Modal } from '@wordpress/components';
import { __ } from '@wordpress/i18n';
import type { ReactNode } from 'react';
import { CardError } from './step-card.tsx';

interface ConfirmationProps {
	title: string;
	/** The verb on the button. */
	action: string;
	isBusy: boolean;
	error: string | undefined;
	onConfirm: () => void;
	onCancel: () => void;
	children: ReactNode;
}

/** Renders a question in a dialog. */
export function Confirmation( {
	title,
	action,
	isBusy,
	error,
	onConfirm,
	onCancel,
	children,
}: ConfirmationProps ) {
	return (
		<Modal title={ title } size="small" onRequestClose={ onCancel }>
			<p>{ children }</p>
			<CardError error={ error } />
			<div className="docent-step__actions docent-step__actions--end">
				<Button
					__next40pxDefaultSize
					variant="tertiary"
					onClick={ onCancel }
				>
					{ __( 'Cancel', 'docent' ) }
				</Button>
				<Button
					__next40pxDefaultSize
					accessibleWhenDisabled
					isDestructive
					variant="primary"
					isBusy={ isBusy }
					disabled={ isBusy }
					onClick={ onConfirm }
				>
					{ action }
				</Button>
			</div>
		</Modal>
	);
}
