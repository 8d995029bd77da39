import { errors } from 'undici';
import { describe, expect, it } from 'vitest';
import { toUpstreamError } from '../../../proxy/src/upstream/broken-call.ts';
import { UpstreamError } from '../../../proxy/src/upstream/upstream-error.ts';

const GOING_ON = new AbortController().signal;

function failing( code: string, more: object = {} ): Error {
	return Object.assign( new Error( 'connect to sk-secret' ), {
		code,
		...more,
	} );
}

describe( 'what the transport throws', () => {
	it.each( [
		[
			'no connection in time',
			new errors.ConnectTimeoutError(),
			'network',
			'network_timeout',
			true,
		],
		[
			'an unknown name',
			failing( 'ENOTFOUND', { syscall: 'getaddrinfo' } ),
			'network',
			'network_dns',
			true,
		],
		[
			'a name server that does not answer',
			failing( 'EAI_AGAIN' ),
			'network',
			'network_dns',
			true,
		],
		[
			'every address refused',
			new AggregateError( [
				failing( 'ECONNREFUSED', { syscall: 'connect' } ),
				failing( 'ENETUNREACH', { syscall: 'connect' } ),
			] ),
			'network',
			'network_refused',
			true,
		],
		[
			'a firewall',
			failing( 'EACCES', { syscall: 'connect' } ),
			'network',
			'network_refused',
			true,
		],
		[
			'an address that swallows everything',
			failing( 'ETIMEDOUT', { syscall: 'connect' } ),
			'network',
			'network_timeout',
			true,
		],
		[
			'an expired certificate',
			failing( 'CERT_HAS_EXPIRED' ),
			'network',
			'network_tls',
			true,
		],
		[
			'a certificate for another name',
			failing( 'ERR_TLS_CERT_ALTNAME_INVALID' ),
			'network',
			'network_tls',
			true,
		],
		[
			'no common version of TLS',
			new Error( 'x', {
				cause: failing( 'ERR_SSL_WRONG_VERSION_NUMBER' ),
			} ),
			'network',
			'network_tls',
			true,
		],
		[
			'silence before the head',
			new errors.HeadersTimeoutError(),
			'timeout',
			'network_timeout',
			false,
		],
		[
			'silence between two pieces',
			new errors.BodyTimeoutError(),
			'timeout',
			'network_timeout',
			false,
		],
		[
			'a reset while it went on',
			failing( 'ECONNRESET', { syscall: 'read' } ),
			'cut',
			'provider_cut',
			false,
		],
		[
			'a socket that ended',
			new errors.SocketError( 'other side closed' ),
			'cut',
			'provider_cut',
			false,
		],
		[
			'headers without end',
			new errors.HeadersOverflowError(),
			'garbage',
			'provider_garbage',
			false,
		],
		[
			'a request that cannot be written',
			new errors.InvalidArgumentError( 'invalid authorization header' ),
			'refused',
			'provider_rejected',
			true,
		],
		[ 'what is no error at all', 'oops', 'cut', 'provider_cut', false ],
	] as Array< [ string, unknown, string, string, boolean ] > )(
		'%s is told apart',
		( _, thrown, kind, code, isUnbilled ) => {
			const error = toUpstreamError( thrown, { signal: GOING_ON } );
			expect( [ error.kind, error.code, error.isUnbilled ] ).toEqual( [
				kind,
				code,
				isUnbilled,
			] );
			expect( error.message ).not.toContain( 'sk-secret' );
		}
	);

	it( 'after a stop is a stop, or what the stop itself names as its reason', () => {
		const stopped = toUpstreamError( failing( 'ECONNREFUSED' ), {
			signal: AbortSignal.abort(),
		} );
		expect( [ stopped.kind, stopped.code ] ).toEqual( [
			'aborted',
			undefined,
		] );
		const reason = new UpstreamError( 'timeout', 'the turn took too long' );
		expect(
			toUpstreamError( failing( 'X' ), {
				signal: AbortSignal.abort( reason ),
			} )
		).toBe( reason );
	} );
} );
