/**
 * Draws the frame every card of the settings page shares.
 */
import {
	Button,
	Card,
	CardBody,
	CardHeader,
	Icon,
	Notice,
} from '@wordpress/components';
import { useId } from '@wordpress/element';
import { __, sprintf } from '@wordpress/i18n';
import { check } from '@wordpress/icons';
import type { ReactNode, Ref } from 'react';

interface StepCardProps {
	step: number;
	title: string;
	/** A sentence under the title. */
	description: string;
	isDone?: boolean;
	/** A card that waits shows its title only. */
	isWaiting?: boolean;
	/** Where the focus goes when what had it is gone. */
	headingRef?: Ref< HTMLHeadingElement >;
	children?: ReactNode;
}

/** Renders a numbered card with a heading. */
export function StepCard( {
	step,
	title,
	description,
	isDone = false,
	isWaiting = false,
	headingRef,
	children,
}: StepCardProps ) {
	const id = useId();
	const state = isDone ? 'done' : 'open';
	return (
		<section
			className="docent-step"
			aria-labelledby={ id }
			data-state={ isWaiting ? 'waiting' : state }
		>
			<Card>
				<CardHeader className="docent-step__header">
					<span className="docent-step__number" aria-hidden="true">
						{ isDone ? <Icon icon={ check } size={ 20 } /> : step }
					</span>
					<div>
						<h2
							ref={ headingRef ?? null }
							id={ id }
							className="docent-step__title"
							tabIndex={ -1 }
						>
							<span className="screen-reader-text">
								{ isDone
									? sprintf(
											/* translators: %d: number of the step. */
											__( 'Step %d, done:', 'docent' ),
											step
										)
									: sprintf(
											/* translators: %d: number of the step. */
											__( 'Step %d:', 'docent' ),
											step
										) }{ ' ' }
							</span>
							{ title }
						</h2>
						<p className="docent-step__description">
							{ description }
						</p>
					</div>
				</CardHeader>
				{ ! isWaiting && (
					<CardBody className="docent-step__body">
						{ children }
					</CardBody>
				) }
			</Card>
		</section>
	);
}

/** Renders what went wrong in a card. */
export function CardError( {
	error,
	onRetry,
}: {
	error: string | undefined;
	onRetry?: () => void;
} ) {
	if ( error === undefined ) {
		return null;
	}
	return (
		<Notice status="error" isDismissible={ false }>
			<p>{ error }</p>
			{ onRetry && (
				<Button
					__next40pxDefaultSize
					variant="secondary"
					onClick={ onRetry }
				>
					{ __( 'Try again', 'docent' ) }
				</Button>
			) }
		</Notice>
	);
}

/** Renders the buttons that save or drop what was changed in a card. */
export function SaveButtons( {
	isDirty,
	isBusy,
	onDiscard,
}: {
	isDirty: boolean;
	isBusy: boolean;
	onDiscard: () => void;
} ) {
	return (
		<div className="docent-step__actions">
			<Button
				__next40pxDefaultSize
				accessibleWhenDisabled
				type="submit"
				variant={ isDirty ? 'primary' : 'secondary' }
				disabled={ ! isDirty || isBusy }
				isBusy={ isBusy }
			>
				{ isBusy ? __( 'Saving…', 'docent' ) : __( 'Save', 'docent' ) }
			</Button>
			{ isDirty && ! isBusy && (
				<Button
					__next40pxDefaultSize
					variant="tertiary"
					onClick={ onDiscard }
				>
					{ __( 'Discard changes', 'docent' ) }
				</Button>
			) }
		</div>
	);
}
