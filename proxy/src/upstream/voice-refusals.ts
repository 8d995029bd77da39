/**
 * Makes the errors of voice calls that are not sent at all. Nothing is billed.
 */
import type { Model } from '../models/catalog.ts';
import { UpstreamError } from './upstream-error.ts';

/** Says that a model is called by a route that cannot do what was asked. */
export function notCalledSo( { id, api }: Model ): UpstreamError {
	return new UpstreamError(
		'refused',
		`the model ${ id } is called by "${ api }" and cannot do this`,
		{ wasNeverSent: true }
	);
}

/** Says that a model does not take a recording of this kind. */
export function notHeard( mimeType: string ): UpstreamError {
	return new UpstreamError(
		'refused',
		`chat models do not take recordings of type ${ mimeType }`,
		{ wasNeverSent: true }
	);
}
