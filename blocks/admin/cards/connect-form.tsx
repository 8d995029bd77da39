/**
 * Takes the connection string and says what is wrong with it before anything is sent.
 */
import { Button, TextControl } from '@wordpress/components';
import { useRef, useState } from '@wordpress/element';
import { __, sprintf } from '@wordpress/i18n';
import type { FormEvent } from 'react';
import { connect } from '../api.ts';
import {
	parseConnectionString,
	type ConnectionProblem,
} from '../connection-string.ts';
import { useAction } from '../use-action.ts';
import type { SettingsAccess } from '../use-settings.ts';
import { CardError } from './step-card.tsx';

/** Renders the field for the connection string. */
export function ConnectForm( {
	access,
	isNext,
}: {
	access: SettingsAccess;
	isNext: boolean;
} ) {
	const [ pasted, setPasted ] = useState( '' );
	const [ wasSent, setWasSent ] = useState( false );
	const { run, isBusy, error, forget } = useAction();
	const field = useRef< HTMLInputElement >( null );
	const parsed = parseConnectionString( pasted );

	const change = ( text: string ) => {
		setPasted( text );
		setWasSent( false );
		forget();
	};
	const submit = ( event: FormEvent ) => {
		event.preventDefault();
		setWasSent( true );
		if ( isBusy ) {
			return;
		}
		if ( parsed.isValid ) {
			run( async () =>
				access.replace(
					await connect( pasted.trim() ),
					__( 'Connected.', 'docent' )
				)
			);
		} else {
			field.current?.focus();
		}
	};

	const problem =
		! parsed.isValid && ( wasSent || parsed.problem !== 'empty' )
			? problemSentence( parsed.problem )
			: undefined;
	return (
		<form onSubmit={ submit } noValidate className="docent-step__form">
			<TextControl
				ref={ field }
				__next40pxDefaultSize
				__nextHasNoMarginBottom
				className="docent-field--code"
				label={ __( 'Connection string', 'docent' ) }
				help={
					problem ? (
						<span className="docent-field__problem">
							{ problem }
						</span>
					) : (
						hint( parsed )
					)
				}
				type="password"
				autoComplete="off"
				spellCheck={ false }
				aria-invalid={ problem !== undefined }
				value={ pasted }
				onChange={ change }
				disabled={ isBusy }
			/>
			<CardError error={ error } />
			<div className="docent-step__actions">
				<Button
					__next40pxDefaultSize
					accessibleWhenDisabled
					type="submit"
					variant={ isNext ? 'primary' : 'secondary' }
					isBusy={ isBusy }
					disabled={ isBusy }
				>
					{ isBusy
						? __( 'Connecting…', 'docent' )
						: __( 'Connect', 'docent' ) }
				</Button>
			</div>
		</form>
	);
}

function hint( parsed: ReturnType< typeof parseConnectionString > ): string {
	return parsed.isValid
		? sprintf(
				/* translators: 1: name of the site at the proxy, 2: address of the proxy. */
				__( 'Connects this site as “%1$s” to %2$s.', 'docent' ),
				parsed.siteId,
				parsed.proxyUrl
			)
		: __(
				'Paste the string that whoever runs the proxy gave you. It begins with docent+https:// and is kept on this server only.',
				'docent'
			);
}

function problemSentence( problem: ConnectionProblem ): string {
	switch ( problem ) {
		case 'empty':
			return __( 'Paste the connection string first.', 'docent' );
		case 'form':
			return __(
				'This is not a connection string. It looks like docent+https://site:secret@proxy.example.com; copy it again as a whole.',
				'docent'
			);
		case 'site-id':
			return __(
				'The name of the site in it is not valid: 3 to 64 lowercase letters, digits or hyphens. Copy the string again.',
				'docent'
			);
		case 'secret':
			return __(
				'The secret in it is too short or incomplete. Copy the string again as a whole.',
				'docent'
			);
		case 'insecure':
			return __(
				'Without https the secret would travel unprotected. Ask for a string that begins with docent+https://.',
				'docent'
			);
	}
}
