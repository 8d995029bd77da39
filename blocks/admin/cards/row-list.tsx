/**
 * Edits a list row by row: add, order, remove, and take a removal back. The focus stays where the person works.
 */
import { Button } from '@wordpress/components';
import { useEffect, useId, useRef } from '@wordpress/element';
import { __ } from '@wordpress/i18n';
import { chevronDown, chevronUp, trash } from '@wordpress/icons';
import type { ReactNode } from 'react';
import { changeRow, moveRow, removeRow, restoreRow } from '../models/list.ts';
import { useMessages } from '../use-messages.ts';

interface RowListProps< Row > {
	title: string;
	/** What the list is for; shown while it is empty too. */
	description: string;
	rows: Row[];
	onChange: ( rows: Row[] ) => void;
	/** The row that the button adds; undefined when there is no room for another. */
	newRow: Row | undefined;
	words: {
		add: string;
		empty: string;
		/** Says which row a button removes or moves. */
		remove: ( row: Row, index: number ) => string;
		moveUp?: ( index: number ) => string;
		moveDown?: ( index: number ) => string;
		removed: string;
	};
	/** Renders the fields of a row. */
	children: (
		row: Row,
		index: number,
		change: ( row: Row ) => void
	) => ReactNode;
}

/** What takes the focus after a change: a control of a row, or the button that adds one. */
type Focus = { index: number; control: 'field' | 'up' | 'down' } | 'add';

/** Renders the list, or what it would be good for. */
export function RowList< Row >( props: RowListProps< Row > ) {
	const { title, description, rows, onChange, newRow, words, children } =
		props;
	const id = useId();
	const group = useRef< HTMLDivElement >( null );
	const nextFocus = useRef< Focus >();
	const sayDone = useMessages();
	// A removal is taken back later, in the list as it is then.
	const latest = useRef( props );
	latest.current = props;

	useEffect( () => {
		if ( nextFocus.current ) {
			focusOn( group.current, nextFocus.current );
			nextFocus.current = undefined;
		}
	}, [ rows ] );

	const change = ( next: Row[], focus: Focus ) => {
		nextFocus.current = focus;
		latest.current.onChange( next );
	};
	const remove = ( row: Row, index: number ) => {
		const left = rows.length - 1;
		change(
			removeRow( rows, index ),
			left === 0
				? 'add'
				: { index: Math.min( index, left - 1 ), control: 'field' }
		);
		sayDone( words.removed, async () =>
			change( restoreRow( latest.current.rows, index, row ), {
				index: Math.min( index, latest.current.rows.length ),
				control: 'field',
			} )
		);
	};

	return (
		<div
			ref={ group }
			className="docent-group"
			role="group"
			aria-labelledby={ id }
		>
			<h3 id={ id } className="docent-group__title">
				{ title }
			</h3>
			<p className="docent-step__note">{ description }</p>
			{ rows.length === 0 ? (
				<p className="docent-rows__empty">{ words.empty }</p>
			) : (
				<ol className="docent-rows">
					{ rows.map( ( row, index ) => (
						<li key={ index } className="docent-rows__row">
							{ children( row, index, ( next ) =>
								onChange( changeRow( rows, index, next ) )
							) }
							<div className="docent-rows__tools">
								{ words.moveUp && rows.length > 1 && (
									<Button
										__next40pxDefaultSize
										accessibleWhenDisabled
										data-control="up"
										icon={ chevronUp }
										label={ words.moveUp( index ) }
										disabled={ index === 0 }
										onClick={ () =>
											change(
												moveRow( rows, index, -1 ),
												{
													index: index - 1,
													control: 'up',
												}
											)
										}
									/>
								) }
								{ words.moveDown && rows.length > 1 && (
									<Button
										__next40pxDefaultSize
										accessibleWhenDisabled
										data-control="down"
										icon={ chevronDown }
										label={ words.moveDown( index ) }
										disabled={ index === rows.length - 1 }
										onClick={ () =>
											change( moveRow( rows, index, 1 ), {
												index: index + 1,
												control: 'down',
											} )
										}
									/>
								) }
								<Button
									__next40pxDefaultSize
									icon={ trash }
									label={ words.remove( row, index ) }
									onClick={ () => remove( row, index ) }
								/>
							</div>
						</li>
					) ) }
				</ol>
			) }
			{ newRow === undefined ? (
				<p className="docent-step__note">
					{ __( 'There is no room for more.', 'docent' ) }
				</p>
			) : (
				<div>
					<Button
						__next40pxDefaultSize
						variant="secondary"
						data-control="add"
						onClick={ () =>
							change( [ ...rows, newRow ], {
								index: rows.length,
								control: 'field',
							} )
						}
					>
						{ words.add }
					</Button>
				</div>
			) }
		</div>
	);
}

function focusOn( group: HTMLElement | null, focus: Focus ): void {
	const scope =
		focus === 'add'
			? group
			: group?.querySelectorAll( '.docent-rows__row' )[ focus.index ];
	const selector =
		focus !== 'add' && focus.control === 'field'
			? 'input, select'
			: `[data-control="${ focus === 'add' ? focus : focus.control }"]`;
	scope?.querySelector< HTMLElement >( selector )?.focus();
}
