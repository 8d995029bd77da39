/**
 * The provider's SDK on our connection pool, with requests built once rather than anew for every call.
 */
import OpenAI, { type ClientOptions } from 'openai';

type BuildRequest = OpenAI[ 'buildRequest' ];

/**
 * Sends the same headers with every JSON call. The SDK's own builder checks and merges them from six places each time, which takes longer than
 * sending the call; its documentation allows a complete replacement like this one. Everything but JSON goes the SDK's way.
 */
export class PooledOpenAI extends OpenAI {
	readonly #headers: Headers;

	constructor( options: ClientOptions & { apiKey: string } ) {
		super( options );
		this.#headers = new Headers( {
			accept: 'application/json',
			authorization: `Bearer ${ options.apiKey }`,
			'content-type': 'application/json',
			'user-agent': 'docent-proxy',
		} );
	}

	override buildRequest(
		...[ options, retry ]: Parameters< BuildRequest >
	): ReturnType< BuildRequest > {
		if ( options.method !== 'post' || options.query ) {
			return super.buildRequest( options, retry );
		}
		return Promise.resolve( {
			url: this.baseURL + options.path,
			timeout: options.timeout ?? this.timeout,
			req: {
				method: 'post',
				headers: this.#headers,
				body: JSON.stringify( options.body ),
				...( options.signal ? { signal: options.signal } : {} ),
			},
		} );
	}
}
