/**
 * Puts the operator's routes together: on the public port for those who prove who they are, on a port of their own for everybody who reaches it.
 */
import { Hono } from 'hono';
import { asDocentError, DocentError, errorBody } from '../errors.ts';
import { operatorAuth } from '../middleware/operator-auth.ts';
import {
	requestContext,
	type AppVariables,
} from '../middleware/request-context.ts';
import type { Services } from '../services.ts';
import { createHealthRoutes } from './health.ts';
import { createMetricsRoute } from './metrics.ts';

/** Makes the operator's routes of the public port. A local health check needs no token; the figures do, once there is one. */
export function createOperatorRoutes(
	services: Services
): Hono< AppVariables > {
	const { operatorToken } = services.config;
	return new Hono< AppVariables >()
		.use(
			'/health/*',
			operatorAuth( operatorToken, { isLoopbackEnough: true } )
		)
		.use(
			'/metrics',
			operatorAuth( operatorToken, { isLoopbackEnough: false } )
		)
		.route( '/', createHealthRoutes( services ) )
		.route( '/', createMetricsRoute( services ) );
}

/** Makes the application of the operator's own port (`DOCENT_OPERATOR_PORT`), which only the operator's network may reach. */
export function createOperatorApp( services: Services ): Hono< AppVariables > {
	const app = new Hono< AppVariables >();
	app.use( requestContext( [] ) );
	app.route( '/', createHealthRoutes( services ) );
	app.route( '/', createMetricsRoute( services ) );
	app.notFound( () => {
		throw new DocentError(
			'not_found',
			'There is nothing at this address.'
		);
	} );
	app.onError( ( error, c ) => {
		const known = asDocentError( error );
		return c.json( errorBody( known, c.var.requestId ), known.status );
	} );
	return app;
}
