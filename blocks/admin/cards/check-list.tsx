/**
 * Lists what the connection test found: a word, a shape and a colour for each state, and what to do about it.
 */
import { Icon } from '@wordpress/components';
import { __ } from '@wordpress/i18n';
import {
	cancelCircleFilled,
	caution,
	check as checkIcon,
} from '@wordpress/icons';
import type { Check } from '../types.ts';

/** Renders the checks in the order they were made. */
export function CheckList( { checks }: { checks: Check[] } ) {
	return (
		<ul className="docent-checks">
			{ checks.map( ( check ) => (
				<li
					key={ check.id }
					className="docent-checks__item"
					data-status={ check.status }
				>
					<Icon icon={ icons[ check.status ] } size={ 24 } />
					<div>
						<strong className="docent-checks__status">
							{ statusWord( check.status ) }
						</strong>{ ' ' }
						{ check.message }
						{ check.remedy && (
							<p className="docent-checks__remedy">
								{ check.remedy }
							</p>
						) }
					</div>
				</li>
			) ) }
		</ul>
	);
}

const icons = {
	ok: checkIcon,
	warning: caution,
	error: cancelCircleFilled,
};

function statusWord( status: Check[ 'status' ] ): string {
	switch ( status ) {
		case 'ok':
			return __( 'Good:', 'docent' );
		case 'warning':
			return __( 'Attention:', 'docent' );
		case 'error':
			return __( 'Problem:', 'docent' );
	}
}
