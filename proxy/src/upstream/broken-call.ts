/**
 * Turns what the transport throws into errors that the rest of the proxy can act on.
 */
import type { FailureCode } from './diagnosis.ts';
import { UpstreamError } from './upstream-error.ts';

/** Codes of the transport for failures before a request can have been read. */
const BEFORE_REQUEST: Readonly< Record< string, FailureCode > > = {
	ENOTFOUND: 'network_dns',
	EAI_AGAIN: 'network_dns',
	EAI_FAIL: 'network_dns',
	EAI_NODATA: 'network_dns',
	EAI_NONAME: 'network_dns',
	ECONNREFUSED: 'network_refused',
	EHOSTUNREACH: 'network_refused',
	ENETUNREACH: 'network_refused',
	EADDRNOTAVAIL: 'network_refused',
	UND_ERR_CONNECT_TIMEOUT: 'network_timeout',
	EPROTO: 'network_tls',
	CERT_HAS_EXPIRED: 'network_tls',
	CERT_NOT_YET_VALID: 'network_tls',
	CERT_REVOKED: 'network_tls',
	CERT_UNTRUSTED: 'network_tls',
	DEPTH_ZERO_SELF_SIGNED_CERT: 'network_tls',
	SELF_SIGNED_CERT_IN_CHAIN: 'network_tls',
	UNABLE_TO_GET_ISSUER_CERT: 'network_tls',
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'network_tls',
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'network_tls',
	HOSTNAME_MISMATCH: 'network_tls',
};

const SAID: Partial< Record< FailureCode, string > > = {
	network_dns: 'the host of the provider is not known',
	network_refused: 'the provider could not be reached',
	network_timeout: 'no connection to the provider came about in time',
	network_tls: 'the certificate of the provider was not accepted',
	network_proxy: 'the web proxy did not pass the request on',
};

/** Turns whatever a call threw into an {@link UpstreamError}. `isProxied` says that a web proxy opens the connections. */
export function toUpstreamError(
	error: unknown,
	{ signal, isProxied = false }: { signal: AbortSignal; isProxied?: boolean }
): UpstreamError {
	if ( error instanceof UpstreamError ) {
		return error;
	}
	if ( signal.aborted ) {
		return signal.reason instanceof UpstreamError
			? signal.reason
			: new UpstreamError( 'aborted', 'the call was stopped', {
					cause: error,
				} );
	}
	const before = codeBeforeRequest( error );
	if ( before || ( isProxied && isTunnelFailure( error ) ) ) {
		const code = isProxied || ! before ? 'network_proxy' : before;
		return new UpstreamError(
			'network',
			SAID[ code ] ?? 'the provider could not be reached',
			{ cause: error, code }
		);
	}
	const code = codeOf( error );
	if (
		code === 'UND_ERR_HEADERS_TIMEOUT' ||
		code === 'UND_ERR_BODY_TIMEOUT' ||
		code === 'ETIMEDOUT'
	) {
		return new UpstreamError(
			'timeout',
			'the provider did not answer in time',
			{ cause: error }
		);
	}
	if ( code === 'UND_ERR_INVALID_ARG' ) {
		// Never the transport's own words: they quote the header that it did not take.
		return new UpstreamError(
			'refused',
			'the request could not be written',
			{ wasNeverSent: true }
		);
	}
	if (
		code === 'UND_ERR_HEADERS_OVERFLOW' ||
		( error instanceof Error && error.name === 'HTTPParserError' )
	) {
		return new UpstreamError(
			'garbage',
			'the provider sent what is not HTTP',
			{ cause: error }
		);
	}
	return new UpstreamError( 'cut', 'the provider broke off', {
		cause: error,
	} );
}

function codeBeforeRequest( error: unknown ): FailureCode | undefined {
	for ( const one of chainOf( error ) ) {
		const code = String( codeOf( one ) );
		const known = BEFORE_REQUEST[ code ];
		if ( known ) {
			return known;
		}
		if ( /^ERR_(TLS|SSL)_/.test( code ) ) {
			return 'network_tls';
		}
		if ( ( one as NodeJS.ErrnoException ).syscall === 'connect' ) {
			return code === 'ETIMEDOUT' ? 'network_timeout' : 'network_refused';
		}
	}
	return undefined;
}

/** The pool says it in words only when a web proxy answers CONNECT with anything but 200. */
function isTunnelFailure( error: unknown ): boolean {
	return chainOf( error ).some( ( { message } ) =>
		/HTTP Tunneling|Proxy response/i.test( message )
	);
}

/** An error with its causes, and with the parts of one that stands for several tries. */
function chainOf( error: unknown ): Error[] {
	const chain: Error[] = [];
	const add = ( one: unknown ) => {
		if ( one instanceof Error && chain.length < 20 ) {
			chain.push( one );
			if ( one instanceof AggregateError ) {
				one.errors.forEach( add );
			}
			add( one.cause );
		}
	};
	add( error );
	return chain;
}

function codeOf( error: unknown ): unknown {
	return error instanceof Error && 'code' in error ? error.code : undefined;
}
